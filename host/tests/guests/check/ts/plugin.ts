// The check of the conformance list (host/tests/guests/check/README.md) in TypeScript.

import { definePlugin } from "@tinybase/plugin";

interface Probe {
  title: string;
  n: number;
  tags: string[];
}

export default definePlugin<Probe>({
  validate(_ctx, draft, errors) {
    if (!draft.title) errors.add("title", "check_blank", "Needs a title.");
    if (draft.n > 10) errors.add("n", "check_too_many", "At most ten.");
    if (draft.tags?.includes("bad")) errors.add("tags", "check_bad_tag", "Not that one.");
  },
});
