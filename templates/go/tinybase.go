// Tinybase plugins in Go: records, refusals and hooks, as the canonical ABI lays them out, with the standard library only;
// host.go has what a plugin may ask for. An instance lives for one call, so what crosses the border is pinned and never let go.
package main

import (
	"math"
	"runtime"
	"strconv"
	"strings"
	"unsafe"
)

// Context is the circumstances of one call.
type Context struct {
	Tenant, Collection, RequestID          string
	CallerKind, CallerID, CallerCollection string
	NowMs                                  int64
	Depth                                  uint8
	// Config is the attachment's configuration as JSON.
	Config string
}

// JSON is a value as JSON text.
type JSON string

// Field is a named value: nil, bool, int64, float64, string, []string or JSON.
type Field struct {
	Name  string
	Value any
}

// Record is a record, and what a hook has changed of it.
type Record struct {
	fields, changes []Field
}

// Get answers with the value as it stands, nil where there is none.
func (r *Record) Get(name string) any {
	for _, list := range [][]Field{r.changes, r.fields} {
		for _, field := range list {
			if field.Name == name {
				return field.Value
			}
		}
	}
	return nil
}

// Text answers with a text, empty where it is none.
func (r *Record) Text(name string) string { text, _ := r.Get(name).(string); return text }

// Bool answers with a truth value, false where it is none.
func (r *Record) Bool(name string) bool { truth, _ := r.Get(name).(bool); return truth }

// Texts answers with several texts, none where there are none.
func (r *Record) Texts(name string) []string { texts, _ := r.Get(name).([]string); return texts }

// JSON answers with JSON text, empty where it is none.
func (r *Record) JSON(name string) string { json, _ := r.Get(name).(JSON); return string(json) }

// Number answers with a number, 0 where it is none.
func (r *Record) Number(name string) float64 {
	switch number := r.Get(name).(type) {
	case float64:
		return number
	case int64:
		return float64(number)
	}
	return 0
}

// Set changes a field, unless it has this value.
func (r *Record) Set(name string, value any) {
	if _, list := value.([]string); !list && r.Get(name) == value {
		return
	}
	for i := range r.changes {
		if r.changes[i].Name == name {
			r.changes[i].Value = value
			return
		}
	}
	r.changes = append(r.changes, Field{name, value})
}

// FieldError is what is wrong with one field.
type FieldError struct{ Field, Code, Message string }

// Refusal is why a write is refused; before-hooks return it as their error.
type Refusal struct {
	Invalid []FieldError
	Status  uint16
	Message string
}

func (r *Refusal) Error() string { return "refused: " + r.Message }

// Refuse refuses the write with an error on a field.
func Refuse(field, code, message string) error {
	return &Refusal{Invalid: []FieldError{{field, code, message}}}
}

// RefuseAll refuses the write with errors on several fields.
func RefuseAll(errors ...FieldError) error { return &Refusal{Invalid: errors} }

// Deny refuses the write with a status from 400 to 499.
func Deny(status uint16, message string) error { return &Refusal{Status: status, Message: message} }

// --- what crosses the border

// A text or a list in memory. Addresses have 32 bits there, whatever Go thinks of pointers.
type text struct{ p, l uint32 }

func (t text) pointer() unsafe.Pointer { return unsafe.Pointer(uintptr(t.p)) }

func (t text) take() string {
	if t.l == 0 {
		return ""
	}
	return strings.Clone(unsafe.String((*byte)(t.pointer()), t.l))
}

var pins []any

func give(s string) text {
	pins = append(pins, s)
	return text{uint32(uintptr(unsafe.Pointer(unsafe.StringData(s)))), uint32(len(s))}
}

func list[T any](items []T) text {
	pins = append(pins, items)
	return text{uint32(uintptr(unsafe.Pointer(unsafe.SliceData(items)))), uint32(len(items))}
}

type rawField struct {
	name text
	kind uint64
	bits uint64
	more uint64
}

