/* Keeps a record's `slug` in step with its `title`, lets no published record be deleted, and writes each new record down
 * in the collection `journal`. */
#include "tinybase.h"

/* Lower-case letters and digits; each run of anything else becomes one dash, with none at the ends. */
static tb_text slug_of(tb_text title) {
  char *slug = tb_alloc(title.len, 1);
  size_t length = 0;
  bool gap = false;
  for (size_t i = 0; i < title.len; i++) {
    char c = title.ptr[i];
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
      gap = length > 0;
      continue;
    }
    if (gap) slug[length++] = '-';
    gap = false;
    slug[length++] = c;
  }
  return (tb_text){slug, length};
}

static tb_answer *slugify(tb_fields draft) {
  tb_text slug = slug_of(tb_get_text(draft, TB("title")));
  if (!slug.len) return tb_refuse(TB("title"), TB("validation_slug_empty"), TB("Needs a letter or a digit."));
  if (tb_same(slug, tb_get_text(draft, TB("slug")))) return tb_unchanged();
  return tb_change(tb_text_field(TB("slug"), slug));
}

TINYBASE_BEFORE_CREATE { return slugify(call->record); }

TINYBASE_BEFORE_UPDATE {
  bool same = tb_same(tb_get_text(call->original, TB("title")), tb_get_text(call->draft, TB("title")));
  return same ? tb_unchanged() : slugify(call->draft);
}

TINYBASE_BEFORE_DELETE {
  if (tb_get_boolean(call->record, TB("published"))) return tb_deny(403, TB("Published records stay."));
  return tb_unchanged();
}

TINYBASE_AFTER_CREATE {
  tb_fields entry = TB_FIELDS(
    tb_text_field(TB("event"), event->event),
    tb_text_field(TB("record"), tb_get_text(event->record, TB("id"))),
    tb_text_field(TB("title"), tb_get_text(event->record, TB("title"))));
  tb_text id;
  tb_error error = tb_records_create(TB("journal"), entry, &id);
  if (error.failed) return tb_later(tb_words(error));
  tb_log(1, TB("written down"));
  return tb_done();
}
