"""What a model thought aloud before it answered: servers do not always take it out of the text of the answer."""

from __future__ import annotations

import json
import re
from bisect import bisect, bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

# How a thought begins and ends, by who writes it.
_PAIRS = (
    ("<think>", "</think>"),  # DeepSeek R1, Qwen3, QwQ, GLM, Nemotron, and most others
    ("<thinking>", "</thinking>"),  # Claude and Nova when a prompt asks for it
    ("<thought>", "</thought>"),  # Gemini
    ("<reasoning>", "</reasoning>"),  # models tuned with GRPO
    ("<seed:think>", "</seed:think>"),  # Seed-OSS
    ("<mm:think>", "</mm:think>"),  # MiniMax
    ("[think]", "[/think]"),  # Magistral
    ("◁think▷", "◁/think▷"),  # Kimi
    ("<|begin_of_thought|>", "<|end_of_thought|>"),  # OpenThinker
    ("<|channel>thought", "<channel|>"),  # Gemma 4
)
_CLOSING = dict(_PAIRS)
_OPENING = {closing: opening for opening, closing in _PAIRS}
# Every reader here passes over the text once: a model can write a million tags.
_TAG = re.compile("|".join(re.escape(tag) for pair in _PAIRS for tag in pair), re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]*```", re.MULTILINE)
_WORD = re.compile(r"\S")
# After so many thoughts nobody looks whether the rest is JSON that quotes a tag: each look reads all of it.
_MOST_PARSED = 4
_QUOTES = frozenset("`\"'“”‘’«»„")

# Some of them also put the answer between tags, after the thought.
_ANSWERS = (
    ("<answer>", "</answer>"),  # models tuned with GRPO, Hunyuan
    ("<response>", "</response>"),  # ERNIE, Granite
    ("<|begin_of_solution|>", "<|end_of_solution|>"),  # OpenThinker
)

# gpt-oss thinks and answers in channels (https://github.com/openai/harmony); a server that drops special tokens leaves their names.
_CHANNELS = ("<|channel|>", "<|start|>")
_FINAL = re.compile(r"(?:\A\s*|<\|end\|>|assistant)<\|channel\|>final[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>")
_END = re.compile(r"<\|(?:end|return|start)\|>")
_BARE_THOUGHT, _BARE_ANSWER = "analysis", "assistantfinal"


def without_thoughts(text: str) -> str:
    """The answer without what the model thought before it; empty if there is nothing but thoughts.

    A thought stands before the answer, in one of these forms:
    - between tags such as <think>…</think>, at the beginning of the text or after another thought. It ends at the first closing tag, or
      with the text;
    - before a closing tag that nothing opened: many chat templates write the opening one into the prompt;
    - in gpt-oss's channel `analysis`.
    What an answer says about such tags stays: a pair that begins in the middle of the text, a tag in quotation marks or in a code block,
    and anything in JSON that is whole as it stands. Without quotation marks, a closing tag that nothing opened ends a thought.
    A text without thoughts is given back as it is.
    """
    if any(sign in text for sign in ("<|", _BARE_ANSWER)):
        text = _final_channel(text)
    start = _start_of_answer(text)
    return text if start == 0 else _without_answer_tags(text[start:].strip())


def _start_of_answer(text: str) -> int:
    """Where the last thought ends; the text's length inside a thought that does not end, 0 without one."""
    tags = list(_TAG.finditer(text))
    fences = [fence.start() for fence in _FENCE.finditer(text)] if tags else []
    start = at = thoughts = 0
    while at < len(tags):
        word = _WORD.search(text, start)
        begins = word.start() if word else len(text)
        closing = _CLOSING.get(tags[at][0].lower())
        if closing and tags[at].start() == begins:
            end = next((index for index in range(at, len(tags)) if tags[index][0].lower() == closing), None)
            if end is None:
                return len(text)
        elif thoughts < _MOST_PARSED and _is_json(text[begins:]):
            break
        else:
            end = _unopened(text, tags, at, partial(_is_in_code, fences, start))
            if end is None:
                break
        start, at, thoughts = tags[end].end(), end + 1, thoughts + 1
    return start


def _unopened(text: str, tags: Sequence[re.Match[str]], at: int, is_in_code: Callable[[int], bool]) -> int | None:
    """The first closing tag from tags[at] on that nothing opened and nothing quotes."""
    opened: Counter[str] = Counter()
    for index in range(at, len(tags)):
        tag, name = tags[index], tags[index][0].lower()
        if _is_quoted(text, tag) or is_in_code(tag.start()):
            continue
        if name in _CLOSING:
            opened[name] += 1
        elif opened[_OPENING[name]]:
            opened[_OPENING[name]] -= 1
        else:
            return index
    return None


def _is_quoted(text: str, tag: re.Match[str]) -> bool:
    return tag.start() > 0 and text[tag.start() - 1] in _QUOTES and text[tag.end() : tag.end() + 1] in _QUOTES


def _is_in_code(fences: Sequence[int], start: int, position: int) -> bool:
    """Whether the position is in a code block that begins after start, and that ends."""
    before = bisect(fences, position)
    return (before - bisect_left(fences, start)) % 2 == 1 and before < len(fences)


def _is_json(text: str) -> bool:
    if not text.startswith(("{", "[", '"')):
        return False
    try:
        json.loads(text, strict=False, parse_int=str)
    except (ValueError, RecursionError):
        return False
    return True


def _without_answer_tags(text: str) -> str:
    for opening, closing in _ANSWERS:
        if text.startswith(opening):
            return text.removeprefix(opening).removesuffix(closing).strip()
    return text


def _final_channel(text: str) -> str:
    begins = text.lstrip()
    finals = list(_FINAL.finditer(text))
    if finals:
        answer = text[finals[-1].end() :]
        end = _END.search(answer)
        return answer[: end.start()] if end else answer
    if begins.startswith(_CHANNELS):
        return ""
    if begins.startswith(_BARE_THOUGHT) and _BARE_ANSWER in begins:
        return begins.rpartition(_BARE_ANSWER)[2]
    return text
