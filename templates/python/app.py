"""Keeps a record's `slug` in step with its `title`, lets no published record be deleted, and writes each new record down
in the collection `journal`."""

import re

from host import log, records
from tinybase import changing, consenting, delivering, deny, refuse
from wit_world import exports


class BeforeCreate(exports.BeforeCreate):
    @changing
    def before_create(self, ctx, draft):
        slugify(draft)


class BeforeUpdate(exports.BeforeUpdate):
    @changing
    def before_update(self, ctx, original, draft):
        if draft["title"] != original["title"]:
            slugify(draft)


class BeforeDelete(exports.BeforeDelete):
    @consenting
    def before_delete(self, ctx, original):
        if original.get("published"):
            deny(403, "Published records stay.")


class AfterCreate(exports.AfterCreate):
    @delivering
    def after_create(self, ctx, event_id, stored):
        records.create("journal", {"event": event_id, "record": stored["id"], "title": stored["title"]})
        log.info("written down", record=stored["id"])


def slugify(draft):
    slug = "-".join(re.findall("[a-z0-9]+", (draft.get("title") or "").lower()))
    if not slug:
        refuse("title", "validation_slug_empty", "Needs a letter or a digit.")
    draft["slug"] = slug
