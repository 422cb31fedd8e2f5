// What the component exports: a function for each hook it has. The others have these names:
//
//	tinybase:plugin/validator@0.1.0#validate         runValidate(call, check)
//	tinybase:plugin/after-update@0.1.0#after-update  runAfterUpdate(call, updated)
//	tinybase:plugin/after-delete@0.1.0#after-delete  runAfter(call, deleted)
//	tinybase:plugin/scheduled@0.1.0#run              runScheduled(call, ran)
//	tinybase:plugin/before-sign-in@0.1.0#before-sign-in  runBeforeSignIn(call, onSignIn)
//	tinybase:plugin/token-claims@0.1.0#token-claims  runTokenClaims(call, claims)
package main

import "unsafe"

//go:wasmexport tinybase:plugin/before-create@0.1.0#before-create
func exportBeforeCreate(call unsafe.Pointer) unsafe.Pointer { return runBeforeCreate(call, onCreate) }

//go:wasmexport tinybase:plugin/before-update@0.1.0#before-update
func exportBeforeUpdate(call unsafe.Pointer) unsafe.Pointer { return runBeforeUpdate(call, onUpdate) }

//go:wasmexport tinybase:plugin/before-delete@0.1.0#before-delete
func exportBeforeDelete(call unsafe.Pointer) unsafe.Pointer { return runBeforeDelete(call, onDelete) }

//go:wasmexport tinybase:plugin/after-create@0.1.0#after-create
func exportAfterCreate(call unsafe.Pointer) unsafe.Pointer { return runAfter(call, created) }
