"""What a call with effort asks at least, and at most, before anything is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from dbt_ai.effort.hard_rows import RowSource
from dbt_ai.effort.record import Record, read_records, record_call
from dbt_ai.effort.sampling import in_random_order, smallest_check, tolerated_errors, trial_size
from dbt_ai.request import Call, Requests

Asked: TypeAlias = Sequence[tuple[Call, Sequence[str]]]


def least_and_most(requests: Requests, source: RowSource) -> tuple[Asked, Asked]:
    """Calls and what each is asked: if the proxy may answer all that it is not tried and checked on, and if it may answer nothing.

    requests: the rows that have no answer yet.
    """
    call, effort, rows = requests.call, requests.call.effort, requests.inputs
    assert effort is not None, "rows of a call with effort"
    large = call.without_effort()
    records = read_records(source.stored(record_call(call), Record.inputs()))
    trial = 0 if records and not records[-1].dropped else trial_size(len(rows))
    check = smallest_check(len(rows) - trial, tolerated_errors(effort, len(rows)), effort.confidence)
    if check is None:
        return [(large, rows)], [(large, rows)]
    answered = source.stored(effort.proxy, rows)
    proxy = (effort.proxy, [text for text in rows if not answered.knows(text)])
    return [proxy, (large, in_random_order(large, rows)[: trial + check])], [proxy, (large, rows)]
