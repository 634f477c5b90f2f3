"""Databricks DDL types as text: STRUCT<label STRING, tags ARRAY<STRING>>, with ENUM('a', 'b') in addition.

Grammar: https://docs.databricks.com/sql/language-manual/sql-ref-datatypes.html. A list of columns without STRUCT<…> around
it is a struct, as in from_json. macros/internal/_parse_ddl.sql is the same in Jinja; tests/cases/return_types.yml holds for both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dbt_ai.errors import ConfigurationError
from dbt_ai.return_type.types import MAX_DEPTH, SCALARS, VARIANT, Array, Decimal, Enum, Field, Map, Scalar, Struct, Type

_ALIASES = {
    "BOOL": "BOOLEAN",
    "BYTE": "TINYINT",
    "SHORT": "SMALLINT",
    "INTEGER": "INT",
    "LONG": "BIGINT",
    "REAL": "FLOAT",
    "TEXT": "STRING",
    "VARCHAR": "STRING",
    "CHAR": "STRING",
    "JSON": "VARIANT",
    **{name: name for name in SCALARS},
}
_DECIMAL = ("DECIMAL", "DEC", "NUMERIC")
_KNOWN = (*SCALARS, "DECIMAL(p, s)", "ARRAY<…>", "MAP<…, …>", "STRUCT<name type, …>", "ENUM('a', 'b')")

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<name>\w+)
      | `(?P<quoted>(?:[^`]|``)+)`
      | '(?P<single>(?:[^'\\]|''|\\.)*)'
      | "(?P<double>(?:[^"\\]|""|\\.)*)"
      | (?P<sign>[<>(),:])
      | (?P<bad>\S)
    )""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    """kind: name, quoted (a name in backquotes), text (a string literal), sign or end."""

    kind: str
    text: str
    position: int

    def is_sign(self, sign: str) -> bool:
        return self.kind == "sign" and self.text == sign

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else f"{self.text!r} at position {self.position}"


def parse_ddl(text: str) -> Type:
    """Read a type. Raises ConfigurationError with the text, the place and what would be accepted there."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.source = text
        self.tokens = self._tokens(text)
        self.at = 0

    def whole(self) -> Type:
        first, second = self.tokens[0], self.tokens[min(1, len(self.tokens) - 1)]
        names_a_column = second.kind in ("name", "quoted") and second.text.upper() not in ("NOT", "COMMENT")
        if first.kind in ("name", "quoted") and (names_a_column or second.is_sign(":")):
            answer: Type = Struct(self._fields(depth=0, end="end"))
        else:
            answer = self._type(depth=0)
        if self.next.kind != "end":
            raise self._error(f"{self.next} is not expected after the type")
        return answer

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def _type(self, depth: int) -> Type:
        if depth > MAX_DEPTH:
            raise self._error(f"types are nested more than {MAX_DEPTH} deep")
        token = self._take("name", f"a type, one of {', '.join(_KNOWN)},")
        name = token.text.upper()
        if name == "ARRAY":
            self._sign("<")
            element = self._type(depth + 1)
            self._sign(">")
            return Array(element)
        if name == "MAP":
            self._sign("<")
            key_token, key = self.next, self._type(depth + 1)
            if not isinstance(key, (Scalar, Decimal, Enum)) or key == VARIANT:
                raise self._error(f"a MAP's key cannot be {key_token.text}; use a scalar type")
            self._sign(",")
            value = self._type(depth + 1)
            self._sign(">")
            return Map(key, value)
        if name == "STRUCT":
            self._sign("<")
            fields = self._fields(depth + 1, end=">")
            self._sign(">")
            return Struct(fields)
        if name == "ENUM":
            return Enum(self._values())
        if name in _DECIMAL:
            return self._decimal()
        if name in _ALIASES:
            if token.text.upper() in ("VARCHAR", "CHAR") and self.next.is_sign("("):
                self._numbers()  # the length is ignored: an endpoint cannot be held to it
            return Scalar(_ALIASES[name])
        raise self._error(f"{token} is not a type; use one of {', '.join(_KNOWN)}")

    def _fields(self, depth: int, end: str) -> tuple[Field, ...]:
        fields: list[Field] = []
        while True:
            if self.next.kind not in ("name", "quoted"):
                hint = ", which is quoted as `name`" if self.next.kind == "text" else ""
                raise self._error(f"{self.next} stands where the name of a field is expected{hint}")
            name = self._advance().text
            if self.next.is_sign(":"):
                self._advance()
            type = self._type(depth)
            nullable, comment = True, None
            if self._word("NOT"):
                if not self._word("NULL"):
                    raise self._error(f"{self.next} stands where NULL is expected after NOT")
                nullable = False
            if self._word("COMMENT"):
                comment = self._take("text", "a comment in quotes").text
            # SQL engines ignore case in the names of fields.
            if any(field.name.lower() == name.lower() for field in fields):
                raise self._error(f"field {name!r} is there twice")
            fields.append(Field(name, type, nullable=nullable, comment=comment))
            if not self.next.is_sign(","):
                if end != "end" and not self.next.is_sign(end):
                    raise self._error(f"{self.next} stands where ',' or '{end}' is expected")
                return tuple(fields)
            self._advance()

    def _values(self) -> tuple[str, ...]:
        self._sign("(")
        values = [self._take("text", "a value in quotes").text]
        while self.next.is_sign(","):
            self._advance()
            values.append(self._take("text", "a value in quotes").text)
        self._sign(")")
        if len(set(values)) < len(values):
            raise self._error("a value of ENUM is there twice")
        return tuple(values)

    def _decimal(self) -> Decimal:
        numbers = self._numbers() if self.next.is_sign("(") else [10, 0]
        precision, scale = (numbers[0], numbers[1] if len(numbers) > 1 else 0)
        if len(numbers) > 2 or not (1 <= precision <= 38 and 0 <= scale <= precision):
            raise self._error("DECIMAL takes a precision from 1 to 38 and a scale from 0 to the precision")
        return Decimal(precision, scale)

    def _numbers(self) -> list[int]:
        self._sign("(")
        numbers = [self._number()]
        while self.next.is_sign(","):
            self._advance()
            numbers.append(self._number())
        self._sign(")")
        return numbers

    def _number(self) -> int:
        token = self._take("name", "a number")
        if not re.fullmatch(r"[0-9]{1,6}", token.text):
            raise self._error(f"{token} is not a number")
        return int(token.text)

    def _word(self, word: str) -> bool:
        found = self.next.kind == "name" and self.next.text.upper() == word
        if found:
            self._advance()
        return found

    def _sign(self, sign: str) -> None:
        if not self.next.is_sign(sign):
            raise self._error(f"{self.next} stands where {sign!r} is expected")
        self._advance()

    def _take(self, kind: str, expected: str) -> _Token:
        if self.next.kind != kind:
            raise self._error(f"{self.next} stands where {expected} is expected")
        return self._advance()

    def _advance(self) -> _Token:
        token = self.next
        self.at += 1
        return token

    def _tokens(self, text: str) -> Sequence[_Token]:
        tokens = []
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup or "bad"
            value, position = match[kind], match.start(kind) + 1
            if kind == "bad":
                raise self._error(f"{value!r} at position {position} is not part of any type")
            if kind == "quoted":
                value = value.replace("``", "`")
            elif kind in ("single", "double"):
                quote = "'" if kind == "single" else '"'
                value = re.sub(r"\\(.)", r"\1", value.replace(quote * 2, quote), flags=re.DOTALL)
                kind = "text"
            tokens.append(_Token(kind, value, position))
        tokens.append(_Token("end", "", len(text) + 1))
        return tokens

    def _error(self, problem: str) -> ConfigurationError:
        return ConfigurationError(f"return_type {self.source!r}: {problem}")