func (t text) bits() uint64 { return uint64(t.l)<<32 | uint64(t.p) }

func textOf(bits uint64) text { return text{uint32(bits), uint32(bits >> 32)} }

func lower(fields []Field) text {
	raw := make([]rawField, len(fields))
	for i, field := range fields {
		raw[i].name = give(field.Name)
		switch value := field.Value.(type) {
		case bool:
			raw[i].kind = 1
			if value {
				raw[i].bits = 1
			}
		case int64:
			raw[i].kind, raw[i].bits = 2, uint64(value)
		case float64:
			raw[i].kind, raw[i].bits = 3, math.Float64bits(value)
		case string:
			raw[i].kind, raw[i].bits = 4, give(value).bits()
		case []string:
			texts := make([]text, len(value))
			for j, item := range value {
				texts[j] = give(item)
			}
			raw[i].kind, raw[i].bits = 5, list(texts).bits()
		case JSON:
			raw[i].kind, raw[i].bits = 6, give(string(value)).bits()
		}
	}
	return list(raw)
}

func lift(from text) *Record {
	fields := make([]Field, 0, from.l)
	if from.l > 0 {
		for _, raw := range unsafe.Slice((*rawField)(from.pointer()), from.l) {
			fields = append(fields, Field{raw.name.take(), value(raw)})
		}
	}
	return &Record{fields: fields}
}

// Of the kind only the first byte is written, and of a truth value too.
func value(raw rawField) any {
	switch raw.kind & 0xff {
	case 1:
		return raw.bits&0xff != 0
	case 2:
		return int64(raw.bits)
	case 3:
		return math.Float64frombits(raw.bits)
	case 4:
		return textOf(raw.bits).take()
	case 5:
		texts := textOf(raw.bits)
		items := make([]string, 0, texts.l)
		if texts.l > 0 {
			for _, item := range unsafe.Slice((*text)(texts.pointer()), texts.l) {
				items = append(items, item.take())
			}
		}
		return items
	case 6:
		return JSON(textOf(raw.bits).take())
	}
	return nil
}

// 72 bytes, the last four of which are for what follows to lie right.
type rawContext struct {
	tenant, collection, requestID, kind, id, callerCollection text
	nowMs                                                     int64
	depth                                                     uint32
	config                                                    text
	_                                                         uint32
}

func (raw *rawContext) take() *Context {
	return &Context{
		raw.tenant.take(), raw.collection.take(), raw.requestID.take(),
		raw.kind.take(), raw.id.take(), raw.callerCollection.take(),
		raw.nowMs, uint8(raw.depth), raw.config.take(),
	}
}

type rawCall struct {
	ctx           rawContext
	first, second text
	third         text
}

type rawAnswer struct{ tag, a, b, c, d uint32 }

var answer rawAnswer

func answerOf(draft *Record, err error) unsafe.Pointer {
	answer = rawAnswer{}
	switch refusal := err.(type) {
	case nil:
		if draft != nil {
			changes := lower(draft.changes)
			answer.a, answer.b = changes.p, changes.l
		}
	case *Refusal:
		answer.tag = 1
		if refusal.Status != 0 {
			message := give(refusal.Message)
			answer.a, answer.b, answer.c, answer.d = 1, uint32(refusal.Status), message.p, message.l
		} else {
			errors := lowerErrors(refusal.Invalid)
			answer.b, answer.c = errors.p, errors.l
		}
	default:
		panic(err)
	}
	return unsafe.Pointer(&answer)
}

func lowerErrors(errors []FieldError) text {
	raw := make([][3]text, len(errors))
	for i, err := range errors {
		raw[i] = [3]text{give(err.Field), give(err.Code), give(err.Message)}
	}
	return list(raw)
}

// Deferred by every hook but the pure check, which has no log: a panic leaves its words there and ends the call.
func failing() {
	problem := recover()
	if problem == nil {
		return
	}
	words := "a value that is no text"
	switch problem := problem.(type) {
	case error:
		words = problem.Error()
	case string:
		words = problem
	}
	Log(Error, "panic: "+words+" ("+place()+")")
	panic(problem)
}

