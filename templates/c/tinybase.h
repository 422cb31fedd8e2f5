/* Tinybase plugins in C: the contract as the canonical ABI lays it out, by hand and without a C library.
 *
 * Define TINYBASE_BEFORE_CREATE { .. } and so on: the component exports exactly the hooks that are defined, and imports
 * exactly the functions of the host that are called. A function of the host answers with a `tb_error`, whose `failed` says
 * whether there is one; what it finds goes where its last argument points. Memory comes from `tb_alloc` and is never given
 * back: an instance lives for one call. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A text, or bytes, in memory: not terminated by a zero. */
typedef struct { const char *ptr; size_t len; } tb_text;
typedef struct { tb_text *ptr; size_t len; } tb_texts;

/* A name and a value: a header, or a fact beside a line of the log. */
typedef struct { tb_text name, value; } tb_pair;
typedef struct { tb_pair *ptr; size_t len; } tb_pairs;

enum { TB_NULL, TB_BOOLEAN, TB_INTEGER, TB_NUMBER, TB_TEXT, TB_TEXTS, TB_JSON, TB_OTHER };

/* A column value; `kind` says which part of it holds. */
typedef struct {
  uint8_t kind;
  union { bool boolean; int64_t integer; double number; tb_text text; tb_texts texts; struct { tb_text kind, bytes; } other; } of;
} tb_value;

typedef struct { tb_text name; tb_value value; } tb_field;
typedef struct { tb_field *ptr; size_t len; } tb_fields; /* a record */
typedef struct { tb_fields *ptr; size_t len; } tb_records;
typedef struct { tb_text field, code, message; } tb_field_error;
typedef struct { tb_text kind, id, collection; } tb_caller;

/* The circumstances of one call. */
typedef struct {
  tb_text tenant, collection, request_id;
  tb_caller caller;
  int64_t now_ms;
  uint8_t depth;
  tb_text config; /* JSON */
} tb_context;

/* What a before-hook answers. */
typedef struct {
  uint8_t refused;
  union {
    tb_fields changes;
    struct {
      uint8_t kind; /* 0: invalid, 1: denied */
      union {
        struct { tb_field_error *ptr; size_t len; } invalid;
        struct { uint16_t status; tb_text message; } denied;
      } of;
    } refusal;
  } of;
} tb_answer;

/* What a validator answers. */
typedef struct { uint8_t refused; struct { tb_field_error *ptr; size_t len; } errors; } tb_findings;

/* What an after-hook answers: words when it is to be tried again. */
typedef struct { uint8_t failed; tb_text error; } tb_receipt;

/* What the makers of tokens answer: claims, or words. */
typedef struct { uint8_t failed; union { tb_fields claims; tb_text error; } of; } tb_claims;

/* What the host refuses: `code` is "denied", "not_found", "invalid", .. ; nothing where `failed` is false. */
typedef struct { bool failed; tb_text code, message; } tb_error;

/* What the exported functions are given: one pointer to all of it. */
typedef struct { tb_context ctx; tb_fields record; } tb_call;
typedef struct { tb_context ctx; tb_fields original, draft; } tb_update_call;
typedef struct { tb_context ctx; tb_text event; tb_fields record; } tb_event;
typedef struct { tb_context ctx; tb_text event; tb_fields original, stored; } tb_update_event;
typedef struct { tb_context ctx; tb_text name; } tb_run;
typedef struct { tb_context ctx; tb_text method; tb_fields record; } tb_sign_in;

#define TB_EXPORT(hook, function) __attribute__((export_name("tinybase:plugin/" hook "@0.1.0#" function)))
#define TB_IMPORT(interface, function) __attribute__((import_module("tinybase:plugin/" interface "@0.1.0"), import_name(function)))

