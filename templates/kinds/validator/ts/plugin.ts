// plugin-name: a title, an `n` of at most ten, and no tag `bad`.

import { definePlugin } from "@tinybase/plugin";

interface Draft {
  title: string;
  n: number;
  tags: string[];
}

export default definePlugin<Draft>({
  validate(_ctx, draft, errors) {
    if (!draft.title) errors.add("title", "check_blank", "Needs a title.");
    if (draft.n > 10) errors.add("n", "check_too_many", "At most ten.");
    if (draft.tags?.includes("bad")) errors.add("tags", "check_bad_tag", "Not that one.");
  },
});
