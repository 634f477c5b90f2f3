"""Answers that stand under other keys than those of today: they get these keys, and need not be asked again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dbt_ai.call import Call
from dbt_ai.external_model import ExternalModel
from dbt_ai.keys import KEY_VERSION
from dbt_ai.request import Requests
from dbt_ai.store.answer_store import StoredAnswers
from dbt_ai.store.duckdb_answers import DuckDBAnswers
from dbt_ai.store.version_1 import Version1

if TYPE_CHECKING:
    import duckdb


class OtherKeys:
    """Those that version 1 of the recipe made, and those of the same call with a smaller output limit.

    version_1: tells whose answers the former are. say: shows a line to the user.
    """

    def __init__(self, answers: DuckDBAnswers, version_1: Version1, say: Callable[[str], None]) -> None:
        self._answers = answers
        self._responses = answers.tables.responses
        self._version_1 = version_1
        self._say = say
        self._older: dict[str, bool] = {}
        self._lock = threading.Lock()

    def find(self, cursor: duckdb.DuckDBPyConnection, requests: Requests, missing: NDArray[np.bool_]) -> Iterator[StoredAnswers]:
        """What answers the requests at the missing positions, in pieces."""
        missing = missing.copy()
        if self._has_older(cursor, requests.call.model):
            for stored in self._find_older(cursor, requests, np.flatnonzero(missing)):
                missing[stored.positions] = False
                yield stored
        if missing.any() and requests.call.output_limit is not None:
            yield from self._find_within_less(cursor, requests, np.flatnonzero(missing))

    def _has_older(self, cursor: duckdb.DuckDBPyConnection, model: ExternalModel) -> bool:
        """Whether version 1 stored answers that can only be this model's. Says so where they may be another's."""
        called = self._version_1.identity(model)
        with self._lock:
            if called not in self._older:
                theirs = f"{self._responses} where model = ? and key_version is null"
                [(count,)] = cursor.execute(f"select count(*) from {theirs}", [called]).fetchall()
                rivals = self._version_1.rivals(model) if count else []
                self._older[called] = bool(count) and not rivals
                if rivals:
                    self._say(
                        f"dbt_ai: {count:,} answers were stored before a port was part of a model's identity, and may be of"
                        f" {' or '.join([model.key_identity, *rivals])}; they are not used, and what a run needs of them is asked again"
                    )
            return self._older[called]

    def _find_older(self, cursor: duckdb.DuckDBPyConnection, requests: Requests, missing: NDArray[np.int64]) -> Iterator[StoredAnswers]:
        """Give what version 1 stored its key of today, and find it."""
        left = requests.subset(missing.tolist())
        renamed = pa.table({"old": pa.array(self._version_1.keys(left), pa.binary()), "new": pa.array(left.keys, pa.binary())})
        cursor.register("dbt_ai_renamed", renamed)
        with self._answers.writer:
            taken = f"select new from dbt_ai_renamed join {self._responses} on key = new"
            [(count,)] = cursor.execute(
                f"update {self._responses} as stored set key = new, model = ?, key_version = {KEY_VERSION}"
                f" from dbt_ai_renamed where stored.key = old and stored.key_version is null and new not in ({taken})",
                [requests.stored_model],
            ).fetchall()
        if count:
            for stored in self._answers.find(cursor, left):
                yield StoredAnswers(missing[stored.positions], stored.values, stored.tokens)

    def _find_within_less(
        self, cursor: duckdb.DuckDBPyConnection, requests: Requests, missing: NDArray[np.int64]
    ) -> Iterator[StoredAnswers]:
        """Store what was answered within smaller output limits as answers within this one too, and find it.

        Not what took as many tokens as it might: some servers do not say that they cut it off.
        """
        left = requests.subset(missing.tolist())
        copied = 0
        for limit in self._smaller_limits(cursor, requests.call):
            keys = pa.table(
                {"old": pa.array(left.call.within(limit).keys(left.inputs), pa.binary()), "new": pa.array(left.keys, pa.binary())}
            )
            cursor.register("dbt_ai_raised", keys)
            with self._answers.writer:
                taken = f"select new from dbt_ai_raised join {self._responses} on key = new"
                [(count,)] = cursor.execute(
                    f"insert into {self._responses} by name"
                    f" select stored.* replace (new as key, {requests.call.output_limit} as output_limit)"
                    f" from {self._responses} as stored join dbt_ai_raised on stored.key = old"
                    f" where stored.output_tokens < {limit} and new not in ({taken})"
                ).fetchall()
            copied += count
        if copied:
            for stored in self._answers.find(cursor, left):
                yield StoredAnswers(missing[stored.positions], stored.values, stored.tokens)

    def _smaller_limits(self, cursor: duckdb.DuckDBPyConnection, call: Call) -> list[int]:
        """The output limits with which the same was asked that are smaller than the call's, the largest first."""
        found = cursor.execute(
            f"select distinct output_limit from {self._responses} where limitless_call = ? and output_limit < ? order by 1 desc",
            [call.limitless_digest, call.output_limit],
        ).fetchall()
        return [limit for (limit,) in found]
