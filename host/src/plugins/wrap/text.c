// A hook's parameters as text, and its answer from text: what lies between the contract and the engine of JavaScript.
//
// The engine makes an object for each part of each value that it is given, at some thousand instructions each, and reads JSON at forty
// a letter. So a hook is given nothing but where its parameters lie, and what is here answers when it asks for one of them: for a text,
// for a field, or for all fields as JSON. What comes back is one string, which is told apart here. (`sdk-js/wire.js` and
// `sdk-js/answer.js` have the other side, and say what the strings look like.)
//
// This is laid into a module that has a stack and data already, so it must have neither: no static, no array, no string. An
// instance lives for one call, so nothing is freed. `make text` compiles it to text.wasm beside it, which the tests of `sdk-js` run together with the SDK.

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

typedef struct { const u8 *at; u32 length; } text;
typedef struct { text kind, id, collection; } caller;
typedef struct { text tenant, collection, request; caller who; i64 now; u8 depth; text config; } context;
typedef struct { u8 tag; union { u8 boolean; i64 integer; double number; text words; struct { text *at; u32 count; } list; struct { text kind, bytes; } other; }; } value;
typedef struct { text name; value is; } field;
typedef struct { field *at; u32 count; } fields;
typedef struct { text field, code, message; } mistake;

enum { NOTHING, BOOLEAN, INTEGER, NUMBER, TEXT, TEXTS, JSON, OTHER };
enum { MARK = 1 };

__attribute__((import_module("env"), import_name("cabi_realloc"))) void *cabi_realloc(void *, u32, u32, u32);

static inline void *room(u32 bytes) { return cabi_realloc(0, 0, 8, bytes); }

// --- in

// Where the next byte goes; with `dry`, only how many there will be.
#define PUT(c) do { if (!dry) *o = (u8)(c); o++; } while (0)

static u8 *digits(u8 *o, int dry, u64 number) {
  u32 count = 1;
  for (u64 rest = number; rest > 9; rest /= 10) count++;
  if (!dry) for (u32 at = count; at > 0; number /= 10) o[--at] = (u8)('0' + number % 10);
  return o + count;
}

static u8 *integer(u8 *o, int dry, i64 number) {
  if (number < 0) PUT('-');
  return digits(o, dry, number < 0 ? 0 - (u64)number : (u64)number);
}

static u8 *hex(u8 *o, int dry, u32 digit) {
  PUT(digit < 10 ? '0' + digit : 'a' + digit - 10);
  return o;
}

// Eight bytes at a time, wherever they lie.
static inline u64 eight(const u8 *at) {
  u64 bytes;
  __builtin_memcpy(&bytes, at, 8);
  return bytes;
}

static u8 *raw(u8 *o, int dry, const text *words) {
  u32 at = 0;
  if (dry) return o + words->length;
  for (; at + 8 <= words->length; at += 8) {
    u64 bytes = eight(words->at + at);
    __builtin_memcpy(o + at, &bytes, 8);
  }
  for (; at < words->length; at++) o[at] = words->at[at];
  return o + words->length;
}

#define EACH 0x0101010101010101ull
// The high bits of the bytes that are zero; of others only behind the first of these.
#define ZEROS(bytes) (((bytes) - EACH) & ~(bytes) & (EACH * 0x80))

// Whether JSON has one of eight bytes in another way.
static inline int is_special(u64 bytes) {
  u64 control = (bytes - EACH * 0x20) & ~bytes & (EACH * 0x80);
  return (control | ZEROS(bytes ^ (EACH * '"')) | ZEROS(bytes ^ (EACH * '\\'))) != 0;
}