// The line of the plugin's that panicked.
func place() string {
	var callers [32]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers[:])])
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, "main.") {
			return frame.File + ":" + strconv.Itoa(frame.Line)
		}
		if !more {
			return "nobody knows where"
		}
	}
}

func runBeforeCreate(p unsafe.Pointer, hook func(*Context, *Record) error) unsafe.Pointer {
	defer failing()
	call := (*rawCall)(p)
	draft := lift(call.first)
	return answerOf(draft, hook(call.ctx.take(), draft))
}

func runBeforeUpdate(p unsafe.Pointer, hook func(*Context, *Record, *Record) error) unsafe.Pointer {
	defer failing()
	call := (*rawCall)(p)
	draft := lift(call.second)
	return answerOf(draft, hook(call.ctx.take(), lift(call.first), draft))
}

func runBeforeDelete(p unsafe.Pointer, hook func(*Context, *Record) error) unsafe.Pointer {
	defer failing()
	call := (*rawCall)(p)
	return answerOf(nil, hook(call.ctx.take(), lift(call.first)))
}

func runValidate(p unsafe.Pointer, hook func(*Context, *Record) []FieldError) unsafe.Pointer {
	call := (*rawCall)(p)
	answer = rawAnswer{}
	if found := hook(call.ctx.take(), lift(call.first)); len(found) > 0 {
		errors := lowerErrors(found)
		answer.tag, answer.a, answer.b = 1, errors.p, errors.l
	}
	return unsafe.Pointer(&answer)
}

func runAfter(p unsafe.Pointer, hook func(*Context, string, *Record) error) unsafe.Pointer {
	defer failing()
	call := (*rawCall)(p)
	return received(hook(call.ctx.take(), call.first.take(), lift(call.second)))
}

func runAfterUpdate(p unsafe.Pointer, hook func(*Context, string, *Record, *Record) error) unsafe.Pointer {
	defer failing()
	call := (*rawCall)(p)
	return received(hook(call.ctx.take(), call.first.take(), lift(call.second), lift(call.third)))
}

func runScheduled(p unsafe.Pointer, hook func(*Context, string) error) unsafe.Pointer {
	defer failing()
	call := (*rawCall)(p)
	return received(hook(call.ctx.take(), call.first.take()))
}

func runBeforeSignIn(p unsafe.Pointer, hook func(*Context, string, *Record) error) unsafe.Pointer {
	defer failing()
	call := (*rawCall)(p)
	return answerOf(nil, hook(call.ctx.take(), call.first.take(), lift(call.second)))
}

func runTokenClaims(p unsafe.Pointer, hook func(*Context, string, *Record) ([]Field, error)) unsafe.Pointer {
	defer failing()
	call := (*rawCall)(p)
	claims, err := hook(call.ctx.take(), call.first.take(), lift(call.second))
	if err != nil {
		return received(err)
	}
	fields := lower(claims)
	answer = rawAnswer{a: fields.p, b: fields.l}
	return unsafe.Pointer(&answer)
}

func received(err error) unsafe.Pointer {
	answer = rawAnswer{}
	if err != nil {
		words := give(err.Error())
		answer.tag, answer.a, answer.b = 1, words.p, words.l
	}
	return unsafe.Pointer(&answer)
}

// Where the host puts what it hands over.
//
//go:wasmexport cabi_realloc
func cabiRealloc(old unsafe.Pointer, oldLen, align, newLen uint32) unsafe.Pointer {
	if newLen == 0 {
		return unsafe.Pointer(uintptr(align))
	}
	// Of words, so that it lies as anything may want it.
	words := make([]uint64, (newLen+7)/8)
	pins = append(pins, words)
	p := unsafe.Pointer(&words[0])
	if old != nil {
		copy(unsafe.Slice((*byte)(p), newLen), unsafe.Slice((*byte)(old), min(oldLen, newLen)))
	}
	return p
}
