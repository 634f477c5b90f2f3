"""From the text of an answer to a value that a cast takes without loss, or the reason why not.

What is unambiguous is read: a code fence, JSON in a JSON text, prose around one JSON value, a trailing comma, a raw line break in a
string, a scalar that is not JSON, an object that wraps a struct. A value is never guessed: a number that does not fit, a field that is not
there, two JSON values are errors.

An answer may be large and hostile, and it is read in the event loop that serves every other request: what reads it here passes over it
a fixed number of times.
"""

from __future__ import annotations

import datetime
import json
import math
import re
import string
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal as Number
from decimal import InvalidOperation
from typing import Any, NoReturn

from dbt_ai.return_type.json_schema import WRAPPER
from dbt_ai.return_type.thoughts import without_thoughts
from dbt_ai.return_type.types import VARIANT, Array, Decimal, Enum, Map, Scalar, Struct, Type, is_nested

# Objects of one field around a value, as models that call a tool write them: {"answer": …}, {"input": …}, {"parameters": …}.
MOST_WRAPPERS = 3

_INTEGERS = {"TINYINT": 7, "SMALLINT": 15, "INT": 31, "BIGINT": 63}
# Above it, a number rounds to infinity as a 32-bit float.
_FLOAT_MAX = 3.4028235677973366e38

# `[,]` has no value that the comma could trail, so it stays as it is. A string that does not end reaches to the end of the text: were it
# no match, each quotation mark in it would be tried as the beginning of another one.
_KEPT_OR_TRAILING_COMMA = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[{]\s*,)|,(?=\s*[}\]])', re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
# White space, and how a model emphasises or quotes what it answers: **billing**, `4`.
_AROUND_A_SCALAR = string.whitespace + "*`'\"“”‘’"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(Z|z|[+-][0-9]{2}:?[0-9]{2})?")


class NotReadable(ValueError):
    """The text is not an answer of the type; the message says why in one sentence, fit to be sent back to the model."""


def read(type: Type, text: str, *, wrapped: bool = True, check: Callable[[Any], None] | None = None) -> str:
    """The answer as plain text for a scalar type, as JSON text for any other.

    wrapped: whether the model was told to put the value into {"answer": …}.
    check: called with the value as ordinary JSON, for rules that the type does not know; may raise NotReadable.
    Raises NotReadable, and nothing else, whatever the text is.
    """
    try:
        value = _unwrapped(type, _parsed(type, text.removeprefix("\ufeff")), wrapped)
        scalar_text = isinstance(value, str) and not is_nested(type)
        checked = _from_text(type, value, "the answer") if scalar_text else _checked(type, value, "the answer")
        if check:
            check(_ordinary(value if is_nested(type) else checked))
        answer = _to_json(checked) if is_nested(type) else _plain(checked)
        answer.encode()
    except UnicodeEncodeError:
        raise NotReadable("the answer holds half of a UTF-16 surrogate pair, which is not text") from None
    except RecursionError:
        raise NotReadable("the answer is nested too deep") from None
    return answer


def _parsed(type: Type, written: str) -> Any:
    """JSON, or a text that may be a scalar."""
    text = without_thoughts(written).strip()
    fenced = _fenced(text)
    for candidate in (text,) if fenced is None else (text, fenced.strip()):
        if isinstance(type, Enum) and candidate in type.values:  # also a label such as '1', which JSON reads as a number
            return candidate
        try:
            value = loads(candidate)
            # A gateway that writes the answer as a JSON text leaves no doubt: no object, list or map is a text.
            return loads(value) if isinstance(value, str) and isinstance(type, (Struct, Array, Map)) else value
        except NotReadable as error:
            problem = error
    if not candidate:
        raise NotReadable("the answer holds thoughts and nothing else" if written.strip() and not text else "the answer is empty")
    if not is_nested(type) and not candidate.startswith('"') and not _brackets(candidate):
        return candidate
    return _surrounded(candidate, problem)


def _fenced(text: str) -> str | None:
    """What stands in the one code block of the text, if there is exactly one."""
    blocks: list[str] = []
    block: list[str] | None = None
    for line in text.split("\n") if "```" in text else ():
        bare = line.strip(" \t\r")
        if block is None:
            if bare.startswith("```") and "`" not in bare[3:]:
                block = []
        elif bare.endswith("```"):
            blocks.append("\n".join([*block, bare.removesuffix("```")]))
            block = None
        else:
            block.append(line)
    return blocks[0] if len(blocks) == 1 else None


def _unwrapped(type: Type, value: Any, wrapped: bool) -> Any:
    """The value without the object that it was asked in, and without one that a model put around it."""
    for _ in range(MOST_WRAPPERS if wrapped and not isinstance(type, Map) and type != VARIANT else int(wrapped)):
        if isinstance(value, dict) and list(value) == [WRAPPER]:
            value = value[WRAPPER]
    if isinstance(type, Struct):
        found = _struct_in(type, value, MOST_WRAPPERS)
        return value if found is None else found
    return _listed(value) if isinstance(type, Array) and wrapped and isinstance(value, str) else value


