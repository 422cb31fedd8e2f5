//! Tinybase plugins in Zig: the contract as the canonical ABI lays it out.
//!
//! Export a hook with `comptime { tb.beforeCreate(myHook); }`: the component exports exactly those, and imports exactly
//! the functions of the host that are called. `host.zig` has those. Memory
//! comes from `tb.allocator`, an arena that is never freed: an instance lives for one call.

const std = @import("std");
const host = @import("host.zig");

pub const HostError = host.HostError;
pub const refusal = host.refusal;
pub const words = host.words;
pub const Level = host.Level;
pub const Pair = host.Pair;
pub const write = host.write;
pub const writeWith = host.writeWith;
pub const panic = host.panic;
pub const records = host.records;
pub const kv = host.kv;
pub const clock = host.clock;
pub const random = host.random;
pub const http = host.http;
pub const secrets = host.secrets;
pub const mail = host.mail;
pub const realtime = host.realtime;
pub const files = host.files;

var arena: std.heap.ArenaAllocator = .init(std.heap.wasm_allocator);
pub const allocator = arena.allocator();

/// A text in memory, as it crosses.
pub const Text = extern struct {
    ptr: usize = 0,
    len: usize = 0,

    pub fn of(bytes: []const u8) Text {
        return .{ .ptr = @intFromPtr(bytes.ptr), .len = bytes.len };
    }

    pub fn slice(self: Text) []const u8 {
        if (self.len == 0) return "";
        return @as([*]const u8, @ptrFromInt(self.ptr))[0..self.len];
    }
};

pub const Kind = enum(u8) { null, boolean, integer, number, text, texts, json, other };

/// A column value; `kind` says how its bits are to be read.
pub const Value = extern struct {
    kind: u8 = 0,
    bits: u64 align(8) = 0,
    more: u64 = 0,

    pub fn text(bytes: []const u8) Value {
        const crossing = Text.of(bytes);
        return .{ .kind = @intFromEnum(Kind.text), .bits = @as(u64, crossing.len) << 32 | crossing.ptr };
    }

    pub fn json(bytes: []const u8) Value {
        var value = text(bytes);
        value.kind = @intFromEnum(Kind.json);
        return value;
    }

    pub fn texts(list: []const Text) Value {
        return .{ .kind = @intFromEnum(Kind.texts), .bits = @as(u64, list.len) << 32 | @intFromPtr(list.ptr) };
    }

    pub fn boolean(truth: bool) Value {
        return .{ .kind = @intFromEnum(Kind.boolean), .bits = @intFromBool(truth) };
    }

    pub fn integer(of: i64) Value {
        return .{ .kind = @intFromEnum(Kind.integer), .bits = @bitCast(of) };
    }

    pub fn number(of: f64) Value {
        return .{ .kind = @intFromEnum(Kind.number), .bits = @bitCast(of) };
    }

    fn is(self: Value, kind: Kind) bool {
        return self.kind == @intFromEnum(kind);
    }

    fn crossed(self: Value) Text {
        return .{ .ptr = @truncate(self.bits), .len = @truncate(self.bits >> 32) };
    }
};

pub const Field = extern struct { name: Text, value: Value };

/// A record as a list of fields.
pub const Record = extern struct {
    ptr: usize = 0,
    len: usize = 0,

    pub fn fields(self: Record) []const Field {
        if (self.len == 0) return &.{};
        return @as([*]const Field, @ptrFromInt(self.ptr))[0..self.len];
    }

    pub fn of(list: []const Field) Record {
        return .{ .ptr = @intFromPtr(list.ptr), .len = list.len };
    }

    pub fn get(self: Record, name: []const u8) ?Value {
        for (self.fields()) |field| if (std.mem.eql(u8, field.name.slice(), name)) return field.value;
        return null;
    }

    /// The text of a field; empty where it is none.
    pub fn text(self: Record, name: []const u8) []const u8 {
        const value = self.get(name) orelse return "";
        return if (value.is(.text)) value.crossed().slice() else "";
    }

    /// The JSON text of a field; empty where it is none.
    pub fn json(self: Record, name: []const u8) []const u8 {
        const value = self.get(name) orelse return "";
        return if (value.is(.json)) value.crossed().slice() else "";
    }

    /// The texts of a field, each with `slice()`; none where it has none.
    pub fn texts(self: Record, name: []const u8) []const Text {
        const value = self.get(name) orelse return &.{};
        const list = value.crossed();
        return if (value.is(.texts) and list.len > 0) @as([*]const Text, @ptrFromInt(list.ptr))[0..list.len] else &.{};
    }

    pub fn boolean(self: Record, name: []const u8) bool {
        const value = self.get(name) orelse return false;
        return value.is(.boolean) and value.bits & 1 == 1;
    }

    /// A number, whole or not.
    pub fn number(self: Record, name: []const u8) ?f64 {
        const value = self.get(name) orelse return null;
        if (value.is(.integer)) return @floatFromInt(@as(i64, @bitCast(value.bits)));
        return if (value.is(.number)) @bitCast(value.bits) else null;
    }
};

