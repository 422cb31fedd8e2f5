"""plugin-name: a title, an `n` of at most ten, and no tag `bad`."""

from tinybase import checking
from wit_world import exports


class Validator(exports.Validator):
    @checking
    def validate(self, ctx, draft):
        if not draft["title"]:
            yield "title", "check_blank", "Needs a title."
        if draft["n"] > 10:
            yield "n", "check_too_many", "At most ten."
        if "bad" in (draft["tags"] or []):
            yield "tags", "check_bad_tag", "Not that one."
