"""Requests: a call with the inputs that it is asked with, each under its key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbt_ai.call import Call


@dataclass(frozen=True, slots=True)
class Requests:
    """Distinct requests of one call: the response to inputs[i] is stored under keys[i].

    weights: revision or hash of a local model's weights, which its name does not tell and its keys do not hold.
    uncollected: no SQL of a warehouse looks the answers up, so that no query has told which of them are stored there.

    >>> from dbt_ai.external_model import ExternalModel
    >>> call = Call("ai_query", ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "gpt-4o-mini"))
    >>> Requests(call, ["one", "two"], call.keys(["one", "two"])).subset([1]).inputs
    ['two']
    """

    call: Call
    inputs: Sequence[str]
    keys: Sequence[bytes]
    weights: str = ""
    uncollected: bool = False

    def subset(self, positions: Sequence[int]) -> Requests:
        """The requests at these positions, in this order."""
        inputs, keys = [self.inputs[position] for position in positions], [self.keys[position] for position in positions]
        return Requests(self.call, inputs, keys, self.weights, self.uncollected)

    @property
    def stored_model(self) -> str:
        """The value of the column `model` beside the answers to these requests."""
        return self.call.model.stored_identity(self.weights)
