// What a plugin may ask the host for. A function is imported where it is called; what the host refuses is a *HostError.
package main

import (
	"strings"
	"unsafe"
)

// HostError is what the host refuses: its code is "denied", "not_found", "invalid", ..
type HostError struct{ Code, Message string }

func (e *HostError) Error() string { return e.Code + ": " + e.Message }

// Code answers with the code of a HostError, and with nothing for any other error.
func Code(err error) string {
	if refused, is := err.(*HostError); is {
		return refused.Code
	}
	return ""
}

// How the host answers: whether it refuses, then a value or the error; what has 64 bits, and the error beside it, lies one
// word further back. The array of no length makes it lie as 64 bits want it.
type hostReply struct {
	_                   [0]uint64
	refused, a, b, c, d uint32
	e                   uint32
}

var reply hostReply

func (r *hostReply) at() unsafe.Pointer { return unsafe.Pointer(r) }

func (r *hostReply) err() error {
	if r.refused&0xff == 0 {
		return nil
	}
	return &HostError{text{r.a, r.b}.take(), text{r.c, r.d}.take()}
}

func (r *hostReply) text() (string, error) {
	if err := r.err(); err != nil {
		return "", err
	}
	return text{r.a, r.b}.take(), nil
}

func (r *hostReply) bytes() ([]byte, error) {
	bytes, err := r.text()
	return []byte(bytes), err
}

func (r *hostReply) integer() (int64, error) {
	if r.refused&0xff != 0 {
		return 0, &HostError{text{r.b, r.c}.take(), text{r.d, r.e}.take()}
	}
	return int64(text{r.b, r.c}.bits()), nil
}

// --- the log

// Level is how loud a line of the log is.
type Level uint32

const (
	Debug Level = iota
	Info
	Warn
	Error
)

// Pair is a name and a value: a header, or a fact beside a line of the log.
type Pair struct{ Name, Value string }

func lowerPairs(pairs []Pair) text {
	raw := make([][2]text, len(pairs))
	for i, pair := range pairs {
		raw[i] = [2]text{give(pair.Name), give(pair.Value)}
	}
	return list(raw)
}

//go:wasmimport tinybase:plugin/log@0.1.0 log
func hostLog(level uint32, message string, facts unsafe.Pointer, count uint32)

// Log writes to the plugin's own log.
func Log(level Level, message string, facts ...Pair) {
	pairs := lowerPairs(facts)
	hostLog(uint32(level), message, pairs.pointer(), pairs.l)
}

// --- records

//go:wasmimport tinybase:plugin/records@0.1.0 get
func hostRecordsGet(collection, id string, reply unsafe.Pointer)

//go:wasmimport tinybase:plugin/records@0.1.0 find
func hostRecordsFind(collection, filter, sort string, limit uint32, reply unsafe.Pointer)

//go:wasmimport tinybase:plugin/records@0.1.0 count
func hostRecordsCount(collection, filter string, reply unsafe.Pointer)

//go:wasmimport tinybase:plugin/records@0.1.0 create
func hostRecordsCreate(collection string, fields unsafe.Pointer, count uint32, reply unsafe.Pointer)

//go:wasmimport tinybase:plugin/records@0.1.0 update
func hostRecordsUpdate(collection, id string, fields unsafe.Pointer, count uint32, reply unsafe.Pointer)

//go:wasmimport tinybase:plugin/records@0.1.0 delete
func hostRecordsDelete(collection, id string, reply unsafe.Pointer)

type records struct{}

// Records are those of the tenant, within what an admin granted.
var Records records

// Get answers with one record.
func (records) Get(collection, id string) (*Record, error) {
	hostRecordsGet(collection, id, reply.at())
	if err := reply.err(); err != nil {
		return nil, err
	}
	return lift(text{reply.a, reply.b}), nil
}

