"""Answers on their way into the warehouse: every few seconds, and whenever SQL is about to read them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from dbt_ai.budget import Used
from dbt_ai.call import Call
from dbt_ai.engines.warehouse.jobs import WarehouseJobs
from dbt_ai.engines.warehouse.tables import WarehouseTables
from dbt_ai.errors import StoreError
from dbt_ai.ledger import Usage
from dbt_ai.request import Requests
from dbt_ai.response import Delivery, Responses
from dbt_ai.store import answer_rows, usage
from dbt_ai.store.answer_store import AnswerStore, StoredAnswers
from dbt_ai.store.jobs import Job
from dbt_ai.store.store import Store

# Seconds between deliveries. A statement on a warehouse takes a good part of one.
EVERY = 3.0
# Bytes of rows that are delivered before that time, and those for which a node waits: an endpoint may be faster than a warehouse.
MANY, MOST = 4 * 2**20, 48 * 2**20
# Seconds that a node waits for room.
PATIENCE = 60.0
# Seconds after which a delivery that does not end is told.
SLOW = 20.0


class Outbox:
    """Thread-safe. What cannot be delivered stays, and is said when it is needed. say: shows a line to the user."""

    def __init__(self, tables: WarehouseTables, say: Callable[[str], None]) -> None:
        self._tables = tables
        self._say = say
        self._waiting: list[pa.Table] = []
        self._bytes = 0
        self._usage: tuple[str, Sequence[Usage]] | None = None
        self._changed = threading.Condition()
        self._delivering = threading.Lock()
        self._writing_usage = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._failed = False

    def add(self, rows: pa.Table | None) -> None:
        """Take rows that the warehouse shall have; None is nothing to take. Waits for room while the warehouse takes them."""
        if rows is None:
            return
        with self._changed:
            self._waiting.append(rows)
            self._bytes += rows.nbytes
            if self._thread is None:
                self._thread = threading.Thread(target=self._deliver_now_and_then, name="dbt_ai delivery", daemon=True)
                self._thread.start()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._bytes <= MOST or self._failed or self._closed, timeout=PATIENCE)

    def write_usage(self, invocation: str, usages: Sequence[Usage]) -> None:
        with self._changed:
            self._usage = (invocation, list(usages))

    def flush(self) -> None:
        """Deliver all answers, over the connection of this thread. Raises StoreError."""
        with self._delivering, self._told_if_slow():
            with self._changed:
                waiting, self._waiting = self._waiting, []
            try:
                if waiting:
                    self._tables.insert_answers(answer_rows.first_of_each_key(pa.concat_tables(waiting)))
            except BaseException:
                with self._changed:
                    self._waiting = waiting + self._waiting
                raise
            with self._changed:
                self._bytes -= sum(rows.nbytes for rows in waiting)
                self._changed.notify_all()

    @contextmanager
    def _told_if_slow(self) -> Iterator[None]:
        """Somebody who holds a lock on the table keeps a run waiting, perhaps for ever."""
        told = threading.Timer(SLOW, self._say, [f"dbt_ai: the warehouse has not taken answers for {SLOW:.0f} s; is their table locked?"])
        told.daemon = True
        told.start()
        try:
            yield
        finally:
            told.cancel()

    def flush_usage(self) -> None:
        """Write what `usage` lacks. Apart from the answers, which it must not keep back. Raises StoreError, and keeps it."""
        with self._writing_usage:  # of two that write at once, the older figures might come last
            with self._changed:
                used = self._usage
            if used is None:
                return
            self._tables.write_usage(used[0], usage.rows(*used))
            with self._changed:
                if self._usage is used:  # no newer figures came meanwhile
                    self._usage = None

    @property
    def is_empty(self) -> bool:
        """Whether all that was added is in the warehouse: not while it is on its way there."""
        with self._changed:
            return not self._bytes

    @property
    def lacks_usage(self) -> bool:
        """Whether the table `usage` is behind."""
        with self._changed:
            return self._usage is not None

    def close(self) -> None:
        """Deliver nothing more by itself: what still waits is for `flush`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _deliver_now_and_then(self) -> None:
        while self._wait_for_rows():
            try:
                with self._tables.connection.opened("dbt_ai delivery"):
                    self.flush()
                    self._failed = False
                    with suppress(StoreError):  # the summary says so, if it still cannot be written then
                        self.flush_usage()  # of a run that is killed too: budgets of a month count it
            except StoreError as error:
                if not self._failed:
                    self._say(f"dbt_ai: {error}; they are kept on this machine, and delivered as soon as that works")
                with self._changed:
                    self._failed = True
                    self._changed.notify_all()

    def _wait_for_rows(self) -> bool:
        """Wait until there is something to deliver; False once nothing more is delivered."""
        with self._changed:
            while not self._closed:
                self._changed.wait_for(lambda: self._closed or self._has_many(), timeout=EVERY)
                if self._waiting and not self._closed:
                    return True
            return False

    def _has_many(self) -> bool:
        return bool(self._waiting) and self._bytes > MANY and not self._failed


