"""Where the answers of one node come from, and where they are kept."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from dbt_ai.admission import Admission
from dbt_ai.call import Call
from dbt_ai.display.node_display import NodeDisplay
from dbt_ai.display.progress import NodeProgress, node_line
from dbt_ai.effort.expected import least_and_most
from dbt_ai.effort.hard_rows import HardRows
from dbt_ai.errors import INTERRUPTED, MEMORY_USED_UP, PlanError, StoreError
from dbt_ai.estimate import Estimate, estimate
from dbt_ai.execution.scheduler import Scheduler
from dbt_ai.invocation import Invocation
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.ledger import Usage
from dbt_ai.parameter_names import misspelt
from dbt_ai.project_names import short_name
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import LocalProvider
from dbt_ai.request import Requests
from dbt_ai.response import Delivery, Responses
from dbt_ai.row_text import named_row, without_row
from dbt_ai.settings import Settings
from dbt_ai.store.answer_store import AnswerStore


def weights_of(call: Call) -> str:
    """Revision or hash of a local model's weights; empty for an endpoint."""
    provider = provider_of(call.model)
    return provider.weights(call.model) if isinstance(provider, LocalProvider) else ""


class NodeAnswers:
    """Gets the answers that one node needs and keeps them: in the store for good, in memory for its last pass."""

    def __init__(
        self, node: str | None, settings: Settings, store: AnswerStore, scheduler: Scheduler, invocation: Invocation, display: NodeDisplay
    ) -> None:
        self.mode = settings.mode
        self._redact_rows = settings.redact_rows
        self._node = node or ""
        self._store = store
        self._scheduler = scheduler
        self._invocation = invocation
        self._admission = Admission(self._node, settings, invocation, self.say)
        self._display = display
        self._progress: NodeProgress | None = None

    def requests(self, call: Call, inputs: Iterable[str]) -> Requests:
        """Requests of a call for these inputs, with their keys."""
        inputs = list(inputs)
        return Requests(call, inputs, call.keys(inputs), weights_of(call))

    def uncollected(self, call: Call, inputs: Iterable[str]) -> Requests:
        """Requests that the node's SQL does not make itself."""
        return replace(self.requests(call, inputs), uncollected=True)

    def asking(self) -> AbstractContextManager[None]:
        """Around `recall` and `execute`: see Scheduler.asking."""
        return self._scheduler.asking()

    def recall(self, work: Sequence[Requests], answers: Mapping[Call, KnownAnswers]) -> None:
        for requests in work:
            known, effort = answers[requests.call], requests.call.effort
            if effort is None:
                self._find(requests, known)
                continue
            # What the large model answered is better than what a proxy did.
            self._find(self.uncollected(requests.call.without_effort(), requests.inputs), known)
            self._find(known.left_of(requests), known, effort.answered_by)

    def _find(self, requests: Requests, known: KnownAnswers, answered_by: str = "") -> None:
        meter = self._invocation.ledger.meter(self._node, requests.call.model, answered_by)
        for stored in self._store.lookup(requests):
            meter.found(len(stored.positions), stored.tokens)
            known.add([requests.inputs[position] for position in stored.positions], stored.values, {})

    def execute(self, work: Sequence[Requests], answers: Mapping[Call, KnownAnswers], exact: bool, cancelled: threading.Event) -> None:
        """Before anything is sent it raises what Admission.admit does."""
        for requests in work:
            self._tell_of_slips(requests.call)
        self._admit(work, answers, exact)
        plain = [requests for requests in work if requests.call.effort is None]
        if plain:
            self._send(plain, answers, exact, cancelled)
        for requests in work:
            if requests.call.effort is not None:
                HardRows(requests, answers[requests.call], NodeRows(self, cancelled)).answer()

    def ask(self, requests: Requests, cancelled: threading.Event) -> KnownAnswers:
        """The answers to these requests, stored or executed, beside what the node's SQL asks."""
        known = KnownAnswers(requests.call)
        self._find(requests, known)
        left = known.left_of(requests)
        if left.inputs:
            self._admit([left], {}, exact=True)
            self._send([replace(left, uncollected=False)], {requests.call: known}, False, cancelled)  # looked for everywhere by now
        return known

    def stored(self, requests: Requests) -> KnownAnswers:
        """Those of the answers that are stored. They are not counted as used."""
        known = KnownAnswers(requests.call)
        for found in self._store.lookup(requests):
            known.add([requests.inputs[position] for position in found.positions], found.values, {})
        return known

    def keep(self, requests: Requests, values: Sequence[str], answered_by: str) -> None:
        """Store answers that no model was asked for."""
        self._store.put([Delivery(requests, range(len(values)), Responses(values), answered_by=answered_by)], self._node)

    def count(self, call: Call, answers: int, answered_by: str) -> None:
        """Count answers that a proxy gave in the place of the call's model."""
        self._invocation.ledger.meter(self._node, call.model, answered_by).settled(answers, failed=0, mine=True)

    def say(self, line: str) -> None:
        """Show a line that tells of this node."""
        self._display.say(f"dbt_ai {short_name(self._node) or 'query'}: {line}")

    def _tell_of_slips(self, call: Call) -> None:
        # Endpoints have parameters that nobody here knows, so a name is never refused; many endpoints pass over a wrong one in silence.
        of_the_model = misspelt(call.model.parameters)
        for name, meant in misspelt(call.parameters).items():
            of_whom, where = (f"external model {call.model.name!r}", "") if name in of_the_model else (call.function, self._node)
            if self._invocation.is_first(f"{name} of {of_whom} {where}"):
                self.say(f"parameter {name!r} of {of_whom} is sent as it is; did you mean {meant!r}?")

    def _send(self, work: Sequence[Requests], answers: Mapping[Call, KnownAnswers], exact: bool, cancelled: threading.Event) -> None:
        self._progress = NodeProgress(sum(len(requests.inputs) for requests in work))
        more_to_come = False
        try:
            self._scheduler.execute(work, lambda deliveries: self._deliver(deliveries, answers), cancelled, self._node)
            more_to_come = not exact
        except (StoreError, MemoryError) as error:
            self._store.check()  # once more, with all that has come back since: raises how many answers are lost
            raise StoreError(f"{str(error) or MEMORY_USED_UP}; every answer is stored now: run it again") from None
        finally:
            self._progress = None
            self._display.clear(self._node)
            self._invocation.write_usage(every=1.0 if more_to_come else 0.0)

    def tell_progress(self) -> None:
        """Show how far it is."""
        if self._progress is not None:
            self._display.show(self._node, self._progress, self._scheduler.next_try(), self._usages())

    def named(self, text: str) -> str:
        """A row's text as messages show it."""
        return named_row(text, self._redact_rows)

    def told(self) -> str:
        """What the node asked, for its result."""
        self._invocation.write_usage()
        return node_line(self._usages())

    def _admit(self, work: Sequence[Requests], answers: Mapping[Call, KnownAnswers], exact: bool) -> None:
        self._admission.admit(work, lambda requests: self._expected(requests, answers, exact), exact)
        self._store.check()

    def _expected(self, requests: Requests, answers: Mapping[Call, KnownAnswers], exact: bool) -> Estimate:
        """What the requests take; where a proxy may answer, at least and at most."""
        prices = self._invocation.ledger.prices
        if requests.call.effort is None:
            return estimate([self._scheduler.not_handed_over(requests)], prices, exact)
        least, most = (
            estimate([self.requests(call, inputs) for call, inputs in asked], prices, exact)
            for asked in least_and_most(requests, answers[requests.call], NodeRows(self, threading.Event()))
        )
        return replace(least, most=most)

    def _deliver(self, deliveries: Sequence[Delivery], answers: Mapping[Call, KnownAnswers]) -> None:
        fitting = [replace(part, responses=self._responses(part, answers[part.requests.call])) for part in deliveries]
        try:
            # The store first: what was paid for is kept whatever happens next.
            self._store.put(fitting, self._node)
        finally:
            for part in fitting:
                inputs = [part.requests.inputs[position] for position in part.positions]
                answers[part.requests.call].add(inputs, part.responses.values, part.responses.failures)
                if part.responses.failures:
                    meter = self._invocation.ledger.meter(self._node, part.requests.call.model)
                    meter.failed(failure.cause for failure in part.responses.failures.values())
                if self._progress is not None:
                    self._progress.done += len(part.positions)
        self._invocation.write_usage(every=1.0)

    def _responses(self, delivery: Delivery, answers: KnownAnswers) -> Responses:
        """As they may be kept beside the known answers, and told."""
        responses = answers.fitting(delivery.responses)
        if not (self._redact_rows and responses.failures):
            return responses
        texts = [delivery.requests.inputs[position] for position in delivery.positions]
        return replace(responses, failures={index: without_row(failure, texts[index]) for index, failure in responses.failures.items()})

    def _usages(self) -> list[Usage]:
        return [usage for usage in self._invocation.ledger.usages() if usage.node == self._node]


class NodeRows:
    """Where the rows of a call with effort get their answers: a RowSource."""

    def __init__(self, answers: NodeAnswers, cancelled: threading.Event) -> None:
        self._answers = answers
        self._cancelled = cancelled

    def ask(self, call: Call, inputs: Sequence[str]) -> KnownAnswers:
        known = self._answers.ask(self._answers.uncollected(call, inputs), self._cancelled)
        if self._cancelled.is_set():
            raise PlanError(INTERRUPTED)
        return known

    def stored(self, call: Call, inputs: Sequence[str]) -> KnownAnswers:
        return self._answers.stored(self._answers.uncollected(call, inputs))

    def keep(self, call: Call, inputs: Sequence[str], values: Sequence[str], answered_by: str) -> None:
        self._answers.keep(self._answers.requests(call, inputs), values, answered_by)

    def count(self, call: Call, answers: int, answered_by: str) -> None:
        self._answers.count(call, answers, answered_by)

    def weights_of(self, call: Call) -> str:
        return weights_of(call)

    def say(self, line: str) -> None:
        self._answers.say(line)
