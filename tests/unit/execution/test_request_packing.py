from hypothesis import given
from hypothesis import strategies as st

from dbt_ai.execution.packing import LearntSize, pack
from dbt_ai.providers.base import Limits
from dbt_ai.tokens import estimated_tokens, size_of

texts = st.lists(st.text(max_size=60), max_size=40)


@given(texts, st.integers(1, 8), st.none() | st.integers(5, 60), st.none() | st.integers(20, 200))
def test_every_input_travels_once_within_every_limit(inputs, count, tokens, size):
    bundles = list(pack(inputs, range(len(inputs)), Limits(count, tokens, size)))
    assert sorted(position for bundle in bundles for position in bundle) == list(range(len(inputs)))
    for bundle in bundles:
        assert len(bundle) <= count
        if len(bundle) > 1:
            assert tokens is None or sum(estimated_tokens(inputs[position]) for position in bundle) <= tokens
            assert size is None or sum(size_of(inputs[position]) for position in bundle) <= size


@given(texts)
def test_the_longest_texts_travel_first_and_with_their_like(inputs):
    sizes = [size_of(inputs[position]) for bundle in pack(inputs, range(len(inputs)), Limits(4)) for position in bundle]
    assert sizes == sorted(sizes, reverse=True)


def test_a_refused_size_is_remembered_and_recovers():
    learnt = LearntSize()
    learnt.refused(256)
    assert [len(piece) for piece in learnt.pieces(range(256))] == [128, 128]
    for _ in range(8):
        learnt.accepted(128)
    assert learnt.inputs == 256


def test_a_larger_size_is_tried_by_one_bundle_while_the_others_stay_small():
    learnt = LearntSize()
    learnt.refused(64)
    for _ in range(8):
        learnt.accepted(32)
    assert [len(learnt.pieces(range(64))[0]) for _ in range(3)] == [64, 32, 32]
    learnt.accepted(64)
    assert [len(learnt.pieces(range(64))[0]) for _ in range(3)] == [64, 64, 64]


def test_a_larger_size_is_tried_again_if_nobody_heard_of_the_bundle_that_tried_it():
    learnt = LearntSize()
    learnt.refused(64)
    for _ in range(2):
        for _ in range(8):
            learnt.accepted(32)
        assert [len(learnt.pieces(range(64))[0]) for _ in range(2)] == [64, 32]


def test_recovery_is_tried_less_often_each_time_it_is_refused():
    learnt = LearntSize()
    learnt.refused(64)
    for expected in (8, 16, 32):
        accepted = 0
        while learnt.inputs == 32:
            learnt.accepted(32)
            accepted += 1
        assert accepted == expected
        learnt.refused(64)


def test_a_text_of_another_script_counts_its_bytes():
    assert estimated_tokens("漢" * 30) == 31
