//! Keeps a record's `slug` in step with its `title`, lets no published record be deleted, and writes each new record down
//! in the collection `journal`.

const std = @import("std");
const tb = @import("tinybase.zig");

/// A panic leaves its words in the log.
pub const panic = tb.panic;

comptime {
    tb.beforeCreate(onCreate);
    tb.beforeUpdate(onUpdate);
    tb.beforeDelete(onDelete);
    tb.afterCreate(created);
}

fn onCreate(_: *const tb.Context, draft: tb.Record) tb.Answer {
    return slugify(draft);
}

fn onUpdate(_: *const tb.Context, original: tb.Record, draft: tb.Record) tb.Answer {
    if (std.mem.eql(u8, original.text("title"), draft.text("title"))) return .unchanged;
    return slugify(draft);
}

fn onDelete(_: *const tb.Context, original: tb.Record) tb.Answer {
    if (original.boolean("published")) return .deny(403, "Published records stay.");
    return .unchanged;
}

fn created(_: *const tb.Context, event: []const u8, stored: tb.Record) ?[]const u8 {
    const entry = [_]tb.Field{
        tb.textField("event", event),
        tb.textField("record", stored.text("id")),
        tb.textField("title", stored.text("title")),
    };
    _ = tb.records.create("journal", &entry) catch return tb.words();
    tb.write(.info, "written down");
    return null;
}

fn slugify(draft: tb.Record) tb.Answer {
    const slug = slugOf(draft.text("title"));
    if (slug.len == 0) return .refuse("title", "validation_slug_empty", "Needs a letter or a digit.");
    if (std.mem.eql(u8, slug, draft.text("slug"))) return .unchanged;
    return .change(tb.textField("slug", slug));
}

/// Lower-case letters and digits; each run of anything else becomes one dash, with none at the ends.
fn slugOf(title: []const u8) []const u8 {
    const slug = tb.allocator.alloc(u8, title.len) catch @trap();
    var length: usize = 0;
    var gap = false;
    for (title) |byte| {
        if (!std.ascii.isAlphanumeric(byte)) {
            gap = length > 0;
            continue;
        }
        if (gap) {
            slug[length] = '-';
            length += 1;
            gap = false;
        }
        slug[length] = std.ascii.toLower(byte);
        length += 1;
    }
    return slug[0..length];
}
