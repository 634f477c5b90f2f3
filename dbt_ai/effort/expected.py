"""What a call with effort asks at least, and at most, before anything is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from dbt_ai.call import Call
from dbt_ai.effort.hard_rows import RowSource, answered_before
from dbt_ai.effort.record import Record, in_use, read_records, record_call
from dbt_ai.effort.sampling import in_random_order, smallest_check, tolerated_errors, trial_size
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.request import Requests

Asked: TypeAlias = Sequence[tuple[Call, Sequence[str]]]


def least_and_most(requests: Requests, known: KnownAnswers, source: RowSource) -> tuple[Asked, Asked]:
    """Calls and what each is asked: if the proxy may answer all that it is not tried and checked on, and if it may answer nothing.

    requests: the rows that have no answer yet. known: what the node knows of that call.
    """
    call, effort, new = requests.call, requests.call.effort, requests.inputs
    assert effort is not None, "rows of a call with effort"
    large = call.without_effort()
    records = read_records(source.stored(record_call(call), Record.inputs()))
    fitted = in_use(records, effort, source.weights_of(effort.proxy)) is not None
    before = set(answered_before(large, known, source))
    every = in_random_order(large, [*before, *new])
    rows = in_random_order(large, new) if fitted else every
    tried = 0 if fitted else trial_size(len(rows))
    check = smallest_check(len(rows) - tried, tolerated_errors(effort, len(rows)), effort.confidence)
    if check is None:
        return [(large, new)], [(large, new)]
    answered = source.stored(effort.proxy, every)
    proxy, new_proxy = ((effort.proxy, [text for text in part if not answered.knows(text)]) for part in (rows, every))
    trial, others = ([text for text in part if text not in before] for part in (rows[:tried], rows[tried:]))
    # At best every row that is checked, as far as there are such, is one that the large model has answered before.
    checked = max(check - (len(rows) - tried - len(others)), 0)
    return [proxy, (large, [*trial, *others[:checked]])], [new_proxy, (large, new)]
