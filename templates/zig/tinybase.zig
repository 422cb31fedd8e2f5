//! Tinybase plugins in Zig: the contract as the canonical ABI lays it out.
//!
//! Export a hook with `comptime { tb.beforeCreate(myHook); }`: the component exports exactly those, and imports exactly
//! the functions of the host that are called. Memory comes from `tb.allocator`, an arena that is never freed: an instance
//! lives for one call.

const std = @import("std");

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

    pub fn boolean(truth: bool) Value {
        return .{ .kind = @intFromEnum(Kind.boolean), .bits = @intFromBool(truth) };
    }

    pub fn number(of: f64) Value {
        return .{ .kind = @intFromEnum(Kind.number), .bits = @bitCast(of) };
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
        if (value.kind != @intFromEnum(Kind.text)) return "";
        return (Text{ .ptr = @truncate(value.bits), .len = @truncate(value.bits >> 32) }).slice();
    }

    pub fn boolean(self: Record, name: []const u8) bool {
        const value = self.get(name) orelse return false;
        return value.kind == @intFromEnum(Kind.boolean) and value.bits & 1 == 1;
    }

    pub fn number(self: Record, name: []const u8) ?f64 {
        const value = self.get(name) orelse return null;
        return if (value.kind == @intFromEnum(Kind.number)) @bitCast(value.bits) else null;
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
        return .{ .changes = allocator.dupe(Field, &.{field}) catch @trap() };
    }

    pub fn refuse(field: []const u8, code: []const u8, message: []const u8) Answer {
        return .{ .invalid = allocator.dupe(FieldError, &.{.{ .field = field, .code = code, .message = message }}) catch @trap() };
    }

    pub fn deny(status: u16, message: []const u8) Answer {
        return .{ .denied = .{ .status = status, .message = message } };
    }
};

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
    raw.* = if (failure) |words| .{ .a = 1, .b = @intFromPtr(words.ptr), .c = words.len } else .{};
    return raw;
}

fn exportName(comptime interface: []const u8, comptime function: []const u8) []const u8 {
    return "tinybase:plugin/" ++ interface ++ "@0.1.0#" ++ function;
}

const Call = extern struct { ctx: Context, record: Record };
const UpdateCall = extern struct { ctx: Context, original: Record, draft: Record };
const Event = extern struct { ctx: Context, event: Text, record: Record };
const UpdateEvent = extern struct { ctx: Context, event: Text, original: Record, stored: Record };

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

// --- the host

extern "tinybase:plugin/log@0.1.0" fn log(level: u32, ptr: [*]const u8, len: usize, fields: usize, count: usize) void;

pub const Level = enum(u32) { debug, info, warn, err };

/// Writes to the plugin's own log.
pub fn write(level: Level, message: []const u8) void {
    log(@intFromEnum(level), message.ptr, message.len, 4, 0);
}

pub const records = struct {
    const Reply = extern struct { refused: u8, first: Text, second: Text };

    extern "tinybase:plugin/records@0.1.0" fn create(cp: [*]const u8, cl: usize, fp: [*]const Field, fl: usize, reply: *Reply) void;

    /// Creates a record; answers with words when the host refuses.
    pub fn insert(collection: []const u8, fields: []const Field) ?[]const u8 {
        var reply: Reply = undefined;
        create(collection.ptr, collection.len, fields.ptr, fields.len, &reply);
        if (reply.refused == 0) return null;
        return std.mem.concat(allocator, u8, &.{ reply.first.slice(), ": ", reply.second.slice() }) catch @trap();
    }
};