class Delivering:
    """Answers go to the warehouse as well: those that came back, and those that were found on this machine or in a cassette. SQL reads
    them there."""

    def __init__(self, store: AnswerStore, outbox: Outbox) -> None:
        self._store = store
        self._outbox = outbox

    def check(self) -> None:
        self._store.check()

    def lookup(self, requests: Requests) -> Iterator[StoredAnswers]:
        for stored in self._store.lookup(requests):
            if not stored.in_warehouse:
                part = Delivery(requests, stored.positions.tolist(), Responses(stored.values, tokens=stored.tokens))
                self._outbox.add(answer_rows.rows([part], None))
            yield stored

    def put(self, deliveries: Sequence[Delivery], node: str | None) -> None:
        try:
            self._store.put(deliveries, node)
        finally:  # a disk without room keeps nothing from the warehouse
            self._outbox.add(answer_rows.rows(deliveries, node))


class WarehouseStore:
    """The Store of a warehouse: what this process answered is found in its journal, what others did by the queries that collect, or
    by its key where none does.

    Answers are written to the journal alone: Delivering brings them to the warehouse.
    subtracted: whether the queries that collect leave out what is stored.
    """

    def __init__(self, journal: Store, tables: WarehouseTables, outbox: Outbox, *, subtracted: bool = True) -> None:
        self._journal = journal
        self._tables = tables
        self._outbox = outbox
        self._subtracted = subtracted
        self._jobs = WarehouseJobs(tables)

    def lookup(self, requests: Requests) -> Iterator[StoredAnswers]:
        """Also in the warehouse, where no query has looked: for parts of an aggregate, and within smaller output limits, there is none."""
        left = set(range(len(requests.keys)))
        for stored in self._journal.lookup(requests):
            left.difference_update(stored.positions.tolist())
            yield stored
        if left and (requests.uncollected or not self._subtracted):
            for stored in self._in_warehouse(requests, sorted(left)):
                left.difference_update(stored.positions.tolist())
                yield replace(stored, in_warehouse=True)
        if left and requests.call.output_limit is not None:
            yield from self._within_less(requests, left)

    def put(self, deliveries: Sequence[Delivery], node: str | None) -> None:
        self._journal.put(deliveries, node)

    def check(self) -> None:
        self._journal.check()
        with self._tables.connection.opened("dbt_ai check"):
            self._tables.prepare()
            self._tables.check_writable()

    def write_usage(self, invocation: str, usages: Sequence[Usage]) -> None:
        self._outbox.write_usage(invocation, usages)

    def used_since(self, since: datetime, but: str) -> list[Used]:
        with self._tables.connection.opened("dbt_ai usage"):
            return self._tables.used_since(since, but)

    def save_job(self, job: Job) -> None:
        self._jobs.save_job(job)

    def forget_job(self, name: str) -> None:
        self._jobs.forget_job(name)

    def open_jobs(self) -> list[Job]:
        return self._jobs.open_jobs()

    def is_being_submitted(self, job: Job) -> bool:
        return self._jobs.is_being_submitted(job)

    def _within_less(self, requests: Requests, left: set[int]) -> Iterator[StoredAnswers]:
        """What was answered within smaller output limits. Not what took as many tokens as it might: not every server says that it cut."""
        for limit in self._smaller_limits(requests.call):
            call = requests.call.within(limit)
            older = Requests(call, requests.inputs, call.keys(requests.inputs), requests.weights)
            for stored in self._in_warehouse(older, sorted(left), fewer_tokens_than=limit):
                left.difference_update(stored.positions.tolist())
                yield stored

    def _smaller_limits(self, call: Call) -> list[int]:
        with self._tables.connection.opened("dbt_ai limits"):
            return self._tables.smaller_limits(call)

    def _in_warehouse(self, requests: Requests, positions: Sequence[int], fewer_tokens_than: int | None = None) -> Iterator[StoredAnswers]:
        places = {requests.keys[position]: position for position in positions}
        column = "vector" if requests.call.embeds else "value"
        with self._tables.connection.opened("dbt_ai answers"):
            found = list(self._tables.answers_to(list(places)))
        for rows in found:
            rows = rows.filter(pc.and_(pc.equal(rows["model"], requests.stored_model), pc.is_valid(rows[column])))
            if fewer_tokens_than is not None:
                rows = rows.filter(pc.less(rows["output_tokens"], fewer_tokens_than))
            position = pa.array([places[key] for key in rows["key"].to_pylist()], pa.int64())
            for batch in rows.select([column, *answer_rows.TOKENS]).add_column(0, "position", position).to_batches():
                yield from answer_rows.stored_answers(requests.call, batch)
