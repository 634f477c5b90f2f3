"""The embedder against a device that needs no framework: each token is its own number, a vector is [sum, length, 1]."""

import threading
import weakref

import numpy as np
import pytest

from dbt_ai.errors import ProviderError
from dbt_ai.local.batch_size import BatchSize
from dbt_ai.local.device import Batching, DeviceLost, OutOfMemory
from dbt_ai.local.embedder import Embedder, Recipe
from dbt_ai.local.tokenizer import Sequences
from dbt_ai.local.workers import Workers


class Words:
    """Tokens of texts like "1 2 3"; the real ones are Tokens, see the functional tests."""

    def __init__(self, limit=10**9, windows=False):
        self.limit = limit
        self.windows = windows

    def encode(self, texts):
        rows, owner, over_long = [], [], []
        for text, words in enumerate([int(word) for word in text.split()] for text in texts):
            cuts = [words[start : start + self.limit] for start in range(0, len(words), self.limit)]
            over_long.append(len(cuts) > 1)
            for cut in cuts if self.windows else cuts[:1]:
                rows.append(np.array(cut, dtype=np.int32))
                owner.append(text)
        starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        owner = np.array(owner)
        tokens = np.bincount(owner, weights=np.diff(starts)).astype(np.int64)
        return Sequences(np.concatenate(rows), starts, owner, tokens, np.array(over_long))


class Sums:
    """Sums token ids; holds at most `room` padded tokens."""

    name = "fake"
    batching = Batching.PADDED

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
    devices = device if isinstance(device, list) else [device]
    return answers(Embedder(tokens or Words(), Workers(devices, BatchSize(budget)), recipe or Recipe(width=3)), texts)


def answers(embedder, texts):
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
    return [" ".join(["1"] * length) for length in lengths]


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


def test_over_long_texts_are_cut_counted_and_told(caplog):
    values, _, answers = run(Sums(), texts_of([3, 25]), recipe=Recipe(max_length=10), tokens=Words(10))
    assert values[1].tolist() == [10, 10, 1]
    assert sum(answer.truncated for answer in answers) == 1
    assert "1 of 2 texts have more than the 10 tokens" in caplog.text


def test_over_long_texts_are_errors_where_that_is_asked():
    values, failures, _ = run(Sums(), texts_of([3, 25]), recipe=Recipe(max_length=10, over_long="error"), tokens=Words(10))
    assert list(values) == [0]
    assert "more than the 10 tokens" in failures[1].message


def test_over_long_texts_are_averaged_over_their_windows_by_tokens():
    recipe = Recipe(max_length=10, over_long="mean")
    values, _, answers = run(Sums(), texts_of([25, 3]), recipe=recipe, tokens=Words(10, windows=True), budget=10)
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


def test_a_failed_text_still_stands_in_vectors_of_the_right_length():
    _, failures, pieces = run(Sums(room=4), texts_of([10, 10]), recipe=Recipe(width=3))
    assert sorted(failures) == [0, 1]
    assert all(piece.values.shape[1] == 3 for piece in pieces)


def test_what_does_not_fit_into_a_gpu_is_computed_by_the_cpu(caplog):
    gpu, cpu = Sums(room=40), Sums()
    gpu.name, cpu.name = "cuda:0", "cpu"
    workers = Workers([gpu], BatchSize(1000), fallback=lambda: cpu)
    values, failures, _ = answers(Embedder(Words(), workers, Recipe(width=3)), texts_of([10, 50, 60, 20]))
    assert sorted(values) == [0, 1, 2, 3] and not failures
    assert sorted(cpu.batches) == [[50], [60]]
    assert len([record for record in caplog.records if "cuda:0 has no memory left" in record.message]) == 1


def test_memory_that_a_failed_batch_held_is_free_before_anything_else_is_tried():
    class Held(Sums):
        def embed(self, rows):
            activations = np.zeros(8)
            self.held.append(weakref.ref(activations))
            return super().embed(rows)

    device = Held(room=40)
    device.held = []
    parts = Workers([device], BatchSize(1000)).submit([np.ones(50, dtype=np.int32)]).result()
    assert isinstance(parts[0].outcome, OutOfMemory)
    assert [held() for held in device.held] == [None]


class Lost(Sums):
    """A GPU that answers some batches and is then gone."""

    name = "cuda:0"

    def __init__(self, good):
        super().__init__()
        self.good = good

    def embed(self, rows):
        if self.good == 0:
            raise DeviceLost("CUDA error: an illegal memory access was encountered")
        self.good -= 1
        return super().embed(rows)


def test_two_devices_share_one_queue():
    devices = [Sums(), Sums()]
    values, failures, _ = run(devices, texts_of([8] * 400), budget=16)
    assert len(values) == 400 and not failures
    assert all(device.batches for device in devices)


def test_a_lost_device_is_replaced_by_the_cpu_and_nothing_is_lost():
    cpu = Sums()
    cpu.name = "cpu"
    workers = Workers([Lost(good=3)], BatchSize(16), fallback=lambda: cpu)
    values, failures, _ = answers(Embedder(Words(), workers, Recipe(width=3)), texts_of([8] * 40))
    assert len(values) == 40 and not failures
    assert len(cpu.batches) == 17


def test_the_loss_of_a_device_is_logged_once_whichever_of_its_threads_sees_it(caplog):
    cpu = Sums()
    cpu.name = "cpu"
    gone = Lost(good=0)
    workers = Workers([gone, gone], BatchSize(16), fallback=lambda: cpu)
    both_are_at_work = threading.Barrier(2)
    rows = [np.ones(8, dtype=np.int32)]
    failing = gone.embed

    def embed(rows):
        both_are_at_work.wait(60)
        return failing(rows)

    gone.embed = embed
    for submitted in [workers.submit(rows), workers.submit(rows)]:
        submitted.result(60)
    assert len([record for record in caplog.records if "cuda:0 was lost" in record.message]) == 1


def test_a_lost_device_stops_the_run_where_that_is_asked():
    workers = Workers([Lost(good=3)], BatchSize(16))
    given = []
    with pytest.raises(ProviderError, match=r"device cuda:0 was lost in the middle of the run .* what was answered is stored"):
        given.extend(Embedder(Words(), workers, Recipe(width=3)).embed(texts_of([8] * 40)))


def test_a_model_whose_vectors_depend_on_the_batch_gets_one_text_at_a_time():
    device = Sums()
    device.batching = Batching.ALONE
    run(device, texts_of([3, 3, 3]), budget=1000)
    assert [len(batch) for batch in device.batches] == [1, 1, 1]


def test_a_model_of_reduced_precision_gets_texts_of_equal_length():
    device = Sums()
    device.batching = Batching.EQUAL
    values, _, _ = run(device, texts_of([3, 5, 3, 5, 4]), budget=1000)
    assert device.batches == [[5, 5], [4], [3, 3]]
    assert len(values) == 5


def test_slices_of_a_large_plan_come_with_positions_of_the_whole(monkeypatch):
    monkeypatch.setattr("dbt_ai.local.embedder.SLICE", 10)
    values, _, _ = run(Sums(), texts_of(range(1, 36)))
    assert [values[position][1] for position in range(35)] == list(range(1, 36))