static u8 *quoted(u8 *o, int dry, const text *words) {
  u32 at = 0;
  PUT('"');
  while (at < words->length) {
    for (; at + 8 <= words->length; at += 8) {
      u64 bytes = eight(words->at + at);
      if (is_special(bytes)) break;
      if (!dry) __builtin_memcpy(o, &bytes, 8);
      o += 8;
    }
    // The rest, or the eight that are not as they should be.
    for (u32 end = at + 8 < words->length ? at + 8 : words->length; at < end; at++) {
      u8 c = words->at[at];
      if (c < 0x20) {
        PUT('\\'); PUT('u'); PUT('0'); PUT('0');
        o = hex(o, dry, c >> 4);
        o = hex(o, dry, c & 15);
      } else {
        if (c == '"' || c == '\\') PUT('\\');
        PUT(c);
      }
    }
  }
  PUT('"');
  return o;
}

// Whether JSON has it digit by digit.
static int is_whole(double number) {
  return number > -9007199254740992.0 && number < 9007199254740992.0 && (double)(i64)number == number
    && !(number == 0 && __builtin_signbit(number));
}

static u8 *one(u8 *o, int dry, const value *is) {
  switch (is->tag) {
    case BOOLEAN:
      if (is->boolean) { PUT('t'); PUT('r'); PUT('u'); PUT('e'); }
      else { PUT('f'); PUT('a'); PUT('l'); PUT('s'); PUT('e'); }
      return o;
    case INTEGER: return integer(o, dry, is->integer);
    case NUMBER: return integer(o, dry, is_whole(is->number) ? (i64)is->number : 0);
    case TEXT: return quoted(o, dry, &is->words);
    case JSON: return raw(o, dry, &is->words);
    case TEXTS:
      PUT('[');
      for (u32 at = 0; at < is->list.count; at++) {
        if (at) PUT(',');
        o = quoted(o, dry, &is->list.at[at]);
      }
      PUT(']');
      return o;
    case OTHER:
      PUT('[');
      o = quoted(o, dry, &is->other.kind);
      for (u32 at = 0; at < is->other.bytes.length; at++) {
        PUT(',');
        o = digits(o, dry, is->other.bytes.at[at]);
      }
      PUT(']');
      return o;
    default: PUT('n'); PUT('u'); PUT('l'); PUT('l'); return o;
  }
}

static u8 *record(u8 *o, int dry, const fields *all) {
  PUT('{');
  for (u32 at = 0; at < all->count; at++) {
    if (at) PUT(',');
    o = quoted(o, dry, &all->at[at].name);
    PUT(':');
    o = one(o, dry, &all->at[at].is);
  }
  PUT('}');
  return o;
}

// A number by its bits, which JSON has only some digits of.
static u8 *bits(u8 *o, int dry, double number) {
  u64 all = __builtin_bit_cast(u64, number);
  o = digits(o, dry, all & 0xffffffff);
  PUT(',');
  return digits(o, dry, all >> 32);
}

// What JSON alone does not tell: [field, kind, more ..].
static u8 *remarks(u8 *o, int dry, const fields *all) {
  for (u32 at = 0; at < all->count; at++) {
    const value *is = &all->at[at].is;
    u8 kind = is->tag == JSON ? 'j' : is->tag == TEXTS ? 'l' : is->tag == OTHER ? 'o' : is->tag == NUMBER && !is_whole(is->number) ? 'd' : 0;
    if (!kind) continue;
    PUT(','); PUT('[');
    o = quoted(o, dry, &all->at[at].name);
    PUT(','); PUT('"'); PUT(kind); PUT('"');
    if (kind == 'd') {
      PUT(',');
      o = bits(o, dry, is->number);
    }
    PUT(']');
  }
  return o;
}

// What is in a field, but for a text, which is as it is unless it begins like this: 1, a letter, and more.
static u8 *marked(u8 *o, int dry, const value *is) {
  PUT(MARK);
  if (!is) return o;
  switch (is->tag) {
    case BOOLEAN: PUT(is->boolean ? 'y' : 'n'); return o;
    case INTEGER: PUT('i'); return integer(o, dry, is->integer);
    case NUMBER:
      if (is_whole(is->number)) { PUT('i'); return integer(o, dry, (i64)is->number); }
      PUT('d');
      return bits(o, dry, is->number);
    case TEXT: PUT('t'); return raw(o, dry, &is->words);
    case TEXTS: PUT('l'); return one(o, dry, is);
    case JSON: PUT('j'); return one(o, dry, is);
    case OTHER: PUT('o'); return one(o, dry, is);
    default: PUT('z'); return o;
  }
}

