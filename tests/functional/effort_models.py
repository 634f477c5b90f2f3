"""A large model, a small one and an embedding model for calls with effort, on loopback."""

from __future__ import annotations

import json
import math
import random
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from answering import answering_server
from models import ai_table

LARGE, SMALL, EMBEDDER = "/large/v1/chat/completions", "/small/v1/chat/completions", "/v1/embeddings"
LABELS = ("billing", "defect")
POLICY = "{'agreement': 0.9, 'confidence': 0.95, 'embedder': ref('embedder')}"
CALL = "ai_classify(ref('llm'), 'body', ['billing', 'defect']{})"
ROWS = 1_500
LABELLED = ai_table(f"select ticket_id, {{{{ dbt_ai.{CALL.format(', effort=' + POLICY)} }}}} as label from {{{{ ref('tickets') }}}}")


class Models:
    """A large model, a small one and an embedding model. A ticket is a number, and a number between 0 and 1 that it stands for: which side
    of the middle that is on is its label, and how far from it how easy it is. answered: what each model was asked, by path."""

    def __init__(self) -> None:
        self.answered: Counter[str] = Counter()
        self.drifted = self.of_one_kind = False
        self.url = ""
        self._lock = threading.Lock()

    @property
    def files(self) -> dict[str, str]:
        """The external models of a project."""
        made = "{{{{ dbt_ai.create_external_model(location='{}', api_format='OpenAI', model_type='{}', model='{}') }}}}"
        return {
            "models/llm.sql": made.format(f"{self.url}{LARGE}", "CHAT", "large"),
            "models/small_llm.sql": made.format(f"{self.url}{SMALL}", "CHAT", "small"),
            "models/embedder.sql": made.format(f"{self.url}{EMBEDDER}", "EMBEDDINGS", "e"),
        }

    def agreement(self, rows: Sequence[tuple[int, str | None]]) -> float:
        """The share of these tickets that have the label which the large model gives."""
        return sum(self.label(number) == label for number, label in rows) / len(rows)

    def label(self, number: int) -> str:
        return LABELS[not self.of_one_kind and (random.Random(number).random() > 0.5) != self.drifted]

    def respond(self, path: str, headers: Mapping[str, str], body: dict[str, Any]) -> tuple[int, str, bytes]:
        if path.endswith("/embeddings"):
            numbers = [_number(text) for text in body["input"]]
            data = [{"index": index, "embedding": _vector(number)} for index, number in enumerate(numbers)]
            answer: dict[str, Any] = {"data": data, "usage": {"prompt_tokens": len(data), "total_tokens": len(data)}}
        else:
            numbers = [_number(body["messages"][-1]["content"])]
            answer = self._chat(numbers[0], body)
        with self._lock:
            self.answered[path] += len(numbers)
        return 200, "application/json", json.dumps(answer).encode()

    def _chat(self, number: int, body: dict[str, Any]) -> dict[str, Any]:
        label = self.label(number)
        said: Any = label == "defect" if "boolean" in json.dumps(body.get("response_format", "")) else label
        content = json.dumps({"answer": said}) if "response_format" in body else label
        choice: dict[str, Any] = {"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
        if body.get("logprobs"):
            share = 1 / (1 + math.exp(-20 * (random.Random(number).random() - 0.5)))
            weights = {"defect": share, "true": share, "billing": 1 - share, "false": 1 - share}
            tops = [
                {"token": token, "logprob": math.log(weight / 2)} for token, weight in sorted(weights.items(), key=lambda pair: -pair[1])
            ]
            choice["logprobs"] = {"content": [{**tops[0], "top_logprobs": tops}]}
        return {"choices": [choice], "usage": {"prompt_tokens": 10, "completion_tokens": 1}}


def _number(text: str) -> int:
    return int(re.findall(r"ticket (\d+)", text)[-1])


def _vector(number: int) -> list[float]:
    chosen = random.Random(number)
    position = chosen.random() - 0.5
    return [position * 4, 1.0, *(chosen.gauss(0, 0.1) for _ in range(6))]


@contextmanager
def served_models() -> Iterator[Models]:
    """On a server of their own."""
    served = Models()
    with answering_server(served.respond) as url:
        served.url = url
        yield served
