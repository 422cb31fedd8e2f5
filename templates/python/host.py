"""What a plugin may ask the host for: `from host import log, records`.

What is used has to be imported in `world.wit` too: `import tinybase:plugin/kv@0.1.0;`. What the host refuses is raised as a
`HostError`, with its code.
"""

import importlib

from componentize_py_types import Err
from tinybase import to_dict, to_fields


class HostError(Exception):
    """The host refuses; `code` is `denied`, `not_found`, `invalid`, .."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


def _import(name):
    try:
        return importlib.import_module(f"wit_world.imports.{name}")
    except ImportError:  # Not in the world.
        return None


# By the name of the interface, all that the world imports.
_INTERFACES = {
    name: module
    for name in ("log", "records", "kv", "clock", "random", "http_client", "secrets", "mail", "realtime", "files")
    if (module := _import(name))
}


def _host(interface):
    try:
        return _INTERFACES[interface]
    except KeyError:
        name = interface.replace("_", "-")
        raise RuntimeError(f"world.wit has to import tinybase:plugin/{name}@0.1.0") from None


def _ask(interface, function, *arguments):
    try:
        return getattr(_host(interface), function)(*arguments)
    except Err as error:
        raise HostError(error.value.code, error.value.message) from None


def _bytes(value):
    return value.encode() if isinstance(value, str) else bytes(value)


class log:
    """The plugin's own log: `log.info("written down", record=id)`."""

    @staticmethod
    def write(level, message, **facts):
        host = _host("log")
        host.log(getattr(host.Level, level), str(message), [(name, str(value)) for name, value in facts.items()])

    @staticmethod
    def debug(message, **facts):
        log.write("DEBUG", message, **facts)

    @staticmethod
    def info(message, **facts):
        log.write("INFO", message, **facts)

    @staticmethod
    def warn(message, **facts):
        log.write("WARN", message, **facts)

    @staticmethod
    def error(message, **facts):
        log.write("ERROR", message, **facts)


class records:
    """The tenant's records as dictionaries, within what an admin granted."""

    @staticmethod
    def get(collection, id):
        return to_dict(_ask("records", "get", collection, id))

    @staticmethod
    def find(collection, filter="", sort="", limit=100):
        """Those that match `filter` (texts go in by `quote`), in the order of `sort` (`-created,title`)."""
        return [to_dict(fields) for fields in _ask("records", "find", collection, filter, sort, limit)]

    @staticmethod
    def count(collection, filter=""):
        return _ask("records", "count", collection, filter)

    @staticmethod
    def create(collection, draft):
        """Creates a record and answers with its id."""
        return _ask("records", "create", collection, to_fields(draft))

    @staticmethod
    def update(collection, id, changes):
        _ask("records", "update", collection, id, to_fields(changes))

    @staticmethod
    def delete(collection, id):
        _ask("records", "delete", collection, id)

    @staticmethod
    def quote(text):
        """A text as a literal of the rule language."""
        escaped = text.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"


class kv:
    """A small store of the plugin's own, of bytes."""

    @staticmethod
    def get(key):
        """`None` where there is none."""
        return _ask("kv", "get", key)

    @staticmethod
    def set(key, value, ttl_ms=0):
        """Keeps bytes or a text for so long, or with 0 until it is deleted."""
        _ask("kv", "set", key, _bytes(value), ttl_ms)

    @staticmethod
    def increment(key, delta=1):
        """Adds to an integer, 0 where there is none, and answers with the sum."""
        return _ask("kv", "increment", key, delta)

    @staticmethod
    def delete(key):
        _ask("kv", "delete", key)


def now_ms():
    """Milliseconds since 1970, now; the clocks of Python stand still."""
    return _ask("clock", "now_ms")


def random_bytes(length):
    """1 to 65536 bytes that nobody can foresee; the module `random` says the same in every call."""
    return _ask("random", "bytes", length)


class Response:
    """What came back, whatever its status."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.body

    def header(self, name):
        """The first header of that name, or `None`."""
        return next((value for known, value in self.headers if known == name.lower()), None)

    @property
    def text(self):
        return self.body.decode()


class http:
    """Requests to the hosts that an admin granted."""

    @staticmethod
    def send(method, url, headers=None, body=b"", timeout_ms=0):
        """Sends a request once. Redirects are answers like others."""
        request = _host("http_client").Request(method, url, list((headers or {}).items()), _bytes(body), timeout_ms)
        return Response(_ask("http_client", "send", request))


class secrets:
    """What an admin keeps for the plugin without showing it."""

    @staticmethod
    def placeholder(name):
        """A text that stands for the secret in requests to its hosts."""
        return _ask("secrets", "placeholder", name)

    @staticmethod
    def hmac_sha256(name, message):
        """HMAC-SHA256 of bytes or a text under the secret."""
        return _ask("secrets", "hmac_sha256", name, _bytes(message))


def send_mail(to, subject, text, html=None):
    """A mail to each address; `html` stands between `<body>` and `</body>`, and is made of the text when there is none."""
    _ask("mail", "send", _host("mail").Letter([to] if isinstance(to, str) else to, subject, text, html))


def publish(topic, json):
    """Sends JSON text to everybody who is subscribed to a topic."""
    _ask("realtime", "publish", topic, json)


class files:
    """The files of records."""

    @staticmethod
    def read(collection, id, name):
        """The bytes of a stored file, by the name that the record's field holds."""
        return _ask("files", "read", collection, id, name)

    @staticmethod
    def write(collection, id, field, name, content):
        """Puts bytes or a text into a file field."""
        _ask("files", "write", collection, id, field, name, _bytes(content))
