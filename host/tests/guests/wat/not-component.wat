;; A core module, as a compiler leaves it before it is wrapped.
(module
  (memory (export "memory") 1)
  (func (export "tinybase:plugin/before-create@0.1.0#before-create") (param i32) (result i32) i32.const 0))
