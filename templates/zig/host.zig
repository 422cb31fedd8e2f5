//! What a plugin may ask the host for; each function is imported where it is called. What the host refuses is a
//! `HostError`, with its words in `tb.refusal()`.

const std = @import("std");
const tb = @import("tinybase.zig");

const Field = tb.Field;
const Record = tb.Record;
const Text = tb.Text;
const allocator = tb.allocator;
const concat = tb.concat;

/// What the host refuses, by its code; `Refused` is a code that is none of these.
pub const HostError = error{ Denied, NotFound, Invalid, Conflict, Quota, Full, TooLarge, Unavailable, Refused };

pub const Refusal = struct { code: []const u8 = "", message: []const u8 = "" };

var last: Refusal = .{};

/// The words of the last `HostError`.
pub fn refusal() Refusal {
    return last;
}

/// The same as one text, for logs and for what is to be tried again.
pub fn words() []const u8 {
    return concat(&.{ last.code, ": ", last.message });
}

const RefusedBy = extern struct { code: Text, message: Text };

fn refused(by: RefusedBy) HostError {
    last = .{ .code = by.code.slice(), .message = by.message.slice() };
    const codes = [_]struct { []const u8, HostError }{
        .{ "denied", error.Denied },     .{ "not_found", error.NotFound },       .{ "invalid", error.Invalid },
        .{ "conflict", error.Conflict }, .{ "quota", error.Quota },              .{ "full", error.Full },
        .{ "too_large", error.TooLarge }, .{ "unavailable", error.Unavailable },
    };
    for (codes) |code| if (std.mem.eql(u8, code[0], last.code)) return code[1];
    return error.Refused;
}

/// How the host answers: refused, then a value or the error.
fn Reply(comptime T: type) type {
    return extern struct {
        refused: u8,
        of: extern union { value: T, err: RefusedBy },

        fn take(self: *const @This()) HostError!T {
            return if (self.refused == 0) self.of.value else refused(self.of.err);
        }
    };
}

const Nothing = extern struct { nothing: u32 };
const Done = Reply(Nothing);
const Bytes = [*]const u8;

fn done(reply: *const Done) HostError!void {
    _ = try reply.take();
}

pub const Level = enum(u32) { debug, info, warn, err };
pub const Pair = extern struct {
    name: Text,
    value: Text,

    pub fn of(name: []const u8, value: []const u8) Pair {
        return .{ .name = .of(name), .value = .of(value) };
    }
};

extern "tinybase:plugin/log@0.1.0" fn log(level: u32, Bytes, usize, facts: [*]const Pair, count: usize) void;

/// Writes to the plugin's own log.
pub fn write(level: Level, message: []const u8) void {
    writeWith(level, message, &.{});
}

/// The same with facts beside it.
pub fn writeWith(level: Level, message: []const u8, facts: []const Pair) void {
    log(@intFromEnum(level), message.ptr, message.len, facts.ptr, facts.len);
}

/// Gives panics words in the log: `pub const panic = tb.panic;` in `plugin.zig`, which a validator, having no log, leaves out.
pub const panic = std.debug.FullPanic(struct {
    fn fail(message: []const u8, _: ?usize) noreturn {
        write(.err, message);
        @trap();
    }
}.fail);

