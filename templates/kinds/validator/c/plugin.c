/* plugin-name: a title, an `n` of at most ten, and no tag `bad`. */
#include "tinybase.h"

TINYBASE_VALIDATE {
  tb_field_error errors[3];
  size_t count = 0;
  if (!tb_get_text(call->record, TB("title")).len) errors[count++] = (tb_field_error){TB("title"), TB("check_blank"), TB("Needs a title.")};
  if (tb_get_number(call->record, TB("n")) > 10) errors[count++] = (tb_field_error){TB("n"), TB("check_too_many"), TB("At most ten.")};
  tb_texts tags = tb_get_texts(call->record, TB("tags"));
  for (size_t i = 0; i < tags.len; i++) {
    if (!tb_same(tags.ptr[i], TB("bad"))) continue;
    errors[count++] = (tb_field_error){TB("tags"), TB("check_bad_tag"), TB("Not that one.")};
    break;
  }
  return tb_found(errors, count);
}
