"""What endpoints bore is remembered from one run to the next, for a while, in a file that may be lost or spoilt."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from executing import Run, Wire, call_of, prompts, said, scheduler

from dbt_ai.execution.endpoint_memory import MOST_REMEMBERED, Borne, EndpointMemory

DAY = 24 * 3600.0
LLM = ("https://models.test/v1/chat/completions?code=hush", "gpt", "https://models.test")


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory(tmp_path: Path, clock: Clock) -> EndpointMemory:
    return EndpointMemory(tmp_path / "cache/endpoints.json", clock)


@pytest.mark.parametrize(
    "days,in_flight", [(0, 320), (1, 320), (2, 320), (9, 160), (16, 80), (23, 40), (40, None), (20_000, None), (-5, 320)]
)
def test_what_was_borne_counts_for_less_as_time_goes_by(memory: EndpointMemory, clock: Clock, days: float, in_flight: int | None):
    memory.keep({LLM: Borne(320, 0.2)})
    clock.now += days * DAY
    assert memory.recall(LLM) == (in_flight and Borne(in_flight, 0.2))


def test_an_endpoint_is_its_location_model_and_credential(memory: EndpointMemory):
    memory.keep({LLM: Borne(300, 0.2)})
    for position in range(3):
        other = [*LLM]
        other[position] = "other"
        assert memory.recall(other) is None
    assert memory.recall([*LLM]) == Borne(300, 0.2)


def test_the_file_holds_no_name_of_an_endpoint(memory: EndpointMemory, tmp_path: Path):
    memory.keep({LLM: Borne(300, 0.2)})
    written = (tmp_path / "cache/endpoints.json").read_text()
    assert "hush" not in written and "models.test" not in written


def test_what_other_runs_learnt_stays_and_the_oldest_is_forgotten(memory: EndpointMemory, clock: Clock):
    for number in range(MOST_REMEMBERED + 1):
        clock.now += 1
        memory.keep({(str(number), "m", None): Borne(300, 0.2)})
    assert memory.recall(("0", "m", None)) is None
    assert memory.recall(("1", "m", None)) == memory.recall((str(MOST_REMEMBERED), "m", None)) == Borne(300, 0.2)


def entry(**changed: Any) -> dict[str, Any]:
    return {"in_flight": 300, "seconds": 0.2, "at": Clock.now, **changed}


@pytest.mark.parametrize(
    "wrong",
    [
        None, [], "x", {},
        entry(in_flight="300"), entry(in_flight=-5), entry(in_flight=None), entry(in_flight=[300]), entry(in_flight=True),
        entry(in_flight=10**400), entry(in_flight=float("nan")), entry(seconds=float("inf")), entry(at=float("-inf")), entry(at="today"),
    ],
)  # fmt: skip
def test_an_entry_that_makes_no_sense_tells_nothing_and_is_replaced(memory: EndpointMemory, tmp_path: Path, wrong: Any):
    memory.keep({LLM: Borne(300, 0.2)})
    file = tmp_path / "cache/endpoints.json"
    file.write_text(json.dumps({name: wrong for name in json.loads(file.read_text())}))
    assert memory.recall(LLM) is None
    memory.keep({LLM: Borne(200, 0.2)})
    assert memory.recall(LLM) == Borne(200, 0.2)


@pytest.mark.parametrize(
    "wrong,in_flight,seconds", [(entry(in_flight=10**6), 1024, 0.2), (entry(seconds=0), 300, 0.001), (entry(seconds=-1), 300, 0.001)]
)
def test_numbers_beyond_what_can_be_are_bounded(memory: EndpointMemory, tmp_path: Path, wrong: Any, in_flight: int, seconds: float):
    memory.keep({LLM: Borne(300, 0.2)})
    file = tmp_path / "cache/endpoints.json"
    file.write_text(json.dumps({name: wrong for name in json.loads(file.read_text())}))
    assert memory.recall(LLM) == Borne(in_flight, seconds)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000])
def test_a_spoilt_file_is_begun_anew(memory: EndpointMemory, tmp_path: Path, content: bytes):
    file = tmp_path / "cache/endpoints.json"
    file.parent.mkdir()
    file.write_bytes(content)
    assert memory.recall(LLM) is None
    memory.keep({LLM: Borne(300, 0.2)})
    assert memory.recall(LLM) == Borne(300, 0.2)


def test_a_folder_that_cannot_be_written_is_in_nobodys_way(tmp_path: Path):
    (tmp_path / "file").write_text("")
    memory = EndpointMemory(tmp_path / "file/endpoints.json")
    memory.keep({LLM: Borne(300, 0.2)})
    assert memory.recall(LLM) is None


class AllAtOnce(Wire):
    """Answers when so many requests are in flight; after a long time without them."""

    def __init__(self, together: int) -> None:
        super().__init__(lambda prompt: said("yes"))
        self._together = together
        self._arrived = 0
        self._all = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._arrived += 1
        if self._arrived == self._together:
            self._all.set()
        await asyncio.wait_for(self._all.wait(), 30)
        return await super().handle_async_request(request)


def test_a_scheduler_begins_with_what_was_borne_and_keeps_that_it_still_is(memory: EndpointMemory, clock: Clock, tmp_path: Path):
    call = call_of("http://127.0.0.1:1/v1/chat/completions")
    endpoint = (call.model.location, call.model.model, call.model.credential)
    memory.keep({endpoint: Borne(45, 0.2)})
    clock.now += DAY
    asking = scheduler(memory=memory, transport=AllAtOnce(45))
    assert len(Run(asking).execute(call, prompts(45)).values) == 45
    asking.close()
    [kept] = json.loads((tmp_path / "cache/endpoints.json").read_text()).values()
    assert (kept["in_flight"], kept["at"]) == (45, clock.now)
