// Keeps a record's `slug` in step with its `title`, lets no published record be deleted, and writes each new record
// down in the collection `journal`.

import { definePlugin, deny, refuse } from "@tinybase/plugin";
import { log } from "@tinybase/plugin/log";
import { records } from "@tinybase/plugin/records";

interface Post {
  title: string;
  slug?: string;
  published?: boolean;
}

export default definePlugin<Post>({
  beforeCreate(_ctx, draft) {
    slugify(draft);
  },

  beforeUpdate(_ctx, original, draft) {
    if (draft.title !== original.title) slugify(draft);
  },

  beforeDelete(_ctx, original) {
    if (original.published) deny(403, "Published records stay.");
  },

  afterCreate(_ctx, event, stored) {
    records.create("journal", { event, record: stored.id, title: stored.title });
    log.info("written down", { record: stored.id });
  },
});

function slugify(draft: Post) {
  const words = (draft.title ?? "").toLowerCase().match(/[a-z0-9]+/g);
  if (!words) return refuse("title", "validation_slug_empty", "Needs a letter or a digit.");
  draft.slug = words.join("-");
}
