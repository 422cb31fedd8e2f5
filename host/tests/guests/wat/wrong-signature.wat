;; Exports a known hook under a signature that is not its own.
(component
  (core module $code
    (func (export "answer") (result i32) i32.const 42))
  (core instance $code (instantiate $code))
  (func $hook (result s32) (canon lift (core func $code "answer")))
  (instance $hooks (export "before-create" (func $hook)))
  (export "tinybase:plugin/before-create@0.1.0" (instance $hooks)))
