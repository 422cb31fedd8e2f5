// Keeps a record's `slug` in step with its `title`, lets no published record be deleted, and writes each new record down
// in the collection `journal`. A hook is an exported function with the name of its interface, in snake case.

import {
  Fields, INFO, Record, change, deny, done, eventOf, first, firstOfEvent, later, log, records, refuse, second, unchanged,
} from "./tinybase";

export { cabi_realloc } from "./tinybase";

export function before_create(call: usize): usize {
  return slugify(first(call));
}

export function before_update(call: usize): usize {
  const draft = second(call);
  return draft.text("title") == first(call).text("title") ? unchanged() : slugify(draft);
}

export function before_delete(call: usize): usize {
  return first(call).boolean("published") ? deny(403, "Published records stay.") : unchanged();
}

export function after_create(call: usize): usize {
  const stored = firstOfEvent(call);
  const entry = new Fields()
    .text("event", eventOf(call))
    .text("record", stored.text("id"))
    .text("title", stored.text("title"));
  const made = records.create("journal", entry);
  if (made.failed) return later(made.words);
  log(INFO, "written down");
  return done();
}

function slugify(draft: Record): usize {
  const slug = slugOf(draft.text("title"));
  if (slug.length == 0) return refuse("title", "validation_slug_empty", "Needs a letter or a digit.");
  return slug == draft.text("slug") ? unchanged() : change(new Fields().text("slug", slug));
}

/** Lower-case letters and digits; each run of anything else becomes one dash, with none at the ends. */
function slugOf(title: string): string {
  let slug = "";
  let gap = false;
  for (let i = 0; i < title.length; i++) {
    let code = title.charCodeAt(i);
    if (code >= 65 && code <= 90) code += 32;
    if (!((code >= 97 && code <= 122) || (code >= 48 && code <= 57))) {
      gap = slug.length > 0;
      continue;
    }
    if (gap) slug += "-";
    gap = false;
    slug += String.fromCharCode(code);
  }
  return slug;
}