pub fn textField(name: []const u8, text: []const u8) Field {
    return .{ .name = .of(name), .value = .text(text) };
}

pub const Caller = extern struct { kind: Text, id: Text, collection: Text };

/// The circumstances of one call.
pub const Context = extern struct {
    tenant: Text,
    collection: Text,
    request_id: Text,
    caller: Caller,
    now_ms: i64 align(8),
    depth: u8,
    config: Text,
};

pub const FieldError = struct { field: []const u8, code: []const u8, message: []const u8 };

/// What a before-hook answers.
pub const Answer = union(enum) {
    changes: []const Field,
    invalid: []const FieldError,
    denied: struct { status: u16, message: []const u8 },

    pub const unchanged: Answer = .{ .changes = &.{} };

    pub fn change(field: Field) Answer {
        return changeAll(&.{field});
    }

    pub fn changeAll(fields: []const Field) Answer {
        return .{ .changes = allocator.dupe(Field, fields) catch @trap() };
    }

    pub fn refuse(field: []const u8, code: []const u8, message: []const u8) Answer {
        return .{ .invalid = allocator.dupe(FieldError, &.{.{ .field = field, .code = code, .message = message }}) catch @trap() };
    }

    pub fn refuseAll(errors: []const FieldError) Answer {
        return .{ .invalid = allocator.dupe(FieldError, errors) catch @trap() };
    }

    pub fn deny(status: u16, message: []const u8) Answer {
        return .{ .denied = .{ .status = status, .message = message } };
    }
};

pub fn concat(parts: []const []const u8) []const u8 {
    return std.mem.concat(allocator, u8, parts) catch @trap();
}

// --- what crosses

const Raw = extern struct { a: u32 = 0, b: u32 = 0, c: u32 = 0, d: u32 = 0, e: u32 = 0 };
const RawError = extern struct { field: Text, code: Text, message: Text };

fn rawErrors(errors: []const FieldError) usize {
    const list = allocator.alloc(RawError, errors.len) catch @trap();
    for (errors, list) |from, *to| to.* = .{ .field = .of(from.field), .code = .of(from.code), .message = .of(from.message) };
    return @intFromPtr(list.ptr);
}

fn answer(from: Answer) *Raw {
    const raw = allocator.create(Raw) catch @trap();
    raw.* = switch (from) {
        .changes => |changes| .{ .b = @intFromPtr(changes.ptr), .c = changes.len },
        .invalid => |errors| .{ .a = 1, .c = rawErrors(errors), .d = errors.len },
        .denied => |denied| .{ .a = 1, .b = 1, .c = denied.status, .d = @intFromPtr(denied.message.ptr), .e = denied.message.len },
    };
    return raw;
}

fn receipt(failure: ?[]const u8) *Raw {
    const raw = allocator.create(Raw) catch @trap();
    raw.* = if (failure) |why| .{ .a = 1, .b = @intFromPtr(why.ptr), .c = why.len } else .{};
    return raw;
}

fn exportName(comptime interface: []const u8, comptime function: []const u8) []const u8 {
    return "tinybase:plugin/" ++ interface ++ "@0.1.0#" ++ function;
}

const Call = extern struct { ctx: Context, record: Record };
const UpdateCall = extern struct { ctx: Context, original: Record, draft: Record };
const Event = extern struct { ctx: Context, event: Text, record: Record };
const UpdateEvent = extern struct { ctx: Context, event: Text, original: Record, stored: Record };
const Run = extern struct { ctx: Context, name: Text };
const SignIn = extern struct { ctx: Context, method: Text, record: Record };

