"""The plainest scheduler that is right: one pool of threads, plain retries."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

import httpx

from dbt_ai.credentials import Credentials
from dbt_ai.errors import ProviderError
from dbt_ai.execution.scheduler import Deliver
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import EndpointProvider, HttpAnswer, LocalProvider
from dbt_ai.request import Answer, Answered, Call, Failure, Job
from dbt_ai.structured_output import converse, typed

IN_FLIGHT = 8
ATTEMPTS = 3


class SimpleScheduler:
    def __init__(self, credentials: Credentials, transport: httpx.BaseTransport | None = None) -> None:
        self._credentials = credentials
        self._client = httpx.Client(transport=transport, timeout=60, follow_redirects=False)

    def execute(self, jobs: Sequence[Job], deliver: Deliver, cancelled: threading.Event) -> None:
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            work = []
            for job in jobs:
                provider = provider_of(job.call.model)
                if isinstance(provider, LocalProvider):
                    work.append(pool.submit(self._compute, provider, job, deliver))
                elif isinstance(provider, EndpointProvider):
                    self._credentials.headers_for(job.call.model, job.call.model.location)
                    size = provider.limits(job.call).inputs
                    for start in range(0, len(job.inputs), size):
                        positions = range(start, min(start + size, len(job.inputs)))
                        work.append(pool.submit(self._post, provider, job, positions, deliver, cancelled))
            for future in work:
                future.result()

    def _compute(self, provider: LocalProvider, job: Job, deliver: Deliver) -> None:
        for positions, answer in provider.answer(job.call, job.inputs):
            deliver(Answered(job, positions, typed(job.call, answer)))

    def _post(self, provider: EndpointProvider, job: Job, positions: Sequence[int], deliver: Deliver, cancelled: threading.Event) -> None:
        if cancelled.is_set():
            return
        inputs = [job.inputs[position] for position in positions]
        try:
            answer = converse(provider.means(job.call), job.call, inputs, partial(self._answer, provider))
        except ProviderError as error:
            message = self._credentials.redact(str(error))
            answer = Answer([None] * len(inputs), dict.fromkeys(range(len(inputs)), Failure(message, message)))
        deliver(Answered(job, positions, answer))

    def _answer(self, provider: EndpointProvider, call: Call, inputs: Sequence[str]) -> Answer:
        request = provider.encode(call, inputs)
        host = urlsplit(request.url).hostname
        headers = {**request.headers, **self._credentials.headers_for(call.model, request.url)}
        for attempt in range(ATTEMPTS):
            try:
                response = self._client.post(request.url, content=request.body, headers=headers)
            except httpx.HTTPError as error:
                if attempt + 1 == ATTEMPTS:
                    raise ProviderError(f"{host} cannot be reached: {error}", retryable=True) from None
            else:
                answer = HttpAnswer(response.status_code, response.headers, response.content)
                if response.is_success:
                    return provider.decode(call, inputs, answer)
                if response.status_code not in (408, 429, 500, 502, 503, 504) or attempt + 1 == ATTEMPTS:
                    raise ProviderError(f"{response.status_code} {provider.refusal(answer)}")
            time.sleep(0.5 * 2**attempt)
        raise AssertionError("unreachable")
