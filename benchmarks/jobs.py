"""What 50,000 chat requests take on their way into jobs of a batch API and back, apart from the network.

    python benchmarks/jobs.py [--requests 50000]

preparing: from the texts to the bytes of the upload. reading: from the lines of the results to answers in a DuckDB store.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator

import duckdb

from dbt_ai.call import Call
from dbt_ai.execution.batch_api import BatchApi
from dbt_ai.execution.job_failures import JobFailures
from dbt_ai.execution.job_results import JobResults
from dbt_ai.execution.job_sender import JobSender
from dbt_ai.execution.sender import Sender
from dbt_ai.execution.transport import KeepAliveTransport
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import HttpRequest, provider_of
from dbt_ai.providers._jobs import JobState
from dbt_ai.providers.base import EndpointProvider
from dbt_ai.security.credentials import Credentials
from dbt_ai.store.duckdb_store import DuckDBStore
from dbt_ai.store.jobs import Job
from dbt_ai.store.schema import Tables

MODEL = ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "m", execution="batch")


class Downloaded(JobSender):
    """A sender whose file is here already."""

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def lines(self, model: ExternalModel, request: HttpRequest) -> Iterator[str]:
        usage = {"prompt_tokens": 40, "completion_tokens": 20}
        for name in self.names:
            body = {"choices": [{"message": {"content": f"an answer of {name} " * 4}, "finish_reason": "stop"}], "usage": usage}
            yield json.dumps({"custom_id": name, "response": {"status_code": 200, "body": body}})


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--requests", type=int, default=50_000)
    count = arguments.parse_args().requests
    provider, call = provider_of(MODEL), Call("ai_query", MODEL)
    assert isinstance(provider, EndpointProvider)
    form = provider.jobs(MODEL)
    assert form is not None
    texts = [f"a review of product number {number} by somebody who liked it " * 4 for number in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(f"{folder}/store.duckdb")
        store = DuckDBStore(connection.cursor, Tables("dbt_ai"))
        store.check()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        sender = Downloaded([])
        api = BatchApi(MODEL, provider, form, store, sender, Sender(Credentials.from_config([], []), KeepAliveTransport()).judge)
        started = time.perf_counter()
        jobs = list(api.cut([api.encode(call, [text]) for text in texts], [0] * count))
        size = sum(len(upload.body) for _, lines, name in jobs if (upload := form.upload(MODEL, name, lines)) is not None)
        print(f"preparing {count:,} requests in {len(jobs)} jobs, {size / 1e6:.0f} MB: {time.perf_counter() - started:.1f} s")
        keys = call.keys(texts)
        sender.names = [f"{name}-{number}" for _, lines, name in jobs for number in range(len(lines))]
        started = time.perf_counter()
        state = JobState(True, "completed", (HttpRequest("https://api.openai.com/v1/files/f/content", b"", method="GET"),))
        for positions, _, name in jobs:
            job = Job(name, call, [keys[position] for position in positions], [1] * len(positions), "node")
            store.save_job(job)
            JobResults(api, job).keep(state, store, JobFailures(store))
        print(f"reading {store.count():,} answers into the store: {time.perf_counter() - started:.1f} s")
        print(f"memory: +{(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024:.0f} MB")


if __name__ == "__main__":
    main()
