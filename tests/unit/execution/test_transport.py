import asyncio
import gc
import gzip
import os
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest
from executing import until
from loopback import Endpoint, endpoint
from posting import BODY, TOO_LATE, raw_server, sends

from dbt_ai.execution import connection
from dbt_ai.execution.response_body import Encoded, ResponseTooLarge


def test_requests_share_one_kept_connection(server: Endpoint, transport):
    before = server.counters()["connections"]
    for _ in range(5):
        assert transport.post(server.chat).json()["choices"][0]["message"]["content"] == "answer to hello"
    assert server.counters()["connections"] - before <= 2  # the other one asks for the counters


def test_a_connection_that_was_idle_for_long_is_not_used_again(server: Endpoint, transport, monkeypatch):
    monkeypatch.setattr(connection, "IDLE_SECONDS", -1.0)
    before = server.counters()["connections"]
    for _ in range(5):
        transport.post(server.chat)
    assert server.counters()["connections"] - before >= 5


def test_a_response_leaves_nothing_behind_that_only_the_garbage_collector_finds(server: Endpoint, transport):
    transport.post(server.chat)
    gc.collect()
    gc.disable()
    try:
        before = readers_of_responses()
        for _ in range(20):
            transport.post(server.chat)
        left = readers_of_responses() - before
    finally:
        gc.enable()
    assert left <= 0


def readers_of_responses() -> int:
    return sum(type(found).__name__ == "HttpResponseParser" for found in gc.get_objects())


def test_it_serves_as_the_transport_of_an_httpx_client(server: Endpoint, transport):
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport.transport) as client:
            return await client.post(server.chat, content=BODY)

    assert transport.loop.run(ask()).json()["object"] == "chat.completion"


def test_a_connection_that_the_server_closed_is_replaced(server: Endpoint, transport):
    server.behave(wrong="close", poison="not in any input")
    for _ in range(5):
        assert transport.post(server.chat).status_code == 200
    assert server.counters()["requests"] == 5


@pytest.mark.parametrize(
    "wrong,seconds,error",
    [
        ("hang", 0.5, TOO_LATE),
        ("trickle", 0.5, TOO_LATE),
        ("reset", 60, httpx.TransportError),
        ("empty", 60, httpx.RemoteProtocolError),
        ("garbage", 60, httpx.RemoteProtocolError),
        ("short", 60, httpx.RemoteProtocolError),
        ("huge", 60, ResponseTooLarge),
        ("endless", 60, ResponseTooLarge),
    ],
)
def test_a_broken_answer_is_an_error_before_the_deadline(server: Endpoint, transport, wrong: str, seconds: float, error):
    server.behave(wrong=wrong)
    started = time.monotonic()
    with pytest.raises(error):
        transport.post(server.chat, seconds=seconds)
    assert time.monotonic() - started < 30


def test_bytes_beyond_the_announced_length_never_reach_the_next_answer(server: Endpoint, transport):
    server.behave(wrong="long")
    assert transport.post(server.chat).content == b'{"dat'
    server.behave()
    assert transport.post(server.chat).json()["object"] == "chat.completion"


def test_a_redirect_is_answered_as_it_is(server: Endpoint, transport):
    server.behave(wrong="redirect")
    assert transport.post(server.chat).status_code == 302


def test_nobody_listening_is_a_connect_error(transport):
    with pytest.raises(httpx.ConnectError, match="127.0.0.1:9: Connection refused$"):
        transport.post("http://127.0.0.1:9/")


def test_a_host_of_two_addresses_where_nobody_listens_is_told_so_once(transport, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 9)) for address in ("127.0.0.1", "127.0.0.2")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(httpx.ConnectError, match="two.test:9: Connection refused$"):
        transport.post("http://two.test:9/")


def test_a_name_that_is_found_too_late_troubles_nobody(transport, monkeypatch, capfd):
    found = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found.wait(60))
    with pytest.raises(httpx.ConnectTimeout):
        transport.post("http://slow.test/", seconds=0.1)
    found.set()
    until(lambda: not any(thread.name == "dbt_ai blocking" for thread in threading.enumerate()))
    transport.loop.run(asyncio.sleep(0))  # by now the loop has heard of it
    assert capfd.readouterr().err == ""


def test_where_the_first_address_of_a_host_leads_nowhere_the_next_one_is_used(server: Endpoint, transport, monkeypatch):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as hole:
        waiting = [socket.socket() for _ in range(4)]  # whoever comes after these is not even refused
        for full in waiting:
            full.setblocking(False)
            full.connect_ex(hole.getsockname())
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in (hole.getsockname()[1], server.port)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        assert transport.post("http://two.test/v1/chat/completions").status_code == 200
        for full in waiting:
            full.close()


@pytest.mark.parametrize("host", ["a..test", f"{'a' * 70}.test"])
def test_what_is_no_host_name_is_a_connect_error(transport, host: str):
    with pytest.raises(httpx.ConnectError, match="not a host name"):
        transport.post(f"http://{host}/")


def test_a_line_break_in_a_header_never_leaves(server: Endpoint, transport):
    with pytest.raises(httpx.LocalProtocolError) as refused:
        transport.post(server.chat, Authorization="Bearer secret\r\nX-Other: 1")
    assert "secret" not in str(refused.value)


