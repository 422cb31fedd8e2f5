// plugin-name: a title, an `n` of at most ten, and no tag `bad`.
package main

import "slices"

func main() {}

func check(_ *Context, draft *Record) []FieldError {
	var errors []FieldError
	if draft.Text("title") == "" {
		errors = append(errors, FieldError{"title", "check_blank", "Needs a title."})
	}
	if draft.Number("n") > 10 {
		errors = append(errors, FieldError{"n", "check_too_many", "At most ten."})
	}
	if slices.Contains(draft.Texts("tags"), "bad") {
		errors = append(errors, FieldError{"tags", "check_bad_tag", "Not that one."})
	}
	return errors
}