pub fn beforeCreate(comptime hook: fn (*const Context, Record) Answer) void {
    @export(&struct {
        fn call(args: *const Call) callconv(.c) *Raw {
            return answer(hook(&args.ctx, args.record));
        }
    }.call, .{ .name = exportName("before-create", "before-create") });
}

pub fn beforeUpdate(comptime hook: fn (*const Context, Record, Record) Answer) void {
    @export(&struct {
        fn call(args: *const UpdateCall) callconv(.c) *Raw {
            return answer(hook(&args.ctx, args.original, args.draft));
        }
    }.call, .{ .name = exportName("before-update", "before-update") });
}

pub fn beforeDelete(comptime hook: fn (*const Context, Record) Answer) void {
    @export(&struct {
        fn call(args: *const Call) callconv(.c) *Raw {
            return answer(hook(&args.ctx, args.record));
        }
    }.call, .{ .name = exportName("before-delete", "before-delete") });
}

/// Answers with every error it finds.
pub fn validator(comptime hook: fn (*const Context, Record) []const FieldError) void {
    @export(&struct {
        fn call(args: *const Call) callconv(.c) *Raw {
            const errors = hook(&args.ctx, args.record);
            const raw = allocator.create(Raw) catch @trap();
            raw.* = if (errors.len == 0) .{} else .{ .a = 1, .b = rawErrors(errors), .c = errors.len };
            return raw;
        }
    }.call, .{ .name = exportName("validator", "validate") });
}

/// Answers with words when the event is to be tried again.
pub fn afterCreate(comptime hook: fn (*const Context, []const u8, Record) ?[]const u8) void {
    @export(&struct {
        fn call(args: *const Event) callconv(.c) *Raw {
            return receipt(hook(&args.ctx, args.event.slice(), args.record));
        }
    }.call, .{ .name = exportName("after-create", "after-create") });
}

pub fn afterUpdate(comptime hook: fn (*const Context, []const u8, Record, Record) ?[]const u8) void {
    @export(&struct {
        fn call(args: *const UpdateEvent) callconv(.c) *Raw {
            return receipt(hook(&args.ctx, args.event.slice(), args.original, args.stored));
        }
    }.call, .{ .name = exportName("after-update", "after-update") });
}

pub fn afterDelete(comptime hook: fn (*const Context, []const u8, Record) ?[]const u8) void {
    @export(&struct {
        fn call(args: *const Event) callconv(.c) *Raw {
            return receipt(hook(&args.ctx, args.event.slice(), args.record));
        }
    }.call, .{ .name = exportName("after-delete", "after-delete") });
}

/// Called by the clock, with the name of a schedule. Answers with words when it failed.
pub fn scheduled(comptime hook: fn (*const Context, []const u8) ?[]const u8) void {
    @export(&struct {
        fn call(args: *const Run) callconv(.c) *Raw {
            return receipt(hook(&args.ctx, args.name.slice()));
        }
    }.call, .{ .name = exportName("scheduled", "run") });
}

/// Somebody has proved who they are, by `password`, `otp`, ..; may refuse or deny.
pub fn beforeSignIn(comptime hook: fn (*const Context, []const u8, Record) Answer) void {
    @export(&struct {
        fn call(args: *const SignIn) callconv(.c) *Raw {
            return answer(hook(&args.ctx, args.method.slice(), args.record));
        }
    }.call, .{ .name = exportName("before-sign-in", "before-sign-in") });
}

/// Answers with what else a token tells.
pub fn tokenClaims(comptime hook: fn (*const Context, []const u8, Record) []const Field) void {
    @export(&struct {
        fn call(args: *const SignIn) callconv(.c) *Raw {
            return answer(.changeAll(hook(&args.ctx, args.method.slice(), args.record)));
        }
    }.call, .{ .name = exportName("token-claims", "token-claims") });
}

/// Where the host puts what it hands over. Nothing of length 0 may lie at the end of the address space.
export fn cabi_realloc(old: ?[*]u8, old_len: usize, alignment: usize, new_len: usize) ?[*]u8 {
    if (new_len == 0) return @ptrFromInt(alignment);
    const fresh = allocator.alignedAlloc(u8, .@"8", new_len) catch @trap();
    if (old) |bytes| {
        const kept = @min(old_len, new_len);
        @memcpy(fresh[0..kept], bytes[0..kept]);
    }
    return fresh.ptr;
}
