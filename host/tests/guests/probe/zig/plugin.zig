//! The probe of the conformance list (host/tests/guests/probe/README.md) in Zig.

const std = @import("std");
const tb = @import("tinybase.zig");

pub const panic = tb.panic;

comptime {
    tb.beforeCreate(onCreate);
    tb.afterCreate(created);
    tb.afterUpdate(updated);
    tb.afterDelete(deleted);
    tb.scheduled(ran);
    tb.beforeSignIn(onSignIn);
    tb.tokenClaims(claims);
}

const Ask = enum {
    who, log, get, find, named, count, create, update, delete, @"kv.get", @"kv.set", @"kv.increment", @"kv.delete",
    clock, random, http, secret, sign, mail, publish, @"file.read", @"file.write", panic,
};

fn onCreate(ctx: *const tb.Context, draft: tb.Record) tb.Answer {
    const ask = draft.text("ask");
    if (ask.len == 0) return .unchanged;
    if (std.mem.eql(u8, ask, "echo")) return echoed(draft);
    if (std.mem.eql(u8, ask, "refuse")) return .refuseAll(&.{
        .{ .field = "a", .code = "probe_a", .message = "Not this." },
        .{ .field = "b", .code = "probe_b", .message = "Nor that." },
    });
    const asked = std.meta.stringToEnum(Ask, ask) orelse @panic("an unknown question");
    const answer = answered(asked, ctx, draft) catch tb.concat(&.{ "refused:", tb.refusal().code });
    return .change(tb.textField("answer", answer));
}

fn answered(ask: Ask, ctx: *const tb.Context, draft: tb.Record) tb.HostError![]const u8 {
    const a = draft.text("a");
    const b = draft.text("b");
    const c = draft.text("c");
    const d = draft.text("d");
    const n: i64 = @trunc(draft.number("n") orelse 0);
    switch (ask) {
        .who => return format("{s} {s} {s} {d} {d} {s}", .{
            ctx.tenant.slice(), ctx.collection.slice(), ctx.caller.kind.slice(), ctx.now_ms, ctx.depth, ctx.config.slice(),
        }),
        .log => tb.writeWith(.warn, a, &.{.of("b", b)}),
        .get => return (try tb.records.get(a, b)).text("title"),
        .find => return titles(try tb.records.find(a, b, c, @intCast(n))),
        .named => return titles(try tb.records.find(a, tb.concat(&.{ "title = ", tb.records.quote(b) }), "", 10)),
        .count => return format("{d}", .{try tb.records.count(a, b)}),
        .create => return tb.records.create(a, &.{tb.textField("title", b)}),
        .update => try tb.records.update(a, b, &.{tb.textField("title", c)}),
        .delete => try tb.records.delete(a, b),
        .@"kv.get" => return try tb.kv.get(a) orelse "nothing",
        .@"kv.set" => try tb.kv.set(a, b, @intCast(n)),
        .@"kv.increment" => return format("{d}", .{try tb.kv.increment(a, n)}),
        .@"kv.delete" => try tb.kv.delete(a),
        .clock => return format("{d}", .{try tb.clock.nowMs()}),
        .random => return listed(try tb.random.bytes(@intCast(n))),
        .http => {
            const headers = [_]tb.Pair{.of("x-probe", c)};
            const response = try tb.http.send(.{ .method = a, .url = b, .headers = &headers, .body = d });
            return format("{d} {s} {s}", .{ response.status, response.header("x-echo") orelse "", response.body });
        },
        .secret => return tb.secrets.placeholder(a),
        .sign => return listed(try tb.secrets.hmacSha256(a, b)),
        .mail => try tb.mail.send(.{ .to = &.{a}, .subject = b, .text = c, .html = if (d.len > 0) d else null }),
        .publish => try tb.realtime.publish(a, b),
        .@"file.read" => return tb.files.read(a, b, c),
        .@"file.write" => try tb.files.put(a, b, c, d, "from the probe"),
        .panic => @panic(a),
    }
    return "done";
}

fn format(comptime shape: []const u8, values: anytype) []const u8 {
    return std.fmt.allocPrint(tb.allocator, shape, values) catch @trap();
}

fn listed(bytes: []const u8) []const u8 {
    var list: []const u8 = "";
    for (bytes, 0..) |byte, i| list = format("{s}{s}{d}", .{ list, if (i > 0) "," else "", byte });
    return list;
}

fn titles(found: []const tb.Record) []const u8 {
    var list: []const u8 = "";
    for (found, 0..) |record, i| list = tb.concat(&.{ list, if (i > 0) "," else "", record.text("title") });
    return list;
}

fn echoed(draft: tb.Record) tb.Answer {
    const tags = std.mem.concat(tb.allocator, tb.Text, &.{ draft.texts("tags"), &.{.of("more")} }) catch @trap();
    return .changeAll(&.{
        .{ .name = .of("flag"), .value = .boolean(!draft.boolean("flag")) },
        .{ .name = .of("n"), .value = .number((draft.number("n") orelse 0) * 2) },
        .{ .name = .of("tags"), .value = .texts(tags) },
        .{ .name = .of("meta"), .value = .json(tb.concat(&.{ "{\"was\":", draft.json("meta"), "}" })) },
    });
}

fn told(what: []const u8, title: []const u8) ?[]const u8 {
    if (std.mem.eql(u8, title, "fail")) return "as it was told";
    tb.write(.info, tb.concat(&.{ what, " ", title }));
    return null;
}

fn created(_: *const tb.Context, _: []const u8, stored: tb.Record) ?[]const u8 {
    return told("created", stored.text("title"));
}

fn updated(_: *const tb.Context, _: []const u8, original: tb.Record, stored: tb.Record) ?[]const u8 {
    return told(tb.concat(&.{ "updated ", original.text("title") }), stored.text("title"));
}

fn deleted(_: *const tb.Context, _: []const u8, original: tb.Record) ?[]const u8 {
    return told("deleted", original.text("title"));
}

fn ran(_: *const tb.Context, name: []const u8) ?[]const u8 {
    return told("ran", name);
}

fn onSignIn(_: *const tb.Context, _: []const u8, user: tb.Record) tb.Answer {
    return if (std.mem.eql(u8, user.text("name"), "blocked")) .deny(403, "You are blocked.") else .unchanged;
}

fn claims(_: *const tb.Context, method: []const u8, _: tb.Record) []const tb.Field {
    return tb.allocator.dupe(tb.Field, &.{
        tb.textField("way", method),
        .{ .name = .of("level"), .value = .number(2) },
    }) catch @trap();
}