#define TINYBASE_BEFORE_CREATE TB_EXPORT("before-create", "before-create") tb_answer *tb_before_create(tb_call *call)
#define TINYBASE_BEFORE_UPDATE TB_EXPORT("before-update", "before-update") tb_answer *tb_before_update(tb_update_call *call)
#define TINYBASE_BEFORE_DELETE TB_EXPORT("before-delete", "before-delete") tb_answer *tb_before_delete(tb_call *call)
#define TINYBASE_VALIDATE TB_EXPORT("validator", "validate") tb_findings *tb_validate(tb_call *call)
#define TINYBASE_AFTER_CREATE TB_EXPORT("after-create", "after-create") tb_receipt *tb_after_create(tb_event *event)
#define TINYBASE_AFTER_UPDATE TB_EXPORT("after-update", "after-update") tb_receipt *tb_after_update(tb_update_event *event)
#define TINYBASE_AFTER_DELETE TB_EXPORT("after-delete", "after-delete") tb_receipt *tb_after_delete(tb_event *event)
#define TINYBASE_SCHEDULED TB_EXPORT("scheduled", "run") tb_receipt *tb_scheduled(tb_run *run)
#define TINYBASE_BEFORE_SIGN_IN TB_EXPORT("before-sign-in", "before-sign-in") tb_answer *tb_before_sign_in(tb_sign_in *call)
#define TINYBASE_TOKEN_CLAIMS TB_EXPORT("token-claims", "token-claims") tb_claims *tb_token_claims(tb_sign_in *call)

/* --- memory */

extern unsigned char __heap_base;
static size_t tb_heap;

static void *tb_alloc(size_t length, size_t align) {
  if (!tb_heap) tb_heap = (size_t)&__heap_base;
  size_t at = (tb_heap + align - 1) & ~(align - 1);
  tb_heap = at + length;
  size_t have = __builtin_wasm_memory_size(0) << 16;
  if (tb_heap > have && __builtin_wasm_memory_grow(0, (tb_heap - have + 65535) >> 16) == (size_t)-1) __builtin_trap();
  return (void *)at;
}

/* Where the host puts what it hands over. */
__attribute__((export_name("cabi_realloc"))) void *tb_realloc(void *old, size_t old_length, size_t align, size_t length) {
  unsigned char *fresh = tb_alloc(length, align);
  for (size_t i = 0; old && i < old_length && i < length; i++) fresh[i] = ((unsigned char *)old)[i];
  return fresh;
}

#define TB_NEW(type) ((type *)tb_alloc(sizeof(type), _Alignof(type)))

/* --- texts and records */

#define TB(literal) ((tb_text){literal, sizeof(literal) - 1})

static inline bool tb_same(tb_text one, tb_text other) {
  if (one.len != other.len) return false;
  for (size_t i = 0; i < one.len; i++) if (one.ptr[i] != other.ptr[i]) return false;
  return true;
}

/* The value of a field, or NULL. */
static inline const tb_value *tb_get(tb_fields record, tb_text name) {
  for (size_t i = 0; i < record.len; i++) if (tb_same(record.ptr[i].name, name)) return &record.ptr[i].value;
  return NULL;
}

/* The text of a field; empty where it is none. */
static inline tb_text tb_get_text(tb_fields record, tb_text name) {
  const tb_value *value = tb_get(record, name);
  return value && value->kind == TB_TEXT ? value->of.text : (tb_text){"", 0};
}

static inline bool tb_get_boolean(tb_fields record, tb_text name) {
  const tb_value *value = tb_get(record, name);
  return value && value->kind == TB_BOOLEAN && value->of.boolean;
}

/* The number of a field, whole or not; 0 where it is none. */
static inline double tb_get_number(tb_fields record, tb_text name) {
  const tb_value *value = tb_get(record, name);
  if (value && value->kind == TB_INTEGER) return (double)value->of.integer;
  return value && value->kind == TB_NUMBER ? value->of.number : 0;
}

/* The texts of a field; none where it has none. */
static inline tb_texts tb_get_texts(tb_fields record, tb_text name) {
  const tb_value *value = tb_get(record, name);
  return value && value->kind == TB_TEXTS ? value->of.texts : (tb_texts){NULL, 0};
}

/* The JSON text of a field; empty where it is none. */
static inline tb_text tb_get_json(tb_fields record, tb_text name) {
  const tb_value *value = tb_get(record, name);
  return value && value->kind == TB_JSON ? value->of.text : (tb_text){"", 0};
}

