"""Counts the steps that code takes over a text: lines of ours, characters that str's methods look at, and each thing that a regular
expression tries, as Python's engine would. Seconds depend on the machine and on what else runs; steps do not."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from types import FrameType
from typing import Any, TypeAlias
from unittest import mock

import dbt_ai

try:
    from re import _parser as parser
except ImportError:  # Python 3.10
    import sre_parse as parser


class Steps:
    def __init__(self) -> None:
        self.taken = 0


class Text(str):
    """A text whose methods tell how many characters they looked at."""

    steps: Steps

    def __new__(cls, text: str, steps: Steps) -> Text:
        made = super().__new__(cls, text)
        made.steps = steps
        return made


def _counted(name: str) -> Callable[..., Any]:
    method = getattr(str, name)

    def call(self: Text, *arguments: Any, **named: Any) -> Any:
        result = method(self, *arguments, **named)
        begin = next((argument for argument in arguments[1:] if isinstance(argument, int)), 0)
        if name in ("find", "index") and result >= 0:
            self.steps.taken += result - begin + 1
        elif name == "__getitem__" or name in ("startswith", "endswith", "removeprefix", "removesuffix"):
            self.steps.taken += len(result) if isinstance(result, str) else 1
        else:
            self.steps.taken += len(self) - begin
        if isinstance(result, str):
            return Text(result, self.steps)
        return [Text(part, self.steps) for part in result] if isinstance(result, list) else result

    return call


for _name in [
    "__getitem__",
    "__contains__",
    "casefold",
    "count",
    "encode",
    "endswith",
    "find",
    "index",
    "join",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "translate",
    "upper",
    "isprintable",
    "isspace",
]:
    setattr(Text, _name, _counted(_name))


# The parts of a pattern: the name of an operation and what belongs to it, in tuples all through.
Parts: TypeAlias = tuple[tuple[str, Any], ...]


def _plain(parsed: Any) -> Any:
    """What Python's parser of patterns gives, in tuples, its operations as their names: quick to read, and hashable."""
    if isinstance(parsed, (list, tuple, parser.SubPattern)):
        return tuple(map(_plain, parsed))
    if parsed is parser.MAXREPEAT:
        return int(parsed)
    return str(parsed) if hasattr(parsed, "name") else parsed


# A pattern, and how it was applied, to a text from where on -> the steps that took: readers apply the same patterns to the same texts.
_KNOWN_STEPS: dict[tuple[re.Pattern[str], str, str, int], int] = {}


class Pattern:
    """A compiled pattern that also counts, by trying everything that Python's engine tries."""

    def __init__(self, pattern: re.Pattern[str], steps: Steps) -> None:
        self._pattern = pattern
        self._steps = steps
        self._flags = int(pattern.flags)  # as an enumeration they are ten times slower to ask
        self._parts = _plain(parser.parse(pattern.pattern, pattern.flags))
        self._known: dict[str, bool] = {}

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            text = next(argument for argument in arguments[1 if name in ("sub", "subn") else 0 :] if isinstance(argument, str))
            start = arguments[1] if name in ("search", "match", "fullmatch") and len(arguments) > 1 else 0
            whole = "".join(text)  # without what counts
            applied = (self._pattern, name, whole, start)
            before = self._steps.taken
            if applied not in _KNOWN_STEPS:
                self._count(name, whole, start)
                _KNOWN_STEPS[applied] = self._steps.taken - before
            self._steps.taken = before + _KNOWN_STEPS[applied]
            return getattr(self._pattern, name)(*arguments, **named)

        return call if callable(getattr(self._pattern, name)) else getattr(self._pattern, name)

    def _count(self, name: str, text: str, start: int) -> None:
        if name in ("match", "fullmatch"):
            ends = self._ends(self._parts, text, start)
            next((end for end in ends if name == "match" or end == len(text)), None)
            return
        while start <= len(text):
            if start < len(text) and not self._begins(text[start]):
                self._steps.taken += 1
                start += 1
                continue
            end = next(self._ends(self._parts, text, start), None)
            if end is not None and name == "search":
                return
            start = end if end is not None and end > start else start + 1

    def _begins(self, sign: str) -> bool:
        """Whether a match could begin with this sign: most places of a text are ruled out so."""
        if sign not in self._known:
            self._known[sign] = _could_begin(self._parts, sign, self._flags)
        return self._known[sign]

    def _ends(self, parts: Parts, text: str, at: int) -> Iterator[int]:
        """Where a match of these parts from `at` on can end, in the order in which the engine would try."""
        self._steps.taken += 1
        if not parts:
            yield at
            return
        (name, argument), rest = parts[0], parts[1:]
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, repeated = argument
            yield from self._repeated(name, least, most, repeated, rest, text, at)
        elif name == "SUBPATTERN":
            for end in self._ends(argument[-1], text, at):
                yield from self._ends(rest, text, end)
        elif name == "BRANCH":
            for branch in argument[1]:
                for end in self._ends(branch, text, at):
                    yield from self._ends(rest, text, end)
        elif name in ("ASSERT", "ASSERT_NOT"):
            direction, inner = argument
            assert direction == 1, "nothing of ours looks behind"
            found = next(self._ends(inner, text, at), None) is not None
            if found == (name == "ASSERT"):
                yield from self._ends(rest, text, at)
        elif name == "AT":
            if _holds(argument, text, at, self._flags):
                yield from self._ends(rest, text, at)
        elif at < len(text) and _takes(name, argument, text[at], self._flags):
            yield from self._ends(rest, text, at + 1)

    def _repeated(self, name: str, least: int, most: int, repeated: Parts, rest: Parts, text: str, at: int) -> Iterator[int]:
        if len(repeated) == 1 and repeated[0][0] in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            operation, argument = repeated[0]
            end = at
            while end < len(text) and end - at < most and _takes(operation, argument, text[end], self._flags):
                self._steps.taken += 1
                end += 1
                if name == "MIN_REPEAT" and end - at >= least:
                    yield from self._ends(rest, text, end)
            ends = range(end, at + least - 1, -1) if name == "MAX_REPEAT" else ()
            for end in ends:
                yield from self._ends(rest, text, end)
            return
        if least == 0 and name == "MIN_REPEAT":
            yield from self._ends(rest, text, at)
        if most > 0:
            for end in self._ends(repeated, text, at):
                if end > at or least > 0:
                    yield from self._repeated(name, max(least - 1, 0), most - 1, repeated, rest, text, end)
        if least == 0 and name == "MAX_REPEAT":
            yield from self._ends(rest, text, at)


