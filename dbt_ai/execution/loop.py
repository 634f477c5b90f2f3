"""The one thread in which requests travel: an asyncio loop that any other thread may hand work to."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

# Closing waits this long for what is under way to end.
CLOSING_SECONDS = 1.0


class Loop:
    """Thread-safe. The thread starts with the first work, and does not keep the process alive."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def call_soon(self, do: Callable[[], object]) -> None:
        """Have the loop do this; returns at once."""
        self._started().call_soon_threadsafe(do)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns or raises, after it has run in the loop. Not to be called from the loop itself."""
        return asyncio.run_coroutine_threadsafe(work, self._started()).result()

    def close(self) -> None:
        """Cancels what is left; work that comes later starts another thread."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(CLOSING_SECONDS)

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._loop.set_default_executor(_DaemonThreads())
                self._thread = threading.Thread(target=_run, args=(self._loop,), name="dbt_ai requests", daemon=True)
                self._thread.start()
            return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    finally:
        loop.close()


class _DaemonThreads(ThreadPoolExecutor):
    """A thread for each piece of work that blocks: the loop looks up host names here, asyncio.to_thread works here.

    Python waits for the threads of a pool before it ends, so one that waits for a name server would hold up Ctrl-C.
    """

    def submit(self, work: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def do() -> None:
            try:
                future.set_result(work(*args, **named))
            except BaseException as error:  # handed over: whoever waits for the future raises it
                future.set_exception(error)

        try:
            threading.Thread(target=do, name="dbt_ai blocking", daemon=True).start()
        except RuntimeError as error:  # as many threads as the system allows
            future.set_exception(OSError(errno.EAGAIN, str(error)))
        return future