// Find answers with those that match filter (empty for all; texts go in by Quote), ordered by sort ("-created,title"), at
// most limit (1 to 500).
func (records) Find(collection, filter, sort string, limit uint32) ([]*Record, error) {
	hostRecordsFind(collection, filter, sort, limit, reply.at())
	if err := reply.err(); err != nil {
		return nil, err
	}
	found := make([]*Record, 0, reply.b)
	if reply.b > 0 {
		for _, record := range unsafe.Slice((*text)(text{reply.a, reply.b}.pointer()), reply.b) {
			found = append(found, lift(record))
		}
	}
	return found, nil
}

// Count answers with how many match filter.
func (records) Count(collection, filter string) (int64, error) {
	hostRecordsCount(collection, filter, reply.at())
	return reply.integer()
}

// Create creates a record and answers with its id.
func (records) Create(collection string, draft []Field) (string, error) {
	fields := lower(draft)
	hostRecordsCreate(collection, fields.pointer(), fields.l, reply.at())
	return reply.text()
}

// Update changes these fields of a record.
func (records) Update(collection, id string, changes []Field) error {
	fields := lower(changes)
	hostRecordsUpdate(collection, id, fields.pointer(), fields.l, reply.at())
	return reply.err()
}

// Delete deletes a record.
func (records) Delete(collection, id string) error {
	hostRecordsDelete(collection, id, reply.at())
	return reply.err()
}

// Quote makes a literal of the rule language of a text.
func Quote(text string) string {
	return "'" + strings.NewReplacer("\\", "\\\\", "'", "\\'").Replace(text) + "'"
}

// --- the plugin's own store

//go:wasmimport tinybase:plugin/kv@0.1.0 get
func hostKVGet(key string, reply unsafe.Pointer)

//go:wasmimport tinybase:plugin/kv@0.1.0 set
func hostKVSet(key, value string, ttlMs uint64, reply unsafe.Pointer)

//go:wasmimport tinybase:plugin/kv@0.1.0 increment
func hostKVIncrement(key string, delta int64, reply unsafe.Pointer)

//go:wasmimport tinybase:plugin/kv@0.1.0 delete
func hostKVDelete(key string, reply unsafe.Pointer)

type kv struct{}

// KV is a small store of the plugin's own.
var KV kv

// Get answers with the value of a key, and whether there is one.
func (kv) Get(key string) (value []byte, there bool, err error) {
	hostKVGet(key, reply.at())
	if err := reply.err(); err != nil {
		return nil, false, err
	}
	if reply.a&0xff == 0 {
		return nil, false, nil
	}
	return []byte(text{reply.b, reply.c}.take()), true, nil
}

// Set keeps a value for so many milliseconds, or with 0 until it is deleted.
func (kv) Set(key string, value []byte, ttlMs uint64) error {
	hostKVSet(key, string(value), ttlMs, reply.at())
	return reply.err()
}

// Increment adds to an integer, 0 where there is none, and answers with the sum.
func (kv) Increment(key string, delta int64) (int64, error) {
	hostKVIncrement(key, delta, reply.at())
	return reply.integer()
}

// Delete deletes a key.
func (kv) Delete(key string) error {
	hostKVDelete(key, reply.at())
	return reply.err()
}

// --- time and chance

//go:wasmimport tinybase:plugin/clock@0.1.0 now-ms
func hostNowMs(reply unsafe.Pointer)

//go:wasmimport tinybase:plugin/random@0.1.0 bytes
func hostRandomBytes(length uint32, reply unsafe.Pointer)

// NowMs answers with milliseconds since 1970, now; the clock of package time stands still.
func NowMs() (int64, error) {
	hostNowMs(reply.at())
	return reply.integer()
}

// RandomBytes answers with 1 to 65536 bytes that nobody can foresee; those of package math/rand are the same in every call.
func RandomBytes(length uint32) ([]byte, error) {
	hostRandomBytes(length, reply.at())
	return reply.bytes()
}

// --- other servers

//go:wasmimport tinybase:plugin/http-client@0.1.0 send
func hostSend(method, url string, headers unsafe.Pointer, count uint32, body string, timeoutMs uint32, reply unsafe.Pointer)