@cache
def _takes(name: str, argument: Any, sign: str, flags: int) -> bool:
    signs = {sign, sign.lower(), sign.upper()} if flags & re.IGNORECASE else {sign}
    match name:
        case "LITERAL":
            return chr(argument) in signs
        case "NOT_LITERAL":
            return chr(argument) not in signs
        case "ANY":
            return bool(flags & re.DOTALL) or sign != "\n"
        case "IN":
            negated = argument[0][0] == "NEGATE"
            return negated != any(_takes(inner, value, one, 0) for inner, value in argument for one in signs)
        case "RANGE":
            return argument[0] <= ord(sign) <= argument[1]
        case "CATEGORY":
            shorthand = {"CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s", "CATEGORY_NOT_SPACE": r"\S", "CATEGORY_WORD": r"\w"}
            return re.fullmatch(shorthand[argument], sign) is not None
        case "NEGATE":
            return False
    raise LookupError(name)


def _could_begin(parts: Parts, sign: str, flags: int) -> bool:
    if not parts:
        return True
    name, argument = parts[0]
    if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
        return _takes(name, argument, sign, flags)
    if name == "BRANCH":
        return any(_could_begin((*branch, *parts[1:]), sign, flags) for branch in argument[1])
    if name == "SUBPATTERN":
        return _could_begin((*argument[-1], *parts[1:]), sign, flags)
    return True


def _holds(where: str, text: str, at: int, flags: int) -> bool:
    match where:
        case "AT_BEGINNING":
            return at == 0 or bool(flags & re.MULTILINE and text[at - 1] == "\n")
        case "AT_BEGINNING_STRING":
            return at == 0
        case "AT_END":
            return at == len(text) or text[at:] == "\n" or bool(flags & re.MULTILINE and text[at] == "\n")
        case "AT_END_STRING":
            return at == len(text)
        case "AT_BOUNDARY":
            return (at > 0 and text[at - 1].isalnum()) != (at < len(text) and text[at].isalnum())
    raise LookupError(where)


@contextmanager
def counting() -> Iterator[Callable[[Callable[[str], object], str], int]]:
    """Gives a function that calls another one with a text and answers how many steps that took, whatever came of it."""
    count = Steps()
    folder = dbt_ai.__path__[0]

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        if not frame.f_code.co_filename.startswith(folder):
            return None
        count.taken += event == "line"
        return trace

    def loads(text: str | bytes, *arguments: Any, **named: Any) -> Any:
        count.taken += len(text)
        return original_loads(text, *arguments, **named)

    def steps(function: Callable[[str], object], text: str) -> int:
        count.taken = 0
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            function(Text(text, count))
        except Exception:
            pass
        finally:
            sys.settrace(before)
        return count.taken

    original_loads, limit = json.loads, sys.getrecursionlimit()
    ours = [module for name, module in list(sys.modules.items()) if name.split(".")[0] == "dbt_ai"]
    with ExitStack() as patched:
        for module in ours:
            for name, value in list(vars(module).items()):
                if isinstance(value, re.Pattern):
                    patched.enter_context(mock.patch.object(module, name, Pattern(value, count)))
        patched.enter_context(mock.patch.object(json, "loads", loads))
        patched.callback(sys.setrecursionlimit, limit)
        sys.setrecursionlimit(20_000)
        yield steps
