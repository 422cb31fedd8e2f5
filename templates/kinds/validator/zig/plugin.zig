//! plugin-name: a title, an `n` of at most ten, and no tag `bad`.

const std = @import("std");
const tb = @import("tinybase.zig");

comptime {
    tb.validator(check);
}

fn check(_: *const tb.Context, draft: tb.Record) []const tb.FieldError {
    var errors: std.ArrayList(tb.FieldError) = .empty;
    if (draft.text("title").len == 0) found(&errors, "title", "check_blank", "Needs a title.");
    if ((draft.number("n") orelse 0) > 10) found(&errors, "n", "check_too_many", "At most ten.");
    for (draft.texts("tags")) |tag| {
        if (!std.mem.eql(u8, tag.slice(), "bad")) continue;
        found(&errors, "tags", "check_bad_tag", "Not that one.");
        break;
    }
    return errors.items;
}

fn found(errors: *std.ArrayList(tb.FieldError), field: []const u8, code: []const u8, message: []const u8) void {
    errors.append(tb.allocator, .{ .field = field, .code = code, .message = message }) catch @trap();
}
