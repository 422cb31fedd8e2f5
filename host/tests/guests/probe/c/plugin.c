/* The probe of the conformance list (host/tests/guests/probe/README.md) in C. */
#include "tinybase.h"

#define DRAFT(name) tb_get_text(draft, TB(name))
#define ASKED(name) tb_same(ask, TB(name))

static tb_text listed(tb_text bytes) {
  tb_text list = TB("");
  for (size_t i = 0; i < bytes.len; i++) list = tb_join(list, i ? TB(",") : TB(""), tb_decimal((unsigned char)bytes.ptr[i]));
  return list;
}

static tb_error titles(tb_text collection, tb_text filter, tb_text sort, uint32_t limit, tb_text *answer) {
  tb_records found;
  tb_error error = tb_records_find(collection, filter, sort, limit, &found);
  for (size_t i = 0; i < found.len; i++) *answer = tb_join(*answer, i ? TB(",") : TB(""), tb_get_text(found.ptr[i], TB("title")));
  return error;
}

static tb_error sent(tb_fields draft, tb_text *answer) {
  tb_pair mine = {TB("x-probe"), DRAFT("c")};
  tb_request request = {.method = DRAFT("a"), .url = DRAFT("b"), .headers = {&mine, 1}, .body = DRAFT("d")};
  tb_response response;
  tb_error error = tb_http_send(request, &response);
  *answer = tb_join(tb_join(tb_decimal(response.status), TB(" "), tb_header(response, TB("x-echo"))), TB(" "), response.body);
  return error;
}

static tb_error with_records(tb_text ask, tb_fields draft, tb_text *answer) {
  tb_text a = DRAFT("a"), b = DRAFT("b"), c = DRAFT("c");
  tb_fields record;
  tb_error error;
  int64_t count;
  if (ASKED("get")) {
    error = tb_records_get(a, b, &record);
    *answer = tb_get_text(record, TB("title"));
    return error;
  }
  if (ASKED("find")) {
    *answer = TB("");
    return titles(a, b, c, (uint32_t)tb_get_number(draft, TB("n")), answer);
  }
  if (ASKED("named")) {
    *answer = TB("");
    return titles(a, tb_join(TB("title = "), tb_quote(b), TB("")), TB(""), 10, answer);
  }
  if (ASKED("count")) {
    error = tb_records_count(a, b, &count);
    *answer = tb_decimal(count);
    return error;
  }
  if (ASKED("create")) return tb_records_create(a, TB_FIELDS(tb_text_field(TB("title"), b)), answer);
  if (ASKED("update")) return tb_records_update(a, b, TB_FIELDS(tb_text_field(TB("title"), c)));
  return tb_records_delete(a, b);
}

static tb_error with_kv(tb_text ask, tb_fields draft, tb_text *answer) {
  tb_text a = DRAFT("a");
  int64_t sum, n = (int64_t)tb_get_number(draft, TB("n"));
  tb_error error;
  if (ASKED("kv.get")) {
    error = tb_kv_get(a, answer);
    if (!answer->ptr) *answer = TB("nothing");
    return error;
  }
  if (ASKED("kv.set")) return tb_kv_set(a, DRAFT("b"), (uint64_t)n);
  if (ASKED("kv.delete")) return tb_kv_delete(a);
  error = tb_kv_increment(a, n, &sum);
  *answer = tb_decimal(sum);
  return error;
}

static tb_error with_more(tb_text ask, tb_fields draft, tb_text *answer) {
  tb_text a = DRAFT("a"), b = DRAFT("b"), c = DRAFT("c"), d = DRAFT("d");
  tb_error error;
  int64_t now;
  if (ASKED("clock")) {
    error = tb_clock_now_ms(&now);
    *answer = tb_decimal(now);
    return error;
  }
  if (ASKED("random")) {
    error = tb_random_bytes((uint32_t)tb_get_number(draft, TB("n")), answer);
    *answer = listed(*answer);
    return error;
  }
  if (ASKED("http")) return sent(draft, answer);
  if (ASKED("secret")) return tb_secret_placeholder(a, answer);
  if (ASKED("sign")) {
    error = tb_secret_hmac_sha256(a, b, answer);
    *answer = listed(*answer);
    return error;
  }
  if (ASKED("mail")) return tb_mail_send((tb_letter){.to = {&a, 1}, .subject = b, .text = c, .html = d.len ? d : (tb_text){NULL, 0}});
  if (ASKED("publish")) return tb_realtime_publish(a, b);
  if (ASKED("file.read")) return tb_files_read(a, b, c, answer);
  if (ASKED("file.write")) return tb_files_write(a, b, c, d, TB("from the probe"));
  tb_panic(a);
}