static inline tb_field tb_null_field(tb_text name) { return (tb_field){name, {.kind = TB_NULL}}; }
static inline tb_field tb_boolean_field(tb_text name, bool truth) { return (tb_field){name, {TB_BOOLEAN, {.boolean = truth}}}; }
static inline tb_field tb_integer_field(tb_text name, int64_t integer) { return (tb_field){name, {TB_INTEGER, {.integer = integer}}}; }
static inline tb_field tb_number_field(tb_text name, double number) { return (tb_field){name, {TB_NUMBER, {.number = number}}}; }
static inline tb_field tb_text_field(tb_text name, tb_text text) { return (tb_field){name, {TB_TEXT, {.text = text}}}; }
static inline tb_field tb_texts_field(tb_text name, tb_texts texts) { return (tb_field){name, {TB_TEXTS, {.texts = texts}}}; }
static inline tb_field tb_json_field(tb_text name, tb_text json) { return (tb_field){name, {TB_JSON, {.text = json}}}; }

/* A record of these fields: TB_FIELDS(tb_text_field(..), ..), good in the block that it stands in. */
#define TB_FIELDS(...) ((tb_fields){(tb_field[]){__VA_ARGS__}, sizeof((tb_field[]){__VA_ARGS__}) / sizeof(tb_field)})

/* Joins up to three texts. */
static inline tb_text tb_join(tb_text a, tb_text b, tb_text c) {
  char *joined = tb_alloc(a.len + b.len + c.len, 1);
  size_t at = 0;
  for (size_t i = 0; i < a.len; i++) joined[at++] = a.ptr[i];
  for (size_t i = 0; i < b.len; i++) joined[at++] = b.ptr[i];
  for (size_t i = 0; i < c.len; i++) joined[at++] = c.ptr[i];
  return (tb_text){joined, at};
}

/* A whole number as text. */
static inline tb_text tb_decimal(int64_t number) {
  char *text = tb_alloc(20, 1);
  size_t at = 20;
  uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
  do text[--at] = '0' + rest % 10; while (rest /= 10);
  if (number < 0) text[--at] = '-';
  return (tb_text){text + at, 20 - at};
}

/* A text as a literal of the rule language, for filters. */
static inline tb_text tb_quote(tb_text text) {
  char *literal = tb_alloc(2 * text.len + 2, 1);
  size_t at = 0;
  literal[at++] = '\'';
  for (size_t i = 0; i < text.len; i++) {
    if (text.ptr[i] == '\'' || text.ptr[i] == '\\') literal[at++] = '\\';
    literal[at++] = text.ptr[i];
  }
  literal[at++] = '\'';
  return (tb_text){literal, at};
}

/* --- answers */

static inline tb_answer *tb_unchanged(void) {
  tb_answer *answer = TB_NEW(tb_answer);
  answer->refused = 0;
  answer->of.changes = (tb_fields){NULL, 0};
  return answer;
}

/* A before-hook changes these fields. */
static inline tb_answer *tb_change_all(tb_fields changes) {
  tb_answer *answer = tb_unchanged();
  answer->of.changes = (tb_fields){tb_alloc(changes.len * sizeof(tb_field), _Alignof(tb_field)), changes.len};
  for (size_t i = 0; i < changes.len; i++) answer->of.changes.ptr[i] = changes.ptr[i];
  return answer;
}

static inline tb_answer *tb_change(tb_field field) { return tb_change_all((tb_fields){&field, 1}); }

static inline tb_field_error *tb_kept(const tb_field_error *errors, size_t count) {
  tb_field_error *kept = tb_alloc(count * sizeof(tb_field_error), _Alignof(tb_field_error));
  for (size_t i = 0; i < count; i++) kept[i] = errors[i];
  return kept;
}

/* Refuses the write with errors on fields. */
static inline tb_answer *tb_refuse_all(const tb_field_error *errors, size_t count) {
  tb_answer *answer = tb_unchanged();
  answer->refused = 1;
  answer->of.refusal.kind = 0;
  answer->of.refusal.of.invalid.ptr = tb_kept(errors, count);
  answer->of.refusal.of.invalid.len = count;
  return answer;
}

static inline tb_answer *tb_refuse(tb_text field, tb_text code, tb_text message) {
  return tb_refuse_all(&(tb_field_error){field, code, message}, 1);
}

/* Refuses the write with a status from 400 to 499. */
static inline tb_answer *tb_deny(uint16_t status, tb_text message) {
  tb_answer *answer = tb_unchanged();
  answer->refused = 1;
  answer->of.refusal.kind = 1;
  answer->of.refusal.of.denied.status = status;
  answer->of.refusal.of.denied.message = message;
  return answer;
}