// Request is a request to a host that an admin granted; TimeoutMs of 0 leaves it at what the call itself may last.
type Request struct {
	Method, URL string
	Headers     []Pair
	Body        []byte
	TimeoutMs   uint32
}

// Response is what came back; names of headers are in small letters.
type Response struct {
	Status  uint16
	Headers []Pair
	Body    []byte
}

// Header answers with the first header of that name.
func (r *Response) Header(name string) string {
	for _, header := range r.Headers {
		if header.Name == name {
			return header.Value
		}
	}
	return ""
}

// Send sends the request once; every answer of the server's is a response, whatever its status.
func (r Request) Send() (*Response, error) {
	headers := lowerPairs(r.Headers)
	hostSend(r.Method, r.URL, headers.pointer(), headers.l, string(r.Body), r.TimeoutMs, reply.at())
	if err := reply.err(); err != nil {
		return nil, err
	}
	response := &Response{Status: uint16(reply.a), Body: []byte(text{reply.d, reply.e}.take())}
	if reply.c > 0 {
		for _, pair := range unsafe.Slice((*[2]text)(text{reply.b, reply.c}.pointer()), reply.c) {
			response.Headers = append(response.Headers, Pair{pair[0].take(), pair[1].take()})
		}
	}
	return response, nil
}

// --- secrets

//go:wasmimport tinybase:plugin/secrets@0.1.0 placeholder
func hostPlaceholder(name string, reply unsafe.Pointer)

//go:wasmimport tinybase:plugin/secrets@0.1.0 hmac-sha256
func hostHMACSHA256(name, message string, reply unsafe.Pointer)

type secrets struct{}

// Secrets are what an admin keeps for the plugin without showing it.
var Secrets secrets

// Placeholder answers with a text that stands for the secret in requests to its hosts.
func (secrets) Placeholder(name string) (string, error) {
	hostPlaceholder(name, reply.at())
	return reply.text()
}

// HMACSHA256 signs a message with the secret.
func (secrets) HMACSHA256(name string, message []byte) ([]byte, error) {
	hostHMACSHA256(name, string(message), reply.at())
	return reply.bytes()
}

// --- mails and messages

//go:wasmimport tinybase:plugin/mail@0.1.0 send
func hostMailSend(to unsafe.Pointer, count uint32, subject, text string, some uint32, html string, reply unsafe.Pointer)

//go:wasmimport tinybase:plugin/realtime@0.1.0 publish
func hostPublish(topic, json string, reply unsafe.Pointer)

// Letter is a mail to each address; HTML stands between <body> and </body>, and is made of the text where it is empty.
type Letter struct {
	To                  []string
	Subject, Text, HTML string
}

// Send puts the mails into the server's queue.
func (l Letter) Send() error {
	raw := make([]text, len(l.To))
	for i, address := range l.To {
		raw[i] = give(address)
	}
	to, some := list(raw), uint32(0)
	if l.HTML != "" {
		some = 1
	}
	hostMailSend(to.pointer(), to.l, l.Subject, l.Text, some, l.HTML, reply.at())
	return reply.err()
}

// Publish sends JSON text to everybody who is subscribed to a topic.
func Publish(topic, json string) error {
	hostPublish(topic, json, reply.at())
	return reply.err()
}

// --- files

//go:wasmimport tinybase:plugin/files@0.1.0 read
func hostFilesRead(collection, id, name string, reply unsafe.Pointer)

//go:wasmimport tinybase:plugin/files@0.1.0 write
func hostFilesWrite(collection, id, field, name, content string, reply unsafe.Pointer)

type files struct{}

// Files are those of records.
var Files files

// Read answers with a stored file, by the name that the record's field holds.
func (files) Read(collection, id, name string) ([]byte, error) {
	hostFilesRead(collection, id, name, reply.at())
	return reply.bytes()
}

// Write puts a file into a file field.
func (files) Write(collection, id, field, name string, content []byte) error {
	hostFilesWrite(collection, id, field, name, string(content), reply.at())
	return reply.err()
}
