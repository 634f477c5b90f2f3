"""Several questions about one text, asked of a chat model one after another: one token answers one question."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from dbt_ai.call import Call
from dbt_ai.conversation.asking import Asker, Asking
from dbt_ai.response import Failure, Responses
from dbt_ai.tokens import TokenCount


def ask_one_by_one(asker: Asker, call: Call, inputs: Sequence[str]) -> Asking:
    """What to ask to get the probabilities of all questions of a call; see Asker.ask for the protocol.

    The first question without an answer ends it: a row is answered as a whole or not at all.
    """
    found: dict[str, object] = {}
    tokens = TokenCount()
    for question in call.questions:
        responses = yield from asker.ask(replace(call, questions=(question,), messages=question["messages"]), inputs)
        tokens += responses.tokens
        if responses.failures:
            failure = responses.failures[0]
            return Responses([None], {0: Failure(failure.cause, f"question {question['name']!r}: {failure.message}")}, tokens)
        found.update(json.loads(str(responses.values[0])))
    return Responses([json.dumps(found, ensure_ascii=False)], tokens=tokens)