def _struct_in(type: Struct, value: Any, deep: int) -> Any:
    """The one object with all fields, inside of objects that hold it alone; it may be written as a text. None where there is none."""
    if isinstance(value, str):
        try:
            value = loads(value)
        except NotReadable:
            return None
    if not isinstance(value, dict):
        return None
    names = {field.name for field in type.fields}
    if names.issubset(value):
        return value
    if not deep or len(value) != 1 or not names.isdisjoint(value):
        return None
    [inner] = value.values()
    return _struct_in(type, inner, deep - 1)


def _listed(text: str) -> Any:
    """The list that a text is; the text where it is none."""
    try:
        value = loads(text)
    except NotReadable:
        return text
    return value if isinstance(value, list) else text


def _ordinary(value: Any) -> Any:
    """Numbers as int and float, as everybody else's code expects them."""
    if isinstance(value, dict):
        return {name: _ordinary(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_ordinary(item) for item in value]
    if isinstance(value, Number):
        return int(value) if value.adjusted() < 40 and value == value.to_integral_value() else float(value)
    return value


def loads(text: str) -> Any:
    """JSON with exact numbers (decimal.Decimal) and distinct keys. Raises NotReadable."""
    try:
        return json.loads(text, strict=False, parse_float=_number, parse_int=_number, parse_constant=_constant, object_pairs_hook=_pairs)
    except NotReadable:
        raise
    except ValueError as error:
        raise NotReadable(f"the answer is not JSON: {error}") from None


def _surrounded(text: str, problem: NotReadable) -> Any:
    """The one JSON object or list in the text, if there is exactly one."""
    start = min((at for at in map(text.find, "{}[]") if at >= 0), default=None)
    if start is None:
        raise problem
    repaired = _KEPT_OR_TRAILING_COMMA.sub(lambda match: match[1] or "", text[start:])
    for candidate in dict.fromkeys((text[start:], repaired)):
        try:
            _, end = json.JSONDecoder(strict=False).raw_decode(candidate)
        except ValueError:
            continue
        if _brackets(candidate[end:]):
            raise NotReadable("the answer holds more than one JSON value, or brackets after it")
        return loads(candidate[:end])
    raise problem


def _brackets(text: str) -> bool:
    return any(sign in text for sign in "{}[]")


def _number(text: str) -> Number:
    try:
        return Number(text)
    except InvalidOperation:  # an exponent of 20 digits
        raise NotReadable(f"{_shown(text)} is out of range") from None


def _constant(text: str) -> NoReturn:
    raise NotReadable(f"{text} is not a JSON value")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise NotReadable(f"field {_shown(twice)} is there twice")
    return found


def _checked(type: Type, value: Any, where: str) -> Any:
    """The value as JSON that casts to the type: exact decimals and dates as text, timestamps in UTC."""
    if type == VARIANT:
        return value
    match type, value:
        case _, None:
            raise NotReadable(f"{where} is null")
        case Struct(), dict():
            return {field.name: _field(field.name, field.nullable, field.required, field.type, value, where) for field in type.fields}
        case Array(element), list():
            return [None if item is None else _checked(element, item, f"{where}[{i}]") for i, item in enumerate(value)]
        case Map(key, inner), dict():
            pairs = [(_plain(_from_text(key, name, f"a key of {where}")), item) for name, item in value.items()]
            if len(dict(pairs)) < len(pairs):
                raise NotReadable(f"two keys of {where} are the same value")
            return {name: None if item is None else _checked(inner, item, f"{where}[{_shown(name)}]") for name, item in pairs}
        case Scalar("BOOLEAN"), bool():
            return value
        case ((Scalar("STRING") | Scalar("DATE") | Scalar("TIMESTAMP") | Scalar("TIMESTAMP_NTZ") | Enum()), str()):
            return _from_text(type, value, where)
        case ((Scalar() | Decimal()), Number()) if _is_numeric(type):
            return _from_number(type, value, where)
    raise NotReadable(f"{where} is {_shown(_to_json(value))}, not {_wanted(type)}")


def _field(name: str, nullable: bool, required: bool, type: Type, value: Mapping[str, Any], where: str) -> Any:
    if name not in value:
        if required:
            raise NotReadable(f"field {name!r} of {where} is missing")
        return None
    if value[name] is None and nullable:
        return None
    return _checked(type, value[name], f"field {name!r}")


def _from_text(type: Type, text: str, where: str) -> Any:
    """A scalar that stands as text: an answer that is not JSON, a string in JSON, a key of a map."""
    if type == Scalar("STRING"):
        return text
    bare = text.strip(_AROUND_A_SCALAR)
    match type:
        case Enum(values):
            if text in values:
                return text
            said = bare.rstrip(".").strip().casefold()
            same = [value for value in values if value.casefold() == said]
            if len(same) == 1:
                return same[0]
        case Scalar("BOOLEAN"):
            if bare.lower() in ("true", "false"):
                return bare.lower() == "true"
        case Scalar("DATE"):
            if _DATE.fullmatch(bare):
                return _calendar(bare, where).date().isoformat()
        case Scalar("TIMESTAMP" | "TIMESTAMP_NTZ" as name):
            if found := _TIMESTAMP.fullmatch(bare):
                return _timestamp(found, name == "TIMESTAMP_NTZ", where)
        case Scalar() | Decimal() if _is_numeric(type) and _NUMBER.fullmatch(bare):
            return _from_number(type, _number(bare), where)
    raise NotReadable(f"{where} is {_shown(text)}, not {_wanted(type)}")


def _from_number(type: Type, number: Number, where: str) -> Any:
    out_of_range = NotReadable(f"{where} is {_shown(str(number))}, which {_wanted(type)} does not hold")
    if isinstance(type, Decimal):
        # Beyond 38 digits no DECIMAL holds it, and quantize would need a larger context.
        if number and (number.adjusted() >= type.precision - type.scale or len(number.as_tuple().digits) > 1000):
            raise out_of_range
        digits = f"{number:.{type.scale}f}" if number and number.adjusted() > -1000 else f"{0:.{type.scale}f}"
        if Number(digits) != number:
            raise out_of_range
        return digits
    assert isinstance(type, Scalar)
    if type.name in _INTEGERS:
        bits = _INTEGERS[type.name]
        if number.adjusted() > 20 or number != number.to_integral_value() or not -(2**bits) <= int(number) < 2**bits:
            raise out_of_range
        return int(number)
    value = float(number)
    if math.isinf(value) or (type.name == "FLOAT" and abs(value) >= _FLOAT_MAX):
        raise out_of_range
    return value


def _timestamp(found: re.Match[str], naive: bool, where: str) -> str:
    date, time, fraction, offset = found.groups()
    moment = _calendar(f"{date}T{time}", where)
    if fraction and fraction[6:].strip("0"):
        raise NotReadable(f"{where} is {_shown(found[0])}, which is finer than a microsecond")
    if offset and naive:
        raise NotReadable(f"{where} is {_shown(found[0])}; give a date and time without an offset")
    if offset and offset not in "Zz":
        sign = -1 if offset[0] == "-" else 1
        hours, minutes = int(offset[1:3]), int(offset[-2:])
        if hours > 18 or minutes > 59:
            raise NotReadable(f"{where} is {_shown(found[0])}, whose offset does not exist")
        try:
            moment -= sign * datetime.timedelta(hours=hours, minutes=minutes)
        except OverflowError:
            raise NotReadable(f"{where} is {_shown(found[0])}, which is out of range in UTC") from None
    return moment.replace(microsecond=int((fraction or "0")[:6].ljust(6, "0"))).isoformat()


def _calendar(text: str, where: str) -> datetime.datetime:
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        raise NotReadable(f"{where} is {_shown(text)}, which is not in the calendar") from None


def _is_numeric(type: Type) -> bool:
    return isinstance(type, Decimal) or (isinstance(type, Scalar) and (type.name in _INTEGERS or type.name in ("FLOAT", "DOUBLE")))


def _plain(value: Any) -> str:
    return _without_nul(value) if isinstance(value, str) else _to_json(value)


def _without_nul(text: str) -> str:
    """No text of Postgres holds it, and JSON that spells it fails every query there that reads the row."""
    return text.replace("\0", "")


def _to_json(value: Any) -> str:
    # Numbers of a VARIANT keep their digits; json.dumps has no way to write them.
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts)


