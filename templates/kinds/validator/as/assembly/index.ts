// plugin-name: a title, an `n` of at most ten, and no tag `bad`.

import { FieldError, findings, first } from "./tinybase";

export { cabi_realloc } from "./tinybase";

export function validate(call: usize): usize {
  const draft = first(call);
  const errors: FieldError[] = [];
  if (draft.text("title").length == 0) errors.push(new FieldError("title", "check_blank", "Needs a title."));
  if (draft.number("n") > 10) errors.push(new FieldError("n", "check_too_many", "At most ten."));
  if (draft.texts("tags").includes("bad")) errors.push(new FieldError("tags", "check_bad_tag", "Not that one."));
  return findings(errors);
}
