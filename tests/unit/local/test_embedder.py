"""The embedder against a device that needs no framework: each token is its own number, a vector is [sum, length, 1]."""

import numpy as np
import pytest

tokenizers = pytest.importorskip("tokenizers")

from dbt_ai.local.device import OutOfMemory
from dbt_ai.local.embedder import Embedder, Recipe
from dbt_ai.local.tokens import Tokens
from dbt_ai.local.workers import Budget, Workers


def words(limit=None, windows=False):
    """A tokenizer that maps w1 w2 … to 1 2 …"""
    vocabulary = {f"w{number}": number for number in range(1000)} | {"?": 1000}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="?"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    return Tokens(tokenizer, limit, windows)


class Sums:
    """Sums token ids; holds at most `room` padded tokens."""

    name = "fake"

    def __init__(self, room=10**9):
        self.room = room
        self.batches = []

    def embed(self, rows):
        padded = len(rows) * max(len(row) for row in rows)
        if padded > self.room:
            raise OutOfMemory(f"{padded} tokens")
        self.batches.append([len(row) for row in rows])
        return np.array([[row.sum(), len(row), 1] for row in rows], dtype=np.float32)


def run(device, texts, budget=64, recipe=None, tokens=None):
    embedder = Embedder(tokens or words(), Workers([device], Budget(budget)), recipe or Recipe())
    values, failures, counts = {}, {}, []
    for positions, answer in embedder.embed(texts):
        counts.append(answer)
        for row, position in enumerate(positions):
            assert position not in values and position not in failures, "a text was answered twice"
            if row in answer.failures:
                failures[position] = answer.failures[row]
            else:
                values[position] = answer.values[row]
    return values, failures, counts


def texts_of(lengths):
    return [" ".join(["w1"] * length) for length in lengths]


def test_every_text_gets_its_own_vector_whatever_its_length():
    lengths = [3, 1, 40, 7, 1, 100, 12]
    values, failures, _ = run(Sums(), texts_of(lengths))
    assert failures == {}
    assert [values[i].tolist() for i in range(len(lengths))] == [[n, n, 1] for n in lengths]


def test_batches_hold_texts_of_like_length_within_the_budget():
    device = Sums()
    run(device, texts_of([1, 2, 3, 30, 31, 32] * 10), budget=64)
    assert all(len(batch) * max(batch) <= 64 for batch in device.batches)
    assert sum(len(batch) * max(batch) for batch in device.batches) <= 1.1 * sum(map(sum, device.batches))


def test_out_of_memory_halves_the_batch_and_loses_nothing():
    device = Sums(room=40)
    values, failures, _ = run(device, texts_of([10] * 50), budget=1000)
    assert len(values) == 50 and not failures


def test_a_text_that_alone_does_not_fit_fails_alone():
    values, failures, _ = run(Sums(room=40), texts_of([10, 50, 20]), budget=1000)
    assert sorted(values) == [0, 2]
    assert failures[1].cause == "out of memory"


def test_over_long_texts_are_cut_and_counted():
    values, _, answers = run(Sums(), texts_of([3, 25]), recipe=Recipe(max_length=10), tokens=words(10))
    assert values[1].tolist() == [10, 10, 1]
    assert sum(answer.truncated for answer in answers) == 1


def test_over_long_texts_are_errors_where_that_is_asked():
    values, failures, _ = run(Sums(), texts_of([3, 25]), recipe=Recipe(max_length=10, over_long="error"), tokens=words(10))
    assert list(values) == [0]
    assert "more than the 10 tokens" in failures[1].message


def test_over_long_texts_are_averaged_over_their_windows_by_tokens():
    recipe = Recipe(max_length=10, over_long="mean")
    values, _, answers = run(Sums(), texts_of([25, 3]), recipe=recipe, tokens=words(10, windows=True), budget=10)
    assert values[0] == pytest.approx([(10 * 10 + 10 * 10 + 5 * 5) / 25] * 2 + [1])
    assert values[1].tolist() == [3, 3, 1]
    assert sum(answer.tokens.input for answer in answers) == 28


def test_a_vector_that_is_not_a_number_is_an_error_value():
    class Broken(Sums):
        def embed(self, rows):
            vectors = super().embed(rows)
            vectors[vectors[:, 1] == 7] = np.nan
            return vectors

    values, failures, _ = run(Broken(), texts_of([3, 7]))
    assert list(values) == [0]
    assert failures[1].cause == "not a number"


def test_dimensions_are_cut_and_scaled_to_length_one():
    values, _, _ = run(Sums(), texts_of([3]), recipe=Recipe(dimensions=2, normalize=True))
    assert np.linalg.norm(values[0]) == pytest.approx(1)
    assert len(values[0]) == 2
