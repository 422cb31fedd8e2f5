// What the component exports.
package main

import "unsafe"

//go:wasmexport tinybase:plugin/validator@0.1.0#validate
func exportValidate(call unsafe.Pointer) unsafe.Pointer { return runValidate(call, check) }