/* A validator's errors, all that it finds; of none the draft is fine. */
static inline tb_findings *tb_found(const tb_field_error *errors, size_t count) {
  tb_findings *findings = TB_NEW(tb_findings);
  findings->refused = count > 0;
  findings->errors.ptr = tb_kept(errors, count);
  findings->errors.len = count;
  return findings;
}

static inline tb_receipt *tb_done(void) {
  tb_receipt *receipt = TB_NEW(tb_receipt);
  receipt->failed = 0;
  return receipt;
}

/* The event is tried again later; a schedule has failed. */
static inline tb_receipt *tb_later(tb_text why) {
  tb_receipt *receipt = TB_NEW(tb_receipt);
  receipt->failed = 1;
  receipt->error = why;
  return receipt;
}

/* What else a token tells. */
static inline tb_claims *tb_claim(tb_fields claims) {
  tb_claims *answer = TB_NEW(tb_claims);
  answer->failed = 0;
  answer->of.claims = tb_change_all(claims)->of.changes;
  return answer;
}

/* --- the host: each function is imported where it is called */

/* How the host answers: refused, then a value or the error. Values of 64 bits lie further back. */
typedef struct { tb_text code, message; } tb_code;
typedef struct { uint16_t status; tb_pairs headers; tb_text body; } tb_response;
typedef struct {
  uint8_t refused;
  union { tb_text text; tb_fields fields; tb_records records; struct { uint8_t some; tb_text bytes; } maybe; tb_response response; tb_code error; } of;
} tb_reply;
typedef struct { uint8_t refused; union { int64_t integer; tb_code error; } of; } tb_wide_reply;

static inline tb_error tb_error_of(bool refused, tb_code error) {
  return refused ? (tb_error){true, error.code, error.message} : (tb_error){false, {"", 0}, {"", 0}};
}

/* The words of an error: its code and its message. */
static inline tb_text tb_words(tb_error error) { return tb_join(error.code, TB(": "), error.message); }

#define TB_ARG(text) (text).ptr, (text).len
#define TB_T const char *, size_t

TB_IMPORT("log", "log") void tb_host_log(int, TB_T, const tb_pair *, size_t);

/* Writes to the plugin's own log: 0 debug, 1 info, 2 warn, 3 error. */
static inline void tb_log(int level, tb_text message) { tb_host_log(level, TB_ARG(message), NULL, 0); }

/* The same with facts beside it. */
static inline void tb_log_with(int level, tb_text message, const tb_pair *facts, size_t count) {
  tb_host_log(level, TB_ARG(message), facts, count);
}

/* Ends the call as a failure, with words in the log. */
__attribute__((noreturn)) static inline void tb_panic(tb_text words) {
  tb_log(3, words);
  __builtin_trap();
}

TB_IMPORT("records", "get") void tb_host_records_get(TB_T, TB_T, tb_reply *);
TB_IMPORT("records", "find") void tb_host_records_find(TB_T, TB_T, TB_T, uint32_t, tb_reply *);
TB_IMPORT("records", "count") void tb_host_records_count(TB_T, TB_T, tb_wide_reply *);
TB_IMPORT("records", "create") void tb_host_records_create(TB_T, const tb_field *, size_t, tb_reply *);
TB_IMPORT("records", "update") void tb_host_records_update(TB_T, TB_T, const tb_field *, size_t, tb_reply *);
TB_IMPORT("records", "delete") void tb_host_records_delete(TB_T, TB_T, tb_reply *);

static inline tb_error tb_records_get(tb_text collection, tb_text id, tb_fields *record) {
  tb_reply reply;
  tb_host_records_get(TB_ARG(collection), TB_ARG(id), &reply);
  *record = reply.refused ? (tb_fields){NULL, 0} : reply.of.fields;
  return tb_error_of(reply.refused, reply.of.error);
}

/* Those that match `filter` (empty for all; texts go in by tb_quote), ordered by `sort` (`-created,title`), at most
 * `limit` (1 to 500). */
