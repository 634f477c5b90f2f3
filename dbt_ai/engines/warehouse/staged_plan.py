"""The plan of a node whose SQL runs where our functions do not."""

from __future__ import annotations

from contextlib import suppress

from dbt_ai.call import Call
from dbt_ai.engines.warehouse.node_queries import NodeQueries
from dbt_ai.errors import StoreError
from dbt_ai.known_answers import AnsweredInputs, KnownAnswers
from dbt_ai.plan import AnswerSource, Asked, PassKind, Plan


class StagedPlan(Plan):
    """Its passes ask only for what depends on no missing answer, so that all of it is safe to pay for, and no rehearsal is needed."""

    def __init__(self, queries: NodeQueries, source: AnswerSource, *, sample: int) -> None:
        super().__init__(queries.node, self._run_queries, source, sample=sample, rows_guard=False)
        self._queries = queries

    def answers_to(self, call: Call) -> KnownAnswers:
        with self._lock:
            return self.answers.setdefault(call, AnsweredInputs(call))

    def run(self) -> None:
        try:
            super().run()
        except BaseException:
            with suppress(StoreError):  # it would hide what went wrong first
                self._queries.finish(self.answers)
            raise
        self._queries.finish(self.answers)
        if not self.cancelled.is_set():
            self._queries.check_settled(self.answers)

    def _run_queries(self, kind: PassKind) -> int:
        self._queries.run(self)
        return 0

    def _certain(self, unknown: Asked, recalled: bool, rows: int) -> tuple[Asked, bool]:
        return unknown, not self._queries.left
