/* Tinybase plugins in C: the contract as the canonical ABI lays it out, by hand and without a C library.
 *
 * Define TINYBASE_BEFORE_CREATE { .. } and so on: the component exports exactly the hooks that are defined, and imports
 * exactly the functions of the host that are called. Memory comes from `tb_alloc` and is never given back: an instance
 * lives for one call. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A text or a list in memory: not terminated by a zero. */
typedef struct { const char *ptr; size_t len; } tb_text;
typedef struct { tb_text *ptr; size_t len; } tb_texts;

enum { TB_NULL, TB_BOOLEAN, TB_INTEGER, TB_NUMBER, TB_TEXT, TB_TEXTS, TB_JSON, TB_OTHER };

/* A column value; `kind` says which part of it holds. */
typedef struct {
  uint8_t kind;
  union { bool boolean; int64_t integer; double number; tb_text text; tb_texts texts; struct { tb_text kind, bytes; } other; } of;
} tb_value;

typedef struct { tb_text name; tb_value value; } tb_field;
typedef struct { tb_field *ptr; size_t len; } tb_fields;
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

/* What the host answers: a value, or a code and a message. */
typedef struct { uint8_t refused; union { tb_text text; tb_fields fields; struct { tb_text code, message; } error; } of; } tb_reply;

/* What the exported functions are given: one pointer to all of it. */
typedef struct { tb_context ctx; tb_fields record; } tb_call;
typedef struct { tb_context ctx; tb_fields original, draft; } tb_update_call;
typedef struct { tb_context ctx; tb_text event; tb_fields record; } tb_event;
typedef struct { tb_context ctx; tb_text event; tb_fields original, stored; } tb_update_event;

#define TB_EXPORT(hook, function) __attribute__((export_name("tinybase:plugin/" hook "@0.1.0#" function)))
#define TB_IMPORT(interface, function) __attribute__((import_module("tinybase:plugin/" interface "@0.1.0"), import_name(function)))

#define TINYBASE_BEFORE_CREATE TB_EXPORT("before-create", "before-create") tb_answer *tb_before_create(tb_call *call)
#define TINYBASE_BEFORE_UPDATE TB_EXPORT("before-update", "before-update") tb_answer *tb_before_update(tb_update_call *call)
#define TINYBASE_BEFORE_DELETE TB_EXPORT("before-delete", "before-delete") tb_answer *tb_before_delete(tb_call *call)
#define TINYBASE_VALIDATE TB_EXPORT("validator", "validate") tb_findings *tb_validate(tb_call *call)
#define TINYBASE_AFTER_CREATE TB_EXPORT("after-create", "after-create") tb_receipt *tb_after_create(tb_event *event)
#define TINYBASE_AFTER_UPDATE TB_EXPORT("after-update", "after-update") tb_receipt *tb_after_update(tb_update_event *event)
#define TINYBASE_AFTER_DELETE TB_EXPORT("after-delete", "after-delete") tb_receipt *tb_after_delete(tb_event *event)

/* The host's functions. */
TB_IMPORT("log", "log") void tb_host_log(int level, const char *message, size_t length, const void *fields, size_t count);
TB_IMPORT("records", "create") void tb_host_records_create(const char *, size_t, const tb_field *, size_t, tb_reply *);
TB_IMPORT("records", "get") void tb_host_records_get(const char *, size_t, const char *, size_t, tb_reply *);
TB_IMPORT("records", "update") void tb_host_records_update(const char *, size_t, const char *, size_t, const tb_field *, size_t, tb_reply *);
TB_IMPORT("records", "delete") void tb_host_records_delete(const char *, size_t, const char *, size_t, tb_reply *);

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

static inline tb_field tb_text_field(tb_text name, tb_text text) {
  tb_field field = {.name = name, .value = {.kind = TB_TEXT}};
  field.value.of.text = text;
  return field;
}

/* --- answers */

static inline tb_answer *tb_unchanged(void) {
  tb_answer *answer = TB_NEW(tb_answer);
  answer->refused = 0;
  answer->of.changes = (tb_fields){NULL, 0};
  return answer;
}

static inline tb_answer *tb_change(tb_field field) {
  tb_answer *answer = tb_unchanged();
  answer->of.changes = (tb_fields){TB_NEW(tb_field), 1};
  answer->of.changes.ptr[0] = field;
  return answer;
}

static inline tb_answer *tb_refuse(tb_text field, tb_text code, tb_text message) {
  tb_answer *answer = tb_unchanged();
  answer->refused = 1;
  answer->of.refusal.kind = 0;
  answer->of.refusal.of.invalid.ptr = TB_NEW(tb_field_error);
  answer->of.refusal.of.invalid.len = 1;
  answer->of.refusal.of.invalid.ptr[0] = (tb_field_error){field, code, message};
  return answer;
}

static inline tb_answer *tb_deny(uint16_t status, tb_text message) {
  tb_answer *answer = tb_unchanged();
  answer->refused = 1;
  answer->of.refusal.kind = 1;
  answer->of.refusal.of.denied.status = status;
  answer->of.refusal.of.denied.message = message;
  return answer;
}

/* Joins up to three texts. */
static inline tb_text tb_join(tb_text a, tb_text b, tb_text c) {
  char *joined = tb_alloc(a.len + b.len + c.len, 1);
  size_t at = 0;
  for (size_t i = 0; i < a.len; i++) joined[at++] = a.ptr[i];
  for (size_t i = 0; i < b.len; i++) joined[at++] = b.ptr[i];
  for (size_t i = 0; i < c.len; i++) joined[at++] = c.ptr[i];
  return (tb_text){joined, at};
}

static inline tb_receipt *tb_done(void) {
  tb_receipt *receipt = TB_NEW(tb_receipt);
  receipt->failed = 0;
  return receipt;
}

/* The event is tried again later. */
static inline tb_receipt *tb_later(tb_text why) {
  tb_receipt *receipt = TB_NEW(tb_receipt);
  receipt->failed = 1;
  receipt->error = why;
  return receipt;
}

/* 0 debug, 1 info, 2 warn, 3 error. */
static inline void tb_log(int level, tb_text message) { tb_host_log(level, message.ptr, message.len, NULL, 0); }
