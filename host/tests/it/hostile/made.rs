//! How hostile components are made: as text, from parts that are right but for the one that is not.

/// The types of the contract, as a component imports them.
const TYPES: &str = r#"
  (import "tinybase:plugin/types@0.1.0" (instance $types
    (type $caller (record (field "kind" string) (field "id" string) (field "collection" string)))
    (export "caller" (type $caller' (eq $caller)))
    (type $context (record (field "tenant" string) (field "collection" string) (field "request-id" string)
      (field "caller" $caller') (field "now-ms" s64) (field "depth" u8) (field "config" string)))
    (export "context" (type (eq $context)))
    (type $value (variant (case "null") (case "boolean" bool) (case "integer" s64) (case "number" f64)
      (case "text" string) (case "texts" (list string)) (case "json" string)
      (case "other" (tuple string (list u8)))))
    (export "value" (type $value' (eq $value)))
    (type $field (record (field "name" string) (field "value" $value')))
    (export "field" (type $field' (eq $field)))
    (type $fields (list $field'))
    (export "fields" (type (eq $fields)))
    (type $field-error (record (field "field" string) (field "code" string) (field "message" string)))
    (export "field-error" (type $field-error' (eq $field-error)))
    (type $refusal (variant (case "invalid" (list $field-error')) (case "denied" (tuple u16 string))))
    (export "refusal" (type (eq $refusal)))
    (type $error (record (field "code" string) (field "message" string)))
    (export "error" (type (eq $error)))))
  (alias export $types "context" (type $context))
  (alias export $types "fields" (type $fields))
  (alias export $types "refusal" (type $refusal))
  (alias export $types "error" (type $error))
  (type $hook (func (param "ctx" $context) (param "draft" $fields) (result (result $fields (error $refusal)))))
"#;

/// An honest allocator: it hands out what has not been handed out, and asks for more pages.
pub const REALLOC: &str = r#"
  (global $top (mut i32) (i32.const 131072))
  (func $realloc (export "realloc") (param $old i32) (param $had i32) (param $align i32) (param $want i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $top (i32.add (local.get $at) (local.get $want)))
    (if (i32.gt_u (global.get $top) (i32.shl (memory.size) (i32.const 16)))
      (then (drop (memory.grow (i32.const 1)))))
    (local.get $at))
"#;

/// An answer that changes nothing, at 16.
pub const NO_CHANGE: &str = r#"(data (i32.const 16) "\00\00\00\00" "\00\00\00\00" "\00\00\00\00")"#;

pub fn assembled(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// What a component is made of; the defaults are an honest hook that changes nothing.
pub struct Parts<'a> {
    /// Before the core module: imports, and the core functions made of them.
    pub before: &'a str,
    /// Imports of the core module.
    pub imports: &'a str,
    pub memory: &'a str,
    pub realloc: &'a str,
    /// More of the core module.
    pub more: &'a str,
    /// The body of the hook; `(param $args i32) (result i32)`.
    pub body: &'a str,
    /// What the core module is instantiated with.
    pub with: &'a str,
    /// More options of the lifted hook.
    pub options: &'a str,
    /// After the core module.
    pub after: &'a str,
}

impl Default for Parts<'_> {
    fn default() -> Self {
        Self {
            before: "",
            imports: "",
            memory: r#"(memory (export "memory") 4)"#,
            realloc: REALLOC,
            more: NO_CHANGE,
            body: "(i32.const 16)",
            with: "",
            options: "",
            after: "",
        }
    }
}

impl Parts<'_> {
    pub fn text(&self) -> String {
        let Self { before, imports, memory, realloc, more, body, with, options, after } = self;
        format!(
            r#"(component {TYPES} {before}
              (core module $code {imports} {memory} {realloc} {more}
                (func $hook (export "hook") (param $args i32) (result i32) (local $n i32) {body}))
              (core instance $code (instantiate $code {with}))
              {after}
              (func $hook (type $hook) (canon lift (core func $code "hook") (memory (core memory $code "memory"))
                (realloc (core func $code "realloc")) {options}))
              (instance $hooks (export "before-create" (func $hook)))
              (export "tinybase:plugin/before-create@0.1.0" (instance $hooks)))"#
        )
    }

    pub fn bytes(&self) -> Vec<u8> {
        assembled(&self.text())
    }
}

/// A hook with this body, which need not answer.
pub fn hook(body: &str) -> Vec<u8> {
    let body = format!("{body} (i32.const 16)");
    Parts { body: &body, ..Parts::default() }.bytes()
}

/// A hook that answers with what lies in memory at 16, as `data` has it.
pub fn answer(data: &str) -> Vec<u8> {
    Parts { more: &format!("(data (i32.const 16) {data})"), ..Parts::default() }.bytes()
}

/// A hook with one more section of that name and content in its component.
pub fn with_custom(name: &str, content: &[u8]) -> Vec<u8> {
    let mut bytes = Parts::default().bytes();
    let mut section = Vec::new();
    leb(&mut section, name.len());
    section.extend_from_slice(name.as_bytes());
    section.extend_from_slice(content);
    bytes.push(0);
    leb(&mut bytes, section.len());
    bytes.extend_from_slice(&section);
    bytes
}

/// A hook beside which there is one more core module, which nobody instantiates.
pub fn with_module(module: &[u8]) -> Vec<u8> {
    let mut bytes = hook("");
    bytes.push(1);
    leb(&mut bytes, module.len());
    bytes.extend_from_slice(module);
    bytes
}

fn leb(bytes: &mut Vec<u8>, mut number: usize) {
    loop {
        let byte = u8::try_from(number & 0x7f).expect("seven bits");
        number >>= 7;
        bytes.push(if number == 0 { byte } else { byte | 0x80 });
        if number == 0 {
            return;
        }
    }
}

/// A hook that can call `log` as `$log` and `kv` as `$get`, `$set` and `$increment` of its core module.
pub fn with_host(more: &str, body: &str) -> Vec<u8> {
    let before = r#"
      (import "tinybase:plugin/log@0.1.0" (instance $log-host
        (type $level (enum "debug" "info" "warn" "error"))
        (export "level" (type $level' (eq $level)))
        (export "log" (func (param "level" $level') (param "message" string) (param "fields" (list (tuple string string)))))))
      (import "tinybase:plugin/kv@0.1.0" (instance $kv-host
        (alias outer 1 $error (type $outer-error))
        (export "error" (type $error' (eq $outer-error)))
        (export "get" (func (param "key" string) (result (result (option (list u8)) (error $error')))))
        (export "set" (func (param "key" string) (param "value" (list u8)) (param "ttl-ms" u64) (result (result (error $error')))))
        (export "increment" (func (param "key" string) (param "delta" s64) (result (result s64 (error $error')))))))
      (core module $lib (memory (export "memory") 4) REALLOC)
      (core instance $lib (instantiate $lib))
      (core func $log (canon lower (func $log-host "log") (memory (core memory $lib "memory"))))
      (core func $get (canon lower (func $kv-host "get") (memory (core memory $lib "memory")) (realloc (core func $lib "realloc"))))
      (core func $set (canon lower (func $kv-host "set") (memory (core memory $lib "memory")) (realloc (core func $lib "realloc"))))
      (core func $increment (canon lower (func $kv-host "increment") (memory (core memory $lib "memory")) (realloc (core func $lib "realloc"))))"#
        .replace("REALLOC", REALLOC);
    let imports = r#"
      (import "lib" "memory" (memory 4))
      (import "lib" "realloc" (func $allocate (param i32 i32 i32 i32) (result i32)))
      (import "host" "log" (func $log (param i32 i32 i32 i32 i32)))
      (import "host" "get" (func $get (param i32 i32 i32)))
      (import "host" "set" (func $set (param i32 i32 i32 i32 i64 i32)))
      (import "host" "increment" (func $increment (param i32 i32 i64 i32)))
      (export "memory" (memory 0))
      (export "realloc" (func $allocate))"#;
    let with = r#"(with "lib" (instance $lib)) (with "host" (instance (export "log" (func $log)) (export "get" (func $get))
      (export "set" (func $set)) (export "increment" (func $increment))))"#;
    let (body, more) = (format!("{body} (i32.const 16)"), format!("{NO_CHANGE} {more}"));
    Parts { before: &before, imports, memory: "", realloc: "", more: &more, body: &body, with, ..Parts::default() }
        .bytes()
}