def test_closing_ends_the_exchanges_of_other_threads(server: Endpoint, transport):
    server.behave(wrong="hang")
    with transport.hanging(server.chat, lambda: server.counters()["hang"] == 1) as ended:
        pass
    assert len(ended) == 1


def test_a_connection_that_ends_before_the_request_is_written_is_an_error_at_once(transport):
    """Whatever comes first: the end of the connection, or the request."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)

    def close_all() -> None:
        with suppress(OSError):
            while True:
                listener.accept()[0].close()

    threading.Thread(target=close_all, daemon=True).start()
    with listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        for _ in range(200):
            started = time.monotonic()
            with pytest.raises(httpx.TransportError):
                transport.post(url, seconds=60)
            assert time.monotonic() - started < 30


def test_continue_is_no_answer(transport):
    with raw_server(sends(b"HTTP/1.1 100 Continue\r\n\r\n", keep=False)) as (url, _), pytest.raises(httpx.RemoteProtocolError):
        transport.post(url)
    continued = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    with raw_server(sends(continued)) as (url, _):
        assert transport.post(url).json() == {}


def test_a_request_that_kills_its_connection_is_sent_once_more_and_not_on_every_kept_connection(transport):
    kept = 6
    together = threading.Barrier(kept)

    def respond(connection: socket.socket, number: int) -> bool:
        if number > kept:
            return False
        together.wait(60)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        return True

    with raw_server(respond) as (url, received):
        threads = [threading.Thread(target=transport.post, args=(url,)) for _ in range(kept)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with pytest.raises(httpx.RemoteProtocolError):
            transport.post(url)
        assert len(received) == kept + 2


def test_an_encoding_that_was_not_asked_for_is_refused_however_often_it_is_named(transport):
    body = gzip.compress(b"0" * 3_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Encoding: identity\r\nContent-Length: %d\r\n\r\n" % len(body)
    with raw_server(sends(head + body)) as (url, _), pytest.raises(httpx.RemoteProtocolError, match="gzip"):
        transport.post(url)


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("X-Gzip", gzip.compress), ("deflate", zlib.compress)])
def test_what_a_gateway_compressed_unasked_is_read(transport, encoding, compress):
    written = compress(b"{}")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (encoding.encode(), len(written))
    with raw_server(sends(head + written)) as (url, _):
        answer = transport.post(url)
    assert (answer.json(), "content-encoding" in answer.headers) == ({}, False)


@pytest.mark.parametrize(
    ("encoding", "written", "error", "says"),
    [
        ("gzip", gzip.compress(b"0" * 100, mtime=0)[:-9], httpx.RemoteProtocolError, "its end is missing"),
        ("gzip", b"no", httpx.RemoteProtocolError, "the answer is not gzip, as it says"),
        ("gzip", gzip.compress(b"", mtime=0) * 65, httpx.RemoteProtocolError, "gzip of more than 64 members"),
        ("gzip", gzip.compress(b"0" * 3_000_000, mtime=0), ResponseTooLarge, "larger than"),
        ("br", b"{}", Encoded, "encoded as 'br', which was not asked for"),
    ],
)
def test_what_was_compressed_and_cannot_be_read_is_one_sentence(transport, encoding, written, error, says):
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (encoding.encode(), len(written))
    with raw_server(sends(head + written)) as (url, _), pytest.raises(error, match=says):
        transport.post(url)


def test_a_status_is_read_whatever_its_page_is_compressed_with(transport):
    with raw_server(sends(b"HTTP/1.1 503 Busy\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}")) as (url, _):
        assert transport.post(url).status_code == 503


def test_trailers_are_no_headers_and_count_as_part_of_the_answer(transport):
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    with raw_server(sends(chunked + b"Retry-After: 3600\r\n\r\n")) as (url, _):
        answer = transport.post(url)
        assert (answer.json(), "retry-after" in answer.headers) == ({}, False)
    with raw_server(sends(chunked + b"a: b\r\n" * 500_000)) as (url, _), pytest.raises(ResponseTooLarge):
        transport.post(url)


def test_closing_ends_an_exchange_on_a_kept_connection_too(transport):
    def respond(connection: socket.socket, number: int) -> bool:
        if number == 1:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        return True

    with raw_server(respond) as (url, received):
        transport.post(url)
        with transport.hanging(url, lambda: len(received) == 2) as ended:
            pass
        assert [type(error) for error in ended] == [httpx.ReadError]
        assert len(received) == 2


@contextmanager
def limited_to_files(count: int) -> Iterator[None]:
    resource = pytest.importorskip("resource")  # Windows has no such limit
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, most[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, most)


def test_the_limit_of_open_files_is_no_fault_of_the_endpoint(transport):
    with pytest.raises(httpx.ConnectError):
        transport.post("http://127.0.0.1:9/")  # the loop has opened what it needs
    # Standard input, output and error have the numbers below: whatever is closed meanwhile makes no room.
    with limited_to_files(3), pytest.raises(httpx.PoolTimeout, match="open files"):
        transport.post("http://127.0.0.1:9/")


def test_a_connection_that_is_kept_for_another_endpoint_makes_room(server: Endpoint, transport):
    with endpoint() as other:
        transport.post(other.chat)
        following = os.open(os.devnull, os.O_RDONLY)
        os.close(following)
        with limited_to_files(following):
            assert transport.post(server.chat).status_code == 200
