"""Who answers which row: a proxy and a large model in memory."""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Sequence

import numpy as np
import pytest

from dbt_ai.call import Call
from dbt_ai.call_constant import parse_call
from dbt_ai.effort.expected import least_and_most
from dbt_ai.effort.hard_rows import HardRows
from dbt_ai.effort.proxy import classifier_of, fitted
from dbt_ai.effort.record import Record, read_records, record_call
from dbt_ai.effort.sampling import Trial
from dbt_ai.errors import ConfigurationError
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.request import Requests
from dbt_ai.response import Failure

ROWS = [f"row {number}" for number in range(2_000)]
LARGE = {"name": "llm", "location": "https://llm.test/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "m"}
EMBEDDER = {**LARGE, "name": "embedder", "location": "https://llm.test/v1/embeddings", "model_type": "EMBEDDINGS"}


def call(agreement: float = 0.9) -> Call:
    effort = {"agreement": agreement, "confidence": 0.95, "proxy": {"function": "ai_embed", "model": EMBEDDER}}
    return parse_call(json.dumps({"function": "ai_classify", "model": LARGE, "return_type": "STRING", "effort": effort}))


class InMemory:
    """A RowSource. without: inputs to which a call has no answer, by whether it embeds."""

    def __init__(self) -> None:
        self.asked: dict[str, list[str]] = {"ai_embed": [], "ai_classify": []}
        self.kept: dict[str, dict[str, str]] = {}
        self.without: dict[bool, set[str]] = {True: set(), False: set()}
        self.said: list[str] = []
        self.weights = ""
        self.others = [1.0]

    def ask(self, call: Call, inputs: Sequence[str]) -> KnownAnswers:
        known = KnownAnswers(call)
        self.asked[call.function] += inputs
        failed = {index: Failure("no", "no") for index, text in enumerate(inputs) if text in self.without[call.embeds]}
        values = (
            np.array([[position(text) - 0.5, *self.others] for text in inputs], np.float32)
            if call.embeds
            else [label(text) for text in inputs]
        )
        known.add(inputs, values, failed)
        return known

    def stored(self, call: Call, inputs: Sequence[str]) -> KnownAnswers:
        known, kept = KnownAnswers(call), self.kept.get(call.function, {})
        known.add([text for text in inputs if text in kept], [kept[text] for text in inputs if text in kept], {})
        return known

    def keep(self, call: Call, inputs: Sequence[str], values: Sequence[str], answered_by: str) -> None:
        self.kept.setdefault(call.function, {}).update(zip(inputs, values, strict=True))

    def count(self, call: Call, answers: int, answered_by: str) -> None: ...

    def weights_of(self, call: Call) -> str:
        return self.weights

    def say(self, line: str) -> None:
        self.said.append(line)


def position(text: str) -> float:
    return random.Random(text).random()


def label(text: str) -> str:
    return "high" if position(text) > 0.5 else "low"


def answer(source: InMemory, rows: Sequence[str] = ROWS, agreement: float = 0.9) -> KnownAnswers:
    asked = call(agreement)
    known = KnownAnswers(asked)
    HardRows(Requests(asked, rows, asked.keys(rows)), known, source).answer()
    return known


def test_every_row_has_one_answer_and_few_of_them_are_the_large_model_s():
    source = InMemory()
    known = answer(source)
    assert sorted(known.slots) == sorted(ROWS) and len(source.asked["ai_classify"]) == len(set(source.asked["ai_classify"])) < 500
    assert sum(known.texts[known.slots[text]] == label(text) for text in ROWS) >= 0.9 * len(ROWS)


def test_without_what_fits_a_classifier_nothing_is_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    source = InMemory()
    with pytest.raises(ConfigurationError, match=r"effort with an embedder needs the extra: pip install 'dbt-ai-functions\[effort\]'"):
        answer(source)
    assert not source.asked["ai_embed"] and not source.asked["ai_classify"]


def test_rows_without_a_vector_go_to_the_large_model_and_its_failures_are_the_rows_failures():
    source = InMemory()
    source.without = {True: set(ROWS[:50]), False: set(ROWS[50:100])}
    known = answer(source)
    assert set(ROWS[:50]) <= set(source.asked["ai_classify"])
    failed = set(source.asked["ai_classify"]) & set(ROWS[50:100])
    assert failed and set(known.failures) == failed


def test_what_is_asked_at_least_and_at_most_is_what_a_good_and_a_bad_proxy_ask(monkeypatch: pytest.MonkeyPatch):
    asked = call()
    least, most = least_and_most(Requests(asked, ROWS, asked.keys(ROWS)), KnownAnswers(asked), InMemory())
    assert [len(inputs) for _, inputs in most] == [2_000, 2_000] and least[0] == most[0]
    good, bad = InMemory(), InMemory()
    answer(good)
    monkeypatch.setattr("test_hard_rows.position", lambda text: 0.5)
    monkeypatch.setattr("test_hard_rows.label", lambda text: "high" if random.Random(text).random() > 0.5 else "low")
    answer(bad)
    assert set(least[1][1]) <= set(good.asked["ai_classify"]) and len(bad.asked["ai_classify"]) == 2_000
    assert bad.said == [
        "all 2,000 new inputs of ai_classify go to 'llm': classifier on embedder is expected to answer too few of 2,000 as 'llm' does"
    ]


def test_an_estimate_counts_the_rows_that_the_large_model_has_answered_before():
    before = InMemory()
    before.kept["ai_classify"] = {text: label(text) for text in ROWS[:1_000]}
    asked, new = call(), ROWS[1_000:]
    known = KnownAnswers(asked)
    known.add(ROWS[:1_000], [label(text) for text in ROWS[:1_000]], {})
    least, most = least_and_most(Requests(asked, new, asked.keys(new)), known, before)
    HardRows(Requests(asked, new, asked.keys(new)), known, before).answer()
    sent = set(before.asked["ai_classify"]) - set(ROWS[:1_000])
    # The proxy reads all rows, also those that are not new.
    assert sorted(before.asked["ai_embed"]) == sorted(most[0][1]) == sorted(ROWS) and least[0] == most[0]
    assert 0 < len(least[1][1]) <= len(sent) <= len(most[1][1]) == 1_000


@pytest.mark.parametrize("changed", ["weights", "length"])
def test_vectors_of_another_model_are_not_read_by_the_classifier_of_before(changed: str):
    source = InMemory()
    answer(source)
    source.asked["ai_classify"].clear()
    more = [f"more {number}" for number in range(2_000)]
    source.weights, source.others = ("another", [1.0]) if changed == "weights" else ("", [1.0, 0.0])
    answer(source, more)
    assert 120 < len(source.asked["ai_classify"]) < 500
    assert len(read_records(source.stored(record_call(call()), Record.inputs()))) == 2


def test_a_record_is_read_as_it_was_written_and_one_that_cannot_be_read_is_not_used():
    vectors = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
    classifier, guess = fitted(vectors, ["a" if vector[0] > 0 else "b" if vector[1] > 0 else "c" for vector in vectors])
    record = Record(classifier, Trial.of(guess.confidences, [True] * 60), 0.7, "w")
    known = KnownAnswers(record_call(call()))
    known.add(["0", "1"], [record.to_text(), '{"version": 2}'], {})
    read, unreadable = read_records(known)
    assert read.classifier is not None and (read.classifier.weights == classifier.weights).all() and read.threshold == 0.7
    assert unreadable.dropped and not read.dropped
    document = json.loads(record.to_text())
    for changes in (
        {"errors": [10**30] * 60},
        {"errors": [[0]] * 60},
        {"confidences": [math.nan] * 60},
        {"threshold": math.nan},
        {"classifier": {**document["classifier"], "answers": [], "weights": ""}},
        {"classifier": {**document["classifier"], "answers": {"a": 1, "b": 2, "c": 3}}},
        {"classifier": {**document["classifier"], "dimensions": -2}},
    ):
        edited = KnownAnswers(record_call(call()))
        edited.add(["0", "1"], [json.dumps({**document, **changes}), "[" * 100_000], {})
        assert [one.dropped for one in read_records(edited)] == [True, True], changes
    for broken in ({"answers": ["a"], "dimensions": 3, "weights": "AAAA"}, {"answers": ["a"], "dimensions": 1, "weights": "!"}):
        with pytest.raises(ValueError):
            classifier_of(broken)


def test_a_record_without_the_classifier_that_an_embedder_needs_is_replaced():
    source = InMemory()
    answer(source)
    [[number, text]] = source.kept["effort"].items()
    source.kept["effort"][number] = json.dumps({**json.loads(text), "classifier": None})
    known = answer(source, [f"more {index}" for index in range(2_000)])
    assert len(known.slots) == 2_000 and sorted(source.kept["effort"]) == ["0", "1"]


def test_a_proxy_that_is_sure_of_too_few_new_rows_is_replaced_at_once():
    source = InMemory()
    answer(source)
    [[number, text]] = source.kept["effort"].items()
    source.kept["effort"][number] = json.dumps({**json.loads(text), "threshold": 0.999999})
    source.asked["ai_classify"].clear()
    known = answer(source, [f"more {index}" for index in range(2_000)])
    assert len(known.slots) == 2_000 and len(source.asked["ai_classify"]) < 500 and sorted(source.kept["effort"]) == ["0", "1"]


@pytest.mark.parametrize("names", [2, 3])
def test_the_classifier_guesses_what_scikit_learn_does(names: int):
    from sklearn.linear_model import LogisticRegression

    chosen = np.random.default_rng(1)
    vectors = chosen.normal(size=(200, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = np.array(["a", "b", "c"])[vectors[:, :names].argmax(axis=1)]
    classifier, _ = fitted(vectors, labels.tolist())
    shares = [
        LogisticRegression(C=strength, max_iter=200).fit(vectors, labels).predict_proba(vectors).max(axis=1) for strength in (1, 10, 100)
    ]
    found = classifier.guess(vectors).confidences
    assert min(np.abs(found - share).max() for share in shares) < 1e-4


def test_the_keys_of_a_proxy_s_answers_are_those_of_its_policy_and_the_large_model_s_those_of_the_plain_call():
    plain = parse_call(json.dumps({"function": "ai_classify", "model": LARGE, "return_type": "STRING"}))
    assert call().without_effort() == plain and call().without_effort().keys(["x"]) == plain.keys(["x"])
    keys = {call(agreement).keys(["x"])[0] for agreement in (0.9, 0.95)} | set(plain.keys(["x"]))
    assert len(keys) == 3