pub const records = struct {
    const host = struct {
        extern "tinybase:plugin/records@0.1.0" fn get(Bytes, usize, Bytes, usize, *Reply(Record)) void;
        extern "tinybase:plugin/records@0.1.0" fn find(Bytes, usize, Bytes, usize, Bytes, usize, u32, *Reply(Text)) void;
        extern "tinybase:plugin/records@0.1.0" fn count(Bytes, usize, Bytes, usize, *Reply(u64)) void;
        extern "tinybase:plugin/records@0.1.0" fn create(Bytes, usize, [*]const Field, usize, *Reply(Text)) void;
        extern "tinybase:plugin/records@0.1.0" fn update(Bytes, usize, Bytes, usize, [*]const Field, usize, *Done) void;
        extern "tinybase:plugin/records@0.1.0" fn delete(Bytes, usize, Bytes, usize, *Done) void;
    };

    pub fn get(collection: []const u8, id: []const u8) HostError!Record {
        var reply: Reply(Record) = undefined;
        host.get(collection.ptr, collection.len, id.ptr, id.len, &reply);
        return reply.take();
    }

    /// Those that match `filter` (empty for all; texts go in by `quote`), ordered by `sort` (`-created,title`), at most
    /// `limit` (1 to 500).
    pub fn find(collection: []const u8, filter: []const u8, sort: []const u8, limit: u32) HostError![]const Record {
        var reply: Reply(Text) = undefined;
        host.find(collection.ptr, collection.len, filter.ptr, filter.len, sort.ptr, sort.len, limit, &reply);
        const list = try reply.take();
        return if (list.len == 0) &.{} else @as([*]const Record, @ptrFromInt(list.ptr))[0..list.len];
    }

    pub fn count(collection: []const u8, filter: []const u8) HostError!u64 {
        var reply: Reply(u64) = undefined;
        host.count(collection.ptr, collection.len, filter.ptr, filter.len, &reply);
        return reply.take();
    }

    /// Creates a record and answers with its id.
    pub fn create(collection: []const u8, fields: []const Field) HostError![]const u8 {
        var reply: Reply(Text) = undefined;
        host.create(collection.ptr, collection.len, fields.ptr, fields.len, &reply);
        return (try reply.take()).slice();
    }

    pub fn update(collection: []const u8, id: []const u8, changes: []const Field) HostError!void {
        var reply: Done = undefined;
        host.update(collection.ptr, collection.len, id.ptr, id.len, changes.ptr, changes.len, &reply);
        return done(&reply);
    }

    pub fn delete(collection: []const u8, id: []const u8) HostError!void {
        var reply: Done = undefined;
        host.delete(collection.ptr, collection.len, id.ptr, id.len, &reply);
        return done(&reply);
    }

    /// A text as a literal of the rule language.
    pub fn quote(text: []const u8) []const u8 {
        const doubled = std.mem.replaceOwned(u8, allocator, text, "\\", "\\\\") catch @trap();
        const escaped = std.mem.replaceOwned(u8, allocator, doubled, "'", "\\'") catch @trap();
        return concat(&.{ "'", escaped, "'" });
    }
};

/// A small store of the plugin's own.
pub const kv = struct {
    const Maybe = extern struct { some: u8, bytes: Text };
    const host = struct {
        extern "tinybase:plugin/kv@0.1.0" fn get(Bytes, usize, *Reply(Maybe)) void;
        extern "tinybase:plugin/kv@0.1.0" fn set(Bytes, usize, Bytes, usize, u64, *Done) void;
        extern "tinybase:plugin/kv@0.1.0" fn increment(Bytes, usize, i64, *Reply(i64)) void;
        extern "tinybase:plugin/kv@0.1.0" fn delete(Bytes, usize, *Done) void;
    };

    pub fn get(key: []const u8) HostError!?[]const u8 {
        var reply: Reply(Maybe) = undefined;
        host.get(key.ptr, key.len, &reply);
        const value = try reply.take();
        return if (value.some == 0) null else value.bytes.slice();
    }

    /// Keeps a value for `ttl_ms`, or with 0 until it is deleted.
    pub fn set(key: []const u8, value: []const u8, ttl_ms: u64) HostError!void {
        var reply: Done = undefined;
        host.set(key.ptr, key.len, value.ptr, value.len, ttl_ms, &reply);
        return done(&reply);
    }

    /// Adds to an integer, 0 where there is none, and answers with the sum.
    pub fn increment(key: []const u8, delta: i64) HostError!i64 {
        var reply: Reply(i64) = undefined;
        host.increment(key.ptr, key.len, delta, &reply);
        return reply.take();
    }

    pub fn delete(key: []const u8) HostError!void {
        var reply: Done = undefined;
        host.delete(key.ptr, key.len, &reply);
        return done(&reply);
    }
};

pub const clock = struct {
    const host = struct {
        extern "tinybase:plugin/clock@0.1.0" fn @"now-ms"(*Reply(i64)) void;
    };

    /// Milliseconds since 1970, now.
    pub fn nowMs() HostError!i64 {
        var reply: Reply(i64) = undefined;
        host.@"now-ms"(&reply);
        return reply.take();
    }
};

pub const random = struct {
    const host = struct {
        extern "tinybase:plugin/random@0.1.0" fn bytes(u32, *Reply(Text)) void;
    };

    /// 1 to 65536 bytes that nobody can foresee.
    pub fn bytes(length: u32) HostError![]const u8 {
        var reply: Reply(Text) = undefined;
        host.bytes(length, &reply);
        return (try reply.take()).slice();
    }
};