def _write(value: Any, put: Callable[[str], None]) -> None:
    if isinstance(value, dict):
        put("{")
        for position, (name, item) in enumerate(value.items()):
            put(f"{', ' if position else ''}{json.dumps(_without_nul(name), ensure_ascii=False)}: ")
            _write(item, put)
        put("}")
    elif isinstance(value, list):
        put("[")
        for position, item in enumerate(value):
            if position:
                put(", ")
            _write(item, put)
        put("]")
    elif isinstance(value, str):
        put(json.dumps(_without_nul(value), ensure_ascii=False))
    else:
        put(str(value) if isinstance(value, Number) else json.dumps(value))


def _shown(text: str) -> str:
    short = text if len(text) <= 40 else text[:39] + "…"
    return repr(short)


def _wanted(type: Type) -> str:
    match type:
        case Scalar(name):
            return {
                "BOOLEAN": "true or false",
                "STRING": "a string",
                "DATE": "a date YYYY-MM-DD",
                "TIMESTAMP": "a date and time YYYY-MM-DDTHH:MM:SSZ",
                "TIMESTAMP_NTZ": "a date and time YYYY-MM-DDTHH:MM:SS",
            }.get(name, f"a number of type {name}")
        case Decimal(precision, scale):
            return f"a number with {precision} digits, {scale} of them after the point"
        case Enum(values):
            return "one of " + ", ".join(map(repr, values))
        case Array():
            return "a list"
        case Struct() | Map():
            return "an object"
