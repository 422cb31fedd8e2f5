"""Tinybase plugins in Python: records as dictionaries, refusals as exceptions.

`app.py` has a class for each hook that `world.wit` exports; the decorators of this module turn the fields that cross into
dictionaries and back. What a plugin may ask the host for is in `host.py`.
"""

import functools
import json

try:
    from wit_world.imports import log as _log
except ImportError:  # The world does not import it, as that of a validator must not.
    _log = None

from componentize_py_types import Err
from wit_world.imports.types import (
    Field,
    FieldError,
    Refusal_Denied,
    Refusal_Invalid,
    Value_Boolean,
    Value_Integer,
    Value_Json,
    Value_Null,
    Value_Number,
    Value_Other,
    Value_Text,
    Value_Texts,
)


class Refused(Exception):
    """The write is refused; `refusal` is what the host hears."""

    def __init__(self, refusal):
        super().__init__("refused")
        self.refusal = refusal


def refuse(field, code, message):
    """Refuses the write with an error on a field."""
    raise Refused(Refusal_Invalid([FieldError(field, code, message)]))


def refuse_all(errors):
    """Refuses the write with errors on several fields, each as (field, code, message)."""
    raise Refused(Refusal_Invalid([FieldError(*error) for error in errors]))


def deny(status, message):
    """Refuses the write with a status from 400 to 499."""
    raise Refused(Refusal_Denied((status, message)))


def to_dict(fields):
    """The dictionary of a list of fields; a value of JSON is what it says."""
    return {field.name: _plain(field.value) for field in fields}


def to_fields(values):
    """The fields of a dictionary."""
    return [Field(name, _typed(value)) for name, value in values.items()]


def _plain(value):
    match value:
        case Value_Null():
            return None
        case Value_Json(text):
            return json.loads(text)
        case Value_Other(bits):
            return bits
        case other:
            return other.value


def _typed(value):
    match value:
        case None:
            return Value_Null()
        case bool():
            return Value_Boolean(value)
        case int():
            return Value_Integer(value)
        case float():
            return Value_Number(value)
        case str():
            return Value_Text(value)
        case list() if all(isinstance(item, str) for item in value):
            return Value_Texts(value)
        case _:
            return Value_Json(json.dumps(value))


def changing(hook):
    """A before-hook that may change its draft, the last argument: only what was changed goes back."""

    @functools.wraps(hook)
    def call(self, ctx, *records):
        dicts = [to_dict(fields) for fields in records]
        before = {name: _plain(value) for name, value in ((f.name, f.value) for f in records[-1])}
        was_json = {field.name for field in records[-1] if isinstance(field.value, Value_Json)}
        _refusing(hook, self, ctx, *dicts)
        changed = {name: value for name, value in dicts[-1].items() if name not in before or before[name] != value}
        return [
            Field(name, Value_Json(json.dumps(value)) if name in was_json else _typed(value))
            for name, value in changed.items()
        ]

    return call


def consenting(hook):
    """A before-hook of a delete or of a sign-in, whose last argument is the record."""

    @functools.wraps(hook)
    def call(self, ctx, *arguments):
        _refusing(hook, self, ctx, *arguments[:-1], to_dict(arguments[-1]))

    return call


def checking(hook):
    """A validator: what it yields, as (field, code, message), are the errors."""

    @functools.wraps(hook)
    def call(self, ctx, draft):
        errors = [FieldError(*error) for error in hook(self, ctx, to_dict(draft)) or ()]
        if errors:
            raise Err(errors)

    return call


def delivering(hook):
    """An after-hook: what it raises is tried again later."""

    @functools.wraps(hook)
    def call(self, ctx, event, *records):
        _answering(hook, self, ctx, event, *(to_dict(fields) for fields in records))

    return call


def running(hook):
    """A hook of the clock: what it raises is kept in the history."""

    @functools.wraps(hook)
    def call(self, ctx, name):
        _answering(hook, self, ctx, name)

    return call


def claiming(hook):
    """Answers with what else a token tells, as a dictionary."""

    @functools.wraps(hook)
    def call(self, ctx, method, stored):
        return to_fields(_answering(hook, self, ctx, method, to_dict(stored)) or {})

    return call


def _answering(hook, *arguments):
    try:
        return hook(*arguments)
    except Exception as error:
        raise Err(str(error) or type(error).__name__) from None


def _refusing(hook, *arguments):
    try:
        hook(*arguments)
    except Refused as refused:
        raise Err(refused.refusal) from None
    except Exception as error:
        # Nobody caught it: its words are told before it ends the call.
        if _log:
            _log.log(_log.Level.ERROR, f"uncaught: {error!r} {_trace(error)}", [])
        raise


def _trace(error):
    # Not by the module `traceback`, which looks for the sources: there are no files.
    lines = []
    step = error.__traceback__
    while step:
        code = step.tb_frame.f_code
        lines.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{step.tb_lineno} in {code.co_name}")
        step = step.tb_next
    return ", ".join(lines)