static inline tb_error tb_records_find(tb_text collection, tb_text filter, tb_text sort, uint32_t limit, tb_records *found) {
  tb_reply reply;
  tb_host_records_find(TB_ARG(collection), TB_ARG(filter), TB_ARG(sort), limit, &reply);
  *found = reply.refused ? (tb_records){NULL, 0} : reply.of.records;
  return tb_error_of(reply.refused, reply.of.error);
}

static inline tb_error tb_wide(const tb_wide_reply *reply, int64_t *integer) {
  *integer = reply->refused ? 0 : reply->of.integer;
  return tb_error_of(reply->refused, reply->of.error);
}

static inline tb_error tb_records_count(tb_text collection, tb_text filter, int64_t *count) {
  tb_wide_reply reply;
  tb_host_records_count(TB_ARG(collection), TB_ARG(filter), &reply);
  return tb_wide(&reply, count);
}

static inline tb_error tb_texted(const tb_reply *reply, tb_text *text) {
  *text = reply->refused ? (tb_text){"", 0} : reply->of.text;
  return tb_error_of(reply->refused, reply->of.error);
}

/* Creates a record; `id` is that of the new one. */
static inline tb_error tb_records_create(tb_text collection, tb_fields draft, tb_text *id) {
  tb_reply reply;
  tb_host_records_create(TB_ARG(collection), draft.ptr, draft.len, &reply);
  return tb_texted(&reply, id);
}

static inline tb_error tb_records_update(tb_text collection, tb_text id, tb_fields changes) {
  tb_reply reply;
  tb_host_records_update(TB_ARG(collection), TB_ARG(id), changes.ptr, changes.len, &reply);
  return tb_error_of(reply.refused, reply.of.error);
}

static inline tb_error tb_records_delete(tb_text collection, tb_text id) {
  tb_reply reply;
  tb_host_records_delete(TB_ARG(collection), TB_ARG(id), &reply);
  return tb_error_of(reply.refused, reply.of.error);
}

TB_IMPORT("kv", "get") void tb_host_kv_get(TB_T, tb_reply *);
TB_IMPORT("kv", "set") void tb_host_kv_set(TB_T, TB_T, uint64_t, tb_reply *);
TB_IMPORT("kv", "increment") void tb_host_kv_increment(TB_T, int64_t, tb_wide_reply *);
TB_IMPORT("kv", "delete") void tb_host_kv_delete(TB_T, tb_reply *);

/* The value of a key in the plugin's own store; `value->ptr` is NULL where there is none. */
static inline tb_error tb_kv_get(tb_text key, tb_text *value) {
  tb_reply reply;
  tb_host_kv_get(TB_ARG(key), &reply);
  *value = !reply.refused && reply.of.maybe.some ? reply.of.maybe.bytes : (tb_text){NULL, 0};
  return tb_error_of(reply.refused, reply.of.error);
}

/* Keeps a value for `ttl_ms`, or with 0 until it is deleted. */
static inline tb_error tb_kv_set(tb_text key, tb_text value, uint64_t ttl_ms) {
  tb_reply reply;
  tb_host_kv_set(TB_ARG(key), TB_ARG(value), ttl_ms, &reply);
  return tb_error_of(reply.refused, reply.of.error);
}

/* Adds to an integer, 0 where there is none. */
static inline tb_error tb_kv_increment(tb_text key, int64_t delta, int64_t *sum) {
  tb_wide_reply reply;
  tb_host_kv_increment(TB_ARG(key), delta, &reply);
  return tb_wide(&reply, sum);
}

static inline tb_error tb_kv_delete(tb_text key) {
  tb_reply reply;
  tb_host_kv_delete(TB_ARG(key), &reply);
  return tb_error_of(reply.refused, reply.of.error);
}

TB_IMPORT("clock", "now-ms") void tb_host_clock_now_ms(tb_wide_reply *);
TB_IMPORT("random", "bytes") void tb_host_random_bytes(uint32_t, tb_reply *);

/* Milliseconds since 1970, now. */
static inline tb_error tb_clock_now_ms(int64_t *now_ms) {
  tb_wide_reply reply;
  tb_host_clock_now_ms(&reply);
  return tb_wide(&reply, now_ms);
}

/* 1 to 65536 bytes that nobody can foresee. */
static inline tb_error tb_random_bytes(uint32_t length, tb_text *bytes) {
  tb_reply reply;
  tb_host_random_bytes(length, &reply);
  return tb_texted(&reply, bytes);
}

