"""What a mock run says of the relations that it builds in a target of real answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from dbt_ai.mock_relations import Mark, MockRelations
from dbt_ai.modes import MOCK, Mode
from dbt_ai.settings import Settings, forced_mode


class NoMarks:
    def read(self) -> list[Mark]:
        return []

    def replace(self, relations: Collection[str], marks: Sequence[Mark]) -> None: ...

    def exists(self, relation: tuple[str | None, str, str]) -> bool:
        return False


def node(name: str, materialized: str) -> dict[str, Any]:
    return {
        "id": f"model.shop.{name}",
        "relation": [None, "main", name],
        "materialized": materialized,
        "keeps_rows": True,
        "parents": [],
        "asks": True,
        "selected": True,
        "full_refresh": False,
    }


def told(mode: Mode) -> list[str]:
    return MockRelations(NoMarks()).begin("i", [node("labels", "ai_table"), node("replies", "incremental")], mode)


def test_a_mock_run_in_a_target_of_real_answers_says_what_it_does_to_them():
    with forced_mode("mock"):
        mode, own = Settings.from_config({"mode": "live"}).mode, Settings.from_config({"mode": "mock"}).mode
    assert told(mode) == [
        "DBT_AI_MODE is mock and this target's mode is live: this run puts mock answers into main.labels, main.replies;"
        " live runs are refused then until main.replies is built anew (--full-refresh); give mock a target of its own"
    ]
    assert own == MOCK and told(own) == []