static tb_answer *echoed(tb_fields draft) {
  tb_texts tags = tb_get_texts(draft, TB("tags"));
  tb_text *more = tb_alloc((tags.len + 1) * sizeof(tb_text), _Alignof(tb_text));
  for (size_t i = 0; i < tags.len; i++) more[i] = tags.ptr[i];
  more[tags.len] = TB("more");
  return tb_change_all(TB_FIELDS(
    tb_boolean_field(TB("flag"), !tb_get_boolean(draft, TB("flag"))),
    tb_number_field(TB("n"), tb_get_number(draft, TB("n")) * 2),
    tb_texts_field(TB("tags"), (tb_texts){more, tags.len + 1}),
    tb_json_field(TB("meta"), tb_join(TB("{\"was\":"), tb_get_json(draft, TB("meta")), TB("}")))));
}

static tb_text who(const tb_context *ctx) {
  tb_text words[] = {ctx->tenant, ctx->collection, ctx->caller.kind, tb_decimal(ctx->now_ms), tb_decimal(ctx->depth), ctx->config};
  tb_text all = words[0];
  for (size_t i = 1; i < 6; i++) all = tb_join(all, TB(" "), words[i]);
  return all;
}

static bool is_one_of(tb_text ask, const tb_text *names, size_t count) {
  for (size_t i = 0; i < count; i++) if (tb_same(ask, names[i])) return true;
  return false;
}

TINYBASE_BEFORE_CREATE {
  tb_fields draft = call->record;
  tb_text ask = DRAFT("ask"), answer = TB("done");
  if (!ask.len) return tb_unchanged();
  if (ASKED("echo")) return echoed(draft);
  if (ASKED("refuse")) {
    tb_field_error both[] = {{TB("a"), TB("probe_a"), TB("Not this.")}, {TB("b"), TB("probe_b"), TB("Nor that.")}};
    return tb_refuse_all(both, 2);
  }
  tb_error error = {false};
  if (ASKED("who")) {
    answer = who(&call->ctx);
  } else if (ASKED("log")) {
    tb_log_with(2, DRAFT("a"), &(tb_pair){TB("b"), DRAFT("b")}, 1);
  } else {
    const tb_text records[] = {TB("get"), TB("find"), TB("named"), TB("count"), TB("create"), TB("update"), TB("delete")};
    const tb_text kv[] = {TB("kv.get"), TB("kv.set"), TB("kv.increment"), TB("kv.delete")};
    error = is_one_of(ask, records, 7) ? with_records(ask, draft, &answer)
            : is_one_of(ask, kv, 4)    ? with_kv(ask, draft, &answer)
                                       : with_more(ask, draft, &answer);
  }
  return tb_change(tb_text_field(TB("answer"), error.failed ? tb_join(TB("refused:"), error.code, TB("")) : answer));
}

static tb_receipt *told(tb_text what, tb_text title) {
  if (tb_same(title, TB("fail"))) return tb_later(TB("as it was told"));
  tb_log(1, tb_join(what, TB(" "), title));
  return tb_done();
}

TINYBASE_AFTER_CREATE { return told(TB("created"), tb_get_text(event->record, TB("title"))); }

TINYBASE_AFTER_UPDATE {
  tb_text was = tb_get_text(event->original, TB("title"));
  return told(tb_join(TB("updated "), was, TB("")), tb_get_text(event->stored, TB("title")));
}

TINYBASE_AFTER_DELETE { return told(TB("deleted"), tb_get_text(event->record, TB("title"))); }

TINYBASE_SCHEDULED { return told(TB("ran"), run->name); }

TINYBASE_BEFORE_SIGN_IN {
  bool blocked = tb_same(tb_get_text(call->record, TB("name")), TB("blocked"));
  return blocked ? tb_deny(403, TB("You are blocked.")) : tb_unchanged();
}

TINYBASE_TOKEN_CLAIMS {
  return tb_claim(TB_FIELDS(tb_text_field(TB("way"), call->method), tb_number_field(TB("level"), 2)));
}
