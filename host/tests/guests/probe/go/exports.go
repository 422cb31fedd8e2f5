// What the probe exports.
package main

import "unsafe"

//go:wasmexport tinybase:plugin/before-create@0.1.0#before-create
func exportBeforeCreate(call unsafe.Pointer) unsafe.Pointer { return runBeforeCreate(call, onCreate) }

//go:wasmexport tinybase:plugin/after-create@0.1.0#after-create
func exportAfterCreate(call unsafe.Pointer) unsafe.Pointer { return runAfter(call, created) }

//go:wasmexport tinybase:plugin/after-update@0.1.0#after-update
func exportAfterUpdate(call unsafe.Pointer) unsafe.Pointer { return runAfterUpdate(call, updated) }

//go:wasmexport tinybase:plugin/after-delete@0.1.0#after-delete
func exportAfterDelete(call unsafe.Pointer) unsafe.Pointer { return runAfter(call, deleted) }

//go:wasmexport tinybase:plugin/scheduled@0.1.0#run
func exportScheduled(call unsafe.Pointer) unsafe.Pointer { return runScheduled(call, ran) }

//go:wasmexport tinybase:plugin/before-sign-in@0.1.0#before-sign-in
func exportBeforeSignIn(call unsafe.Pointer) unsafe.Pointer { return runBeforeSignIn(call, onSignIn) }

//go:wasmexport tinybase:plugin/token-claims@0.1.0#token-claims
func exportTokenClaims(call unsafe.Pointer) unsafe.Pointer { return runTokenClaims(call, claims) }