static inline int is_same(const text *a, const text *b) {
  if (a->length != b->length) return 0;
  for (u32 at = 0; at < a->length; at++) if (a->at[at] != b->at[at]) return 0;
  return 1;
}

static const value *find(const fields *all, const text *name) {
  for (u32 at = 0; at < all->count; at++) if (is_same(&all->at[at].name, name)) return &all->at[at].is;
  return 0;
}

// The parameters of a hook behind its context, of which each is a text or a record.
static inline const u8 *parameter(const context *call, u32 index) { return (const u8 *)(call + 1) + 8 * index; }

// What is handed over is freed by the engine, so it is always a copy.
static void hand_over(const text *words, text *to) {
  u8 *bytes = room(words->length);
  raw(bytes, 0, words);
  to->at = bytes;
  to->length = words->length;
}

// A text of the context, in the order of its structure; behind them its configuration, and then the parameters that are texts.
__attribute__((export_name("words"))) void words(const context *call, u32 index, text *to) {
  hand_over(index < 6 ? &call->tenant + index : index == 6 ? &call->config : (const text *)parameter(call, index - 7), to);
}

__attribute__((export_name("now-ms"))) double now_ms(const context *call) { return (double)call->now; }

__attribute__((export_name("depth"))) u32 depth(const context *call) { return call->depth; }

// A field of a parameter that is a record.
__attribute__((export_name("field"))) void one_field(const context *call, u32 index, const u8 *name, u32 length, text *to) {
  text sought = { name, length };
  const value *is = find((const fields *)parameter(call, index), &sought);
  if (is && is->tag == TEXT && !(is->words.length && *is->words.at == MARK)) {
    hand_over(&is->words, to);
    return;
  }
  to->length = (u32)marked(0, 1, is);
  u8 *bytes = room(to->length);
  to->at = bytes;
  marked(bytes, 0, is);
}

static u8 *whole(u8 *o, int dry, const fields *all) {
  PUT('[');
  o = record(o, dry, all);
  o = remarks(o, dry, all);
  PUT(']');
  return o;
}

// All of them.
__attribute__((export_name("fields"))) void all_fields(const context *call, u32 index, text *to) {
  const fields *all = (const fields *)parameter(call, index);
  to->length = (u32)whole(0, 1, all);
  u8 *bytes = room(to->length);
  to->at = bytes;
  whole(bytes, 0, all);
}

// --- out

// A number, which ends in a comma.
#define NUMBER_OF(name) \
  u32 name = 0; \
  for (; p < end && *p != ','; p++) name = name * 10 + (*p - '0'); \
  if (p >= end) __builtin_trap(); \
  p++

// A text: its length as JavaScript counts, in halves of UTF-16, and then itself.
#define TEXT_OF(to) do { \
    NUMBER_OF(halves); \
    (to)->at = p; \
    while (halves) { \
      if (p >= end) __builtin_trap(); \
      u8 c = *p; \
      u32 long_ = c >= 0xf0; \
      p += c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4; \
      if (long_ && halves < 2) __builtin_trap(); \
      halves -= long_ ? 2 : 1; \
    } \
    if (p > end) __builtin_trap(); \
    (to)->length = (u32)(p - (to)->at); \
  } while (0)

// Whether a text is in that field of the draft already; where that has JSON, the text becomes JSON too.
static int is_there(const fields *draft, field *to) {
  const value *was = draft && to->is.tag == TEXT ? find(draft, &to->name) : 0;
  if (!was || (was->tag != TEXT && was->tag != JSON)) return 0;
  if (was->tag == JSON) {
    u32 length = (u32)quoted(0, 1, &to->is.words);
    u8 *bytes = room(length);
    quoted(bytes, 0, &to->is.words);
    to->is.tag = JSON;
    to->is.words.at = bytes;
    to->is.words.length = length;
  }
  return is_same(&was->words, &to->is.words);
}

