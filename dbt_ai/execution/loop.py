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
        """Call this in the loop. Returns at once."""
        with self._lock:
            self._started().call_soon_threadsafe(do)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run the coroutine in the loop and wait for its result. Must not be called from the loop itself."""
        with self._lock:
            future = asyncio.run_coroutine_threadsafe(work, self._started())
        return future.result()

    def close(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Cancel what is under way, then run `last`. Later work starts another thread."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
            if loop is None or thread is None:
                return
            asyncio.run_coroutine_threadsafe(_end(last), loop)
        thread.join(CLOSING_SECONDS)

    def _started(self) -> asyncio.AbstractEventLoop:
        """To be called under the lock, so that work reaches the loop before the loop is told to end."""
        if self._loop is None:
            loop = asyncio.new_event_loop()
            loop.set_default_executor(_DaemonThreads())
            thread = threading.Thread(target=_run, args=(loop,), name="dbt_ai requests", daemon=True)
            thread.start()
            self._loop, self._thread = loop, thread  # set last: if no thread can start, the next caller tries again
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

    Python waits for the threads of a pool when it ends. One that waits for a name server would delay Ctrl-C.
    """

    def submit(self, work: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        # It cannot be cancelled from here on: the thread needs a future for its result, even if the caller has given up.
        future.set_running_or_notify_cancel()

        def do() -> None:
            try:
                future.set_result(work(*args, **named))
            except BaseException as error:  # raised where the future's result is read
                future.set_exception(error)

        try:
            threading.Thread(target=do, name="dbt_ai blocking", daemon=True).start()
        except RuntimeError as error:  # as many threads as the system allows
            future.set_exception(OSError(errno.EAGAIN, str(error)))
        return future
