// The probe of the conformance list (host/tests/guests/probe/README.md) in Go.
package main

import (
	"errors"
	"strconv"
	"strings"
)

func main() {}

func onCreate(ctx *Context, draft *Record) error {
	switch draft.Text("ask") {
	case "":
		return nil
	case "echo":
		draft.Set("flag", !draft.Bool("flag"))
		draft.Set("n", draft.Number("n")*2)
		draft.Set("tags", append(draft.Texts("tags"), "more"))
		draft.Set("meta", JSON(`{"was":`+draft.JSON("meta")+`}`))
		return nil
	case "refuse":
		return RefuseAll(FieldError{"a", "probe_a", "Not this."}, FieldError{"b", "probe_b", "Nor that."})
	}
	answer, err := answered(ctx, draft)
	if err != nil {
		answer = "refused:" + Code(err)
	}
	draft.Set("answer", answer)
	return nil
}

func answered(ctx *Context, draft *Record) (string, error) {
	a, b, c, d := draft.Text("a"), draft.Text("b"), draft.Text("c"), draft.Text("d")
	n := int64(draft.Number("n"))
	switch draft.Text("ask") {
	case "who":
		words := []string{ctx.Tenant, ctx.Collection, ctx.CallerKind, decimal(ctx.NowMs), decimal(int64(ctx.Depth)), ctx.Config}
		return strings.Join(words, " "), nil
	case "log":
		Log(Warn, a, Pair{"b", b})
		return "done", nil
	case "get":
		found, err := Records.Get(a, b)
		if err != nil {
			return "", err
		}
		return found.Text("title"), nil
	case "find":
		return titles(Records.Find(a, b, c, uint32(n)))
	case "named":
		return titles(Records.Find(a, "title = "+Quote(b), "", 10))
	case "count":
		count, err := Records.Count(a, b)
		return decimal(count), err
	case "create":
		return Records.Create(a, []Field{{"title", b}})
	case "update":
		return "done", Records.Update(a, b, []Field{{"title", c}})
	case "delete":
		return "done", Records.Delete(a, b)
	case "kv.get":
		value, there, err := KV.Get(a)
		if err == nil && !there {
			return "nothing", nil
		}
		return string(value), err
	case "kv.set":
		return "done", KV.Set(a, []byte(b), uint64(n))
	case "kv.increment":
		sum, err := KV.Increment(a, n)
		return decimal(sum), err
	case "kv.delete":
		return "done", KV.Delete(a)
	case "clock":
		now, err := NowMs()
		return decimal(now), err
	case "random":
		return listed(RandomBytes(uint32(n)))
	case "http":
		response, err := Request{Method: a, URL: b, Headers: []Pair{{"x-probe", c}}, Body: []byte(d)}.Send()
		if err != nil {
			return "", err
		}
		return decimal(int64(response.Status)) + " " + response.Header("x-echo") + " " + string(response.Body), nil
	case "secret":
		return Secrets.Placeholder(a)
	case "sign":
		return listed(Secrets.HMACSHA256(a, []byte(b)))
	case "mail":
		return "done", Letter{To: []string{a}, Subject: b, Text: c, HTML: d}.Send()
	case "publish":
		return "done", Publish(a, b)
	case "file.read":
		content, err := Files.Read(a, b, c)
		return string(content), err
	case "file.write":
		return "done", Files.Write(a, b, c, d, []byte("from the probe"))
	}
	panic(a)
}

func decimal(number int64) string { return strconv.FormatInt(number, 10) }

func titles(found []*Record, err error) (string, error) {
	list := make([]string, len(found))
	for i, record := range found {
		list[i] = record.Text("title")
	}
	return strings.Join(list, ","), err
}

func listed(bytes []byte, err error) (string, error) {
	list := make([]string, len(bytes))
	for i, one := range bytes {
		list[i] = decimal(int64(one))
	}
	return strings.Join(list, ","), err
}

func told(what, title string) error {
	if title == "fail" {
		return errors.New("as it was told")
	}
	Log(Info, what+" "+title)
	return nil
}

func created(_ *Context, _ string, stored *Record) error {
	return told("created", stored.Text("title"))
}

func updated(_ *Context, _ string, original, stored *Record) error {
	return told("updated "+original.Text("title"), stored.Text("title"))
}

func deleted(_ *Context, _ string, original *Record) error {
	return told("deleted", original.Text("title"))
}

func ran(_ *Context, name string) error { return told("ran", name) }

func onSignIn(_ *Context, _ string, user *Record) error {
	if user.Text("name") == "blocked" {
		return Deny(403, "You are blocked.")
	}
	return nil
}

func claims(_ *Context, method string, _ *Record) ([]Field, error) {
	return []Field{{"way", method}, {"level", 2.0}}, nil
}
