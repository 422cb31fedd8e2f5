// Keeps a record's `slug` in step with its `title`, lets no published record be deleted, and writes each new record down
// in the collection `journal`.
package main

import "strings"

func main() {}

func onCreate(_ *Context, draft *Record) error { return slugify(draft) }

func onUpdate(_ *Context, original, draft *Record) error {
	if draft.Text("title") == original.Text("title") {
		return nil
	}
	return slugify(draft)
}

func onDelete(_ *Context, original *Record) error {
	if original.Bool("published") {
		return Deny(403, "Published records stay.")
	}
	return nil
}

func created(_ *Context, event string, stored *Record) error {
	entry := []Field{{"event", event}, {"record", stored.Text("id")}, {"title", stored.Text("title")}}
	if _, err := Records.Create("journal", entry); err != nil {
		return err
	}
	Log(Info, "written down")
	return nil
}

func slugify(draft *Record) error {
	slug := slugOf(draft.Text("title"))
	if slug == "" {
		return Refuse("title", "validation_slug_empty", "Needs a letter or a digit.")
	}
	draft.Set("slug", slug)
	return nil
}

// Lower-case letters and digits; each run of anything else becomes one dash, with none at the ends.
func slugOf(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9')
	})
	return strings.Join(words, "-")
}