/// Requests to the hosts that an admin grants.
pub const http = struct {
    pub const Request = struct {
        method: []const u8 = "GET",
        url: []const u8,
        headers: []const Pair = &.{},
        body: []const u8 = "",
        /// 0 leaves it at what the call itself may last.
        timeout_ms: u32 = 0,
    };

    pub const Response = struct {
        status: u16,
        headers: []const Pair,
        body: []const u8,

        /// The first header of that name, in small letters.
        pub fn header(self: Response, name: []const u8) ?[]const u8 {
            for (self.headers) |pair| if (std.mem.eql(u8, pair.name.slice(), name)) return pair.value.slice();
            return null;
        }
    };

    const Crossing = extern struct { status: u16, headers: Text, body: Text };
    const host = struct {
        extern "tinybase:plugin/http-client@0.1.0" fn send(Bytes, usize, Bytes, usize, [*]const Pair, usize, Bytes, usize, u32, *Reply(Crossing)) void;
    };

    /// Sends a request once; every answer of the server's is a response, whatever its status.
    pub fn send(request: Request) HostError!Response {
        const r = request;
        var reply: Reply(Crossing) = undefined;
        host.send(r.method.ptr, r.method.len, r.url.ptr, r.url.len, r.headers.ptr, r.headers.len, r.body.ptr, r.body.len, r.timeout_ms, &reply);
        const came = try reply.take();
        const headers: []const Pair = if (came.headers.len == 0) &.{} else @as([*]const Pair, @ptrFromInt(came.headers.ptr))[0..came.headers.len];
        return .{ .status = came.status, .headers = headers, .body = came.body.slice() };
    }
};

pub const secrets = struct {
    const host = struct {
        extern "tinybase:plugin/secrets@0.1.0" fn placeholder(Bytes, usize, *Reply(Text)) void;
        extern "tinybase:plugin/secrets@0.1.0" fn @"hmac-sha256"(Bytes, usize, Bytes, usize, *Reply(Text)) void;
    };

    /// A text that stands for the secret in requests to its hosts.
    pub fn placeholder(name: []const u8) HostError![]const u8 {
        var reply: Reply(Text) = undefined;
        host.placeholder(name.ptr, name.len, &reply);
        return (try reply.take()).slice();
    }

    /// HMAC-SHA256 of a message under the secret.
    pub fn hmacSha256(name: []const u8, message: []const u8) HostError![]const u8 {
        var reply: Reply(Text) = undefined;
        host.@"hmac-sha256"(name.ptr, name.len, message.ptr, message.len, &reply);
        return (try reply.take()).slice();
    }
};

pub const mail = struct {
    pub const Letter = struct {
        /// Each gets a mail of its own.
        to: []const []const u8,
        subject: []const u8,
        text: []const u8,
        /// What stands between `<body>` and `</body>`; made of the text when there is none.
        html: ?[]const u8 = null,
    };

    const host = struct {
        extern "tinybase:plugin/mail@0.1.0" fn send([*]const Text, usize, Bytes, usize, Bytes, usize, u32, Bytes, usize, *Done) void;
    };

    pub fn send(letter: Letter) HostError!void {
        const to = allocator.alloc(Text, letter.to.len) catch @trap();
        for (letter.to, to) |from, *address| address.* = .of(from);
        const html = letter.html orelse "";
        var reply: Done = undefined;
        host.send(to.ptr, to.len, letter.subject.ptr, letter.subject.len, letter.text.ptr, letter.text.len, @intFromBool(letter.html != null), html.ptr, html.len, &reply);
        return done(&reply);
    }
};

pub const realtime = struct {
    const host = struct {
        extern "tinybase:plugin/realtime@0.1.0" fn publish(Bytes, usize, Bytes, usize, *Done) void;
    };

    /// Sends JSON text to everybody who is subscribed to a topic.
    pub fn publish(topic: []const u8, json: []const u8) HostError!void {
        var reply: Done = undefined;
        host.publish(topic.ptr, topic.len, json.ptr, json.len, &reply);
        return done(&reply);
    }
};

/// The files of records.
pub const files = struct {
    const host = struct {
        extern "tinybase:plugin/files@0.1.0" fn read(Bytes, usize, Bytes, usize, Bytes, usize, *Reply(Text)) void;
        extern "tinybase:plugin/files@0.1.0" fn write(Bytes, usize, Bytes, usize, Bytes, usize, Bytes, usize, Bytes, usize, *Done) void;
    };

    /// A stored file of a record, by the name that its field holds.
    pub fn read(collection: []const u8, id: []const u8, name: []const u8) HostError![]const u8 {
        var reply: Reply(Text) = undefined;
        host.read(collection.ptr, collection.len, id.ptr, id.len, name.ptr, name.len, &reply);
        return (try reply.take()).slice();
    }

    /// Puts a file into a file field.
    pub fn put(collection: []const u8, id: []const u8, field: []const u8, name: []const u8, content: []const u8) HostError!void {
        var reply: Done = undefined;
        host.write(collection.ptr, collection.len, id.ptr, id.len, field.ptr, field.len, name.ptr, name.len, content.ptr, content.len, &reply);
        return done(&reply);
    }
};
