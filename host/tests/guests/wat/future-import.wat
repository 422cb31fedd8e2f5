;; Wants a version of a known capability that this host does not have yet.
(component
  (import "tinybase:plugin/kv@9.0.0" (instance $kv
    (export "compare-and-set" (func (param "key" string) (param "old" string) (param "new" string) (result bool)))))
  (core module $code
    (func (export "answer") (result i32) i32.const 42))
  (core instance $code (instantiate $code))
  (func (export "answer") (result s32) (canon lift (core func $code "answer"))))