/* A request; `timeout_ms` of 0 leaves it at what the call itself may last. */
typedef struct { tb_text method, url; tb_pairs headers; tb_text body; uint32_t timeout_ms; } tb_request;

TB_IMPORT("http-client", "send") void tb_host_http_send(TB_T, TB_T, const tb_pair *, size_t, TB_T, uint32_t, tb_reply *);

/* Sends a request once; every answer of the server's is a response, whatever its status. */
static inline tb_error tb_http_send(tb_request request, tb_response *response) {
  tb_reply reply;
  tb_host_http_send(TB_ARG(request.method), TB_ARG(request.url), TB_ARG(request.headers), TB_ARG(request.body), request.timeout_ms, &reply);
  *response = reply.refused ? (tb_response){0, {NULL, 0}, {"", 0}} : reply.of.response;
  return tb_error_of(reply.refused, reply.of.error);
}

/* The first header of that name, in small letters; empty where there is none. */
static inline tb_text tb_header(tb_response response, tb_text name) {
  for (size_t i = 0; i < response.headers.len; i++) {
    if (tb_same(response.headers.ptr[i].name, name)) return response.headers.ptr[i].value;
  }
  return (tb_text){"", 0};
}

TB_IMPORT("secrets", "placeholder") void tb_host_secrets_placeholder(TB_T, tb_reply *);
TB_IMPORT("secrets", "hmac-sha256") void tb_host_secrets_hmac_sha256(TB_T, TB_T, tb_reply *);

/* A text that stands for the secret in requests to its hosts. */
static inline tb_error tb_secret_placeholder(tb_text name, tb_text *placeholder) {
  tb_reply reply;
  tb_host_secrets_placeholder(TB_ARG(name), &reply);
  return tb_texted(&reply, placeholder);
}

/* HMAC-SHA256 of a message under the secret. */
static inline tb_error tb_secret_hmac_sha256(tb_text name, tb_text message, tb_text *tag) {
  tb_reply reply;
  tb_host_secrets_hmac_sha256(TB_ARG(name), TB_ARG(message), &reply);
  return tb_texted(&reply, tag);
}

/* A mail to each address; `html` stands between <body> and </body>, and is made of the text where its `ptr` is NULL. */
typedef struct { tb_texts to; tb_text subject, text, html; } tb_letter;

TB_IMPORT("mail", "send") void tb_host_mail_send(const tb_text *, size_t, TB_T, TB_T, int, TB_T, tb_reply *);
TB_IMPORT("realtime", "publish") void tb_host_realtime_publish(TB_T, TB_T, tb_reply *);

static inline tb_error tb_mail_send(tb_letter letter) {
  tb_reply reply;
  tb_host_mail_send(TB_ARG(letter.to), TB_ARG(letter.subject), TB_ARG(letter.text), letter.html.ptr != NULL, TB_ARG(letter.html), &reply);
  return tb_error_of(reply.refused, reply.of.error);
}

/* Sends JSON text to everybody who is subscribed to a topic. */
static inline tb_error tb_realtime_publish(tb_text topic, tb_text json) {
  tb_reply reply;
  tb_host_realtime_publish(TB_ARG(topic), TB_ARG(json), &reply);
  return tb_error_of(reply.refused, reply.of.error);
}

TB_IMPORT("files", "read") void tb_host_files_read(TB_T, TB_T, TB_T, tb_reply *);
TB_IMPORT("files", "write") void tb_host_files_write(TB_T, TB_T, TB_T, TB_T, TB_T, tb_reply *);

/* A stored file of a record, by the name that its field holds. */
static inline tb_error tb_files_read(tb_text collection, tb_text id, tb_text name, tb_text *content) {
  tb_reply reply;
  tb_host_files_read(TB_ARG(collection), TB_ARG(id), TB_ARG(name), &reply);
  return tb_texted(&reply, content);
}

/* Puts a file into a file field. */
static inline tb_error tb_files_write(tb_text collection, tb_text id, tb_text field, tb_text name, tb_text content) {
  tb_reply reply;
  tb_host_files_write(TB_ARG(collection), TB_ARG(id), TB_ARG(field), TB_ARG(name), TB_ARG(content), &reply);
  return tb_error_of(reply.refused, reply.of.error);
}
