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
        with self._lock:
            self._started().call_soon_threadsafe(do)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns or raises, after it has run in the loop. Not to be called from the loop itself."""
        with self._lock:
            future = asyncio.run_coroutine_threadsafe(work, self._started())
        return future.result()

    def close(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Cancels what is left, then does this; work that comes later starts another thread."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
            if loop is None or thread is None:
                return
            asyncio.run_coroutine_threadsafe(_end(last), loop)
        thread.join(CLOSING_SECONDS)

    def _started(self) -> asyncio.AbstractEventLoop:
        """To be called under the lock: what is handed to the loop is there before the loop is told to end."""
        if self._loop is None:
            loop = asyncio.new_event_loop()
            loop.set_default_executor(_DaemonThreads())
            thread = threading.Thread(target=_run, args=(loop,), name="dbt_ai requests", daemon=True)
            thread.start()
            self._loop, self._thread = loop, thread  # not before: where no thread can start, the next one who asks tries again
        return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _end(last: Callable[[], Coroutine[Any, Any, None]]) -> None:
    loop = asyncio.get_running_loop()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    try:
        await last()
    finally:
        loop.call_soon(loop.stop)  # after the sockets, which the loop closes in its next round


class _DaemonThreads(ThreadPoolExecutor):
    """A thread for each piece of work that blocks: the loop looks up host names here, asyncio.to_thread works here.

    Python waits for the threads of a pool before it ends, so one that waits for a name server would hold up Ctrl-C.
    """

    def submit(self, work: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        # From here on it cannot be cancelled: who waits may give up, but the thread has a future to put its result in.
        future.set_running_or_notify_cancel()

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
