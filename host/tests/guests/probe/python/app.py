"""The probe of the conformance list (host/tests/guests/probe/README.md) in Python."""

from host import HostError, files, http, kv, log, now_ms, publish, random_bytes, records, secrets, send_mail
from tinybase import changing, claiming, consenting, delivering, deny, refuse_all, running
from wit_world import exports


class BeforeCreate(exports.BeforeCreate):
    @changing
    def before_create(self, ctx, draft):
        match draft["ask"]:
            case "":
                return
            case "refuse":
                refuse_all([("a", "probe_a", "Not this."), ("b", "probe_b", "Nor that.")])
            case "echo":
                draft["flag"] = not draft["flag"]
                draft["n"] *= 2
                draft["tags"] = [*draft["tags"], "more"]
                draft["meta"] = {"was": draft["meta"]}
                return
        try:
            answer = answered(ctx, draft)
            draft["answer"] = "done" if answer is None else str(answer)
        except HostError as error:
            draft["answer"] = f"refused:{error.code}"


def answered(ctx, draft):
    a, b, c, d, n = draft["a"], draft["b"], draft["c"], draft["d"], int(draft["n"])
    match draft["ask"]:
        case "who":
            return f"{ctx.tenant} {ctx.collection} {ctx.caller.kind} {ctx.now_ms} {ctx.depth} {ctx.config}"
        case "log":
            return log.warn(a, b=b)
        case "get":
            return records.get(a, b)["title"]
        case "find":
            return titles(records.find(a, b, c, n))
        case "named":
            return titles(records.find(a, f"title = {records.quote(b)}"))
        case "count":
            return records.count(a, b)
        case "create":
            return records.create(a, {"title": b})
        case "update":
            return records.update(a, b, {"title": c})
        case "delete":
            return records.delete(a, b)
        case "kv.get":
            value = kv.get(a)
            return "nothing" if value is None else value.decode()
        case "kv.set":
            return kv.set(a, b, n)
        case "kv.increment":
            return kv.increment(a, n)
        case "kv.delete":
            return kv.delete(a)
        case "clock":
            return now_ms()
        case "random":
            return listed(random_bytes(n))
        case "http":
            response = http.send(a, b, {"x-probe": c}, d)
            return f"{response.status} {response.header('x-echo') or ''} {response.text}"
        case "secret":
            return secrets.placeholder(a)
        case "sign":
            return listed(secrets.hmac_sha256(a, b))
        case "mail":
            return send_mail(a, b, c, d or None)
        case "publish":
            return publish(a, b)
        case "file.read":
            return files.read(a, b, c).decode()
        case "file.write":
            return files.write(a, b, c, d, "from the probe")
    raise RuntimeError(a)


def titles(found):
    return ",".join(record["title"] for record in found)


def listed(content):
    return ",".join(str(byte) for byte in content)


def told(what, title):
    if title == "fail":
        raise RuntimeError("as it was told")
    log.info(f"{what} {title}")


class AfterCreate(exports.AfterCreate):
    @delivering
    def after_create(self, ctx, event_id, stored):
        told("created", stored["title"])


class AfterUpdate(exports.AfterUpdate):
    @delivering
    def after_update(self, ctx, event_id, original, stored):
        told(f"updated {original['title']}", stored["title"])


class AfterDelete(exports.AfterDelete):
    @delivering
    def after_delete(self, ctx, event_id, original):
        told("deleted", original["title"])


class Scheduled(exports.Scheduled):
    @running
    def run(self, ctx, name):
        told("ran", name)


class BeforeSignIn(exports.BeforeSignIn):
    @consenting
    def before_sign_in(self, ctx, method, stored):
        if stored["name"] == "blocked":
            deny(403, "You are blocked.")


class TokenClaims(exports.TokenClaims):
    @claiming
    def token_claims(self, ctx, method, stored):
        return {"way": method, "level": 2.0}
