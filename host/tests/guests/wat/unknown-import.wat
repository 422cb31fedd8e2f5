;; Wants a capability that no host has.
(component
  (import "evil:host/steal@1.0.0" (instance $steal
    (export "secret" (func (param "name" string) (result string)))))
  (core module $code
    (func (export "answer") (result i32) i32.const 42))
  (core instance $code (instantiate $code))
  (func (export "answer") (result s32) (canon lift (core func $code "answer"))))
