"""What exists before a node asks is not searched for garbage while it asks."""

from __future__ import annotations

import gc

from dbt_ai.spared_objects import SparedObjects


def test_what_was_there_before_is_not_searched_until_the_last_node_has_ended():
    spared = SparedObjects()
    with spared:
        before = gc.get_freeze_count()
        assert before > 0
        made = [[number] for number in range(1000)]
        with spared:
            assert gc.get_freeze_count() <= before  # fewer, where one that was there has died
        assert 0 < gc.get_freeze_count() <= before
    assert gc.get_freeze_count() == 0
    assert len(made) == 1000


def test_what_is_made_meanwhile_is_searched():
    with SparedObjects():
        ring: list[object] = []
        ring.append(ring)
        del ring
        assert gc.collect() > 0