static u32 *outcome(const text *from, const fields *draft, int of_validator) {
  const u8 *p = from->at, *end = p + from->length;
  u32 *out = room(20);
  out[0] = out[1] = out[2] = out[3] = out[4] = 0;
  if (p >= end) __builtin_trap();
  u8 kind = *p++;
  // A validator's errors are a list and nothing else, and no other hook's are.
  if (kind != 'U' && (kind == 'E') != of_validator) __builtin_trap();
  if (kind == 'U') return out;
  if (kind == 'F') {
    NUMBER_OF(count);
    if (count > from->length) __builtin_trap();
    field *all = room(count * sizeof(field) + 8);
    field *to = all;
    for (u32 at = 0; at < count; at++) {
      TEXT_OF(&to->name);
      if (p >= end) __builtin_trap();
      u8 tag = *p++;
      if (tag == 'z') to->is.tag = NOTHING;
      else if (tag == 't' || tag == 'j') {
        to->is.tag = tag == 't' ? TEXT : JSON;
        TEXT_OF(&to->is.words);
      } else if (tag == 'b') {
        NUMBER_OF(truth);
        to->is.tag = BOOLEAN;
        to->is.boolean = truth != 0;
      } else if (tag == 'n' || tag == 'i') {
        NUMBER_OF(low);
        NUMBER_OF(high);
        to->is.tag = tag == 'n' ? NUMBER : INTEGER;
        to->is.integer = (i64)((u64)high << 32 | low);
      } else if (tag == 'l') {
        NUMBER_OF(items);
        if (items > from->length) __builtin_trap();
        to->is.tag = TEXTS;
        to->is.list.count = items;
        to->is.list.at = room(items * sizeof(text) + 8);
        for (u32 item = 0; item < items; item++) TEXT_OF(&to->is.list.at[item]);
      } else __builtin_trap();
      if (!is_there(draft, to)) to++;
    }
    out[1] = (u32)all;
    out[2] = (u32)(to - all);
    return out;
  }
  if (kind == 'T') {
    field *to = room(sizeof(field));
    TEXT_OF(&to->name);
    if (p >= end || *p++ != ',') __builtin_trap();
    to->is.tag = TEXT;
    to->is.words.at = p;
    to->is.words.length = (u32)(end - p);
    out[1] = (u32)to;
    out[2] = !is_there(draft, to);
    return out;
  }
  // Whatever else there is, it is a refusal.
  ((u8 *)out)[0] = 1;
  if (kind == 'S') TEXT_OF((text *)(out + 1));
  else if (kind == 'D') {
    NUMBER_OF(status);
    ((u8 *)out)[4] = 1;
    *(unsigned short *)(out + 2) = (unsigned short)status;
    TEXT_OF((text *)(out + 3));
  } else if (kind == 'I' || kind == 'E') {
    NUMBER_OF(count);
    if (count > from->length) __builtin_trap();
    mistake *all = room(count * sizeof(mistake) + 8);
    for (u32 at = 0; at < count; at++) {
      TEXT_OF(&all[at].field);
      TEXT_OF(&all[at].code);
      TEXT_OF(&all[at].message);
    }
    u32 *list = kind == 'I' ? out + 2 : out + 1;
    list[0] = (u32)all;
    list[1] = count;
  } else __builtin_trap();
  return out;
}

// The answer of a hook, from the text that it has become; of one that changes a record with where that is among its parameters.
__attribute__((export_name("changes"))) u32 *changes(const text *from, const context *call, u32 index) {
  return outcome(from, (const fields *)parameter(call, index), 0);
}

__attribute__((export_name("answer"))) u32 *answer(const text *from) { return outcome(from, 0, 0); }

// And that of a validator.
__attribute__((export_name("errors"))) u32 *errors(const text *from) { return outcome(from, 0, 1); }
