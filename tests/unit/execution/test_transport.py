import asyncio
import gc
import gzip
import os
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest
from executing import until
from loopback import Endpoint, endpoint
from posting import BODY, TOO_LATE, Wire, wire

from dbt_ai.errors import ConfigurationError
from dbt_ai.execution import connection
from dbt_ai.execution.response_body import Encoded, ResponseTooLarge


@pytest.fixture
def transport() -> Iterator[Wire]:
    with wire(largest_answer=1 << 20) as made:
        yield made


def test_a_short_deadline_is_kept_beside_a_long_one(server: Endpoint, transport):
    server.behave(wrong="hang")
    with transport.hanging(server.chat, lambda: server.counters()["hang"] == 1):
        started = time.monotonic()
        with pytest.raises(TOO_LATE):
            transport.post(server.chat, seconds=0.5)
        assert time.monotonic() - started < 20


def test_a_deadline_is_kept_in_another_loop_than_the_first(server: Endpoint, transport):
    assert transport.post(server.chat, seconds=30).status_code == 200
    transport.loop.close(transport.transport.aclose)
    server.behave(wrong="hang")
    with pytest.raises(TOO_LATE):
        transport.post(server.chat, seconds=0.5)


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


def test_a_proxy_of_the_environment_is_used_for_other_hosts_than_loopback(server: Endpoint, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setenv("http_proxy", server.url)
    with wire() as proxied:
        # The loopback server takes what a proxy takes: the whole URL as target.
        assert proxied.post("http://somewhere.invalid/v1/chat/completions").json()["object"] == "chat.completion"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "llm.localhost", "[::ffff:127.0.0.1]"])
def test_no_spelling_of_loopback_goes_through_a_proxy(server: Endpoint, monkeypatch, host: str):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://192.0.2.1:1")  # nobody is there: https://www.rfc-editor.org/rfc/rfc5737
    with wire() as proxied:
        assert proxied.post(server.chat.replace("127.0.0.1", host)).status_code == 200
        with pytest.raises(httpx.ConnectError, match="127.1.2.3"):  # where nobody listens
            proxied.post("http://127.1.2.3:9/v1/chat/completions")


@pytest.mark.parametrize(
    "wrong,seconds,error", [("hang", 0.4, httpx.ReadTimeout), ("trickle", 0.4, httpx.ReadTimeout), ("endless", 60, ResponseTooLarge)]
)
def test_through_a_proxy_the_same_bounds_hold(server: Endpoint, monkeypatch, wrong: str, seconds: float, error: type[Exception]):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setenv("http_proxy", server.url)
    server.behave(wrong=wrong)
    with wire() as proxied, pytest.raises(error):
        proxied.post("http://somewhere.invalid/v1/chat/completions", seconds=seconds)


def test_one_of_a_hundred_requests_through_a_proxy_costs_no_more_than_one_of_ten(server: Endpoint, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setenv("http_proxy", server.url)
    server.behave(latency=0.1)
    before = server.counters()["connections"]

    async def ask(proxied: Wire, many: int) -> None:
        requests = [httpx.Request("POST", "http://somewhere.invalid/v1/chat/completions", content=BODY) for _ in range(many)]
        await asyncio.gather(*[proxied.transport.handle_async_request(request) for request in requests])

    def computed(proxied: Wire, many: int, rounds: int) -> float:
        """Seconds of the processor for a request, where so many are out at once and all connections are made."""
        proxied.loop.run(ask(proxied, many))
        started = time.process_time()
        for _ in range(rounds):
            proxied.loop.run(ask(proxied, many))
        return (time.process_time() - started) / (many * rounds)

    with wire() as proxied:
        one_of_ten = computed(proxied, 10, rounds=10)
        one_of_a_hundred = computed(proxied, 100, rounds=3)
    assert one_of_a_hundred < 3 * one_of_ten  # with one client of httpx it looks at all connections for each request
    assert server.counters()["connections"] - before <= 250  # httpx keeps an idle one for five seconds, in which a machine may pause


@pytest.mark.parametrize(
    "proxy,because",
    [
        ("http://joe:pass#word@proxy.internal:3128", "the proxy in HTTP_PROXY cannot be read as a URL.*%23"),
        ("http://joe:12#word@proxy.internal:3128", "the proxy in HTTP_PROXY cannot be read as a URL"),
        ("http://joe:word@proxy.internal:99999", "the proxy in HTTP_PROXY cannot be read as a URL"),
        ("ftp://joe:word@proxy.internal:3128", "is of scheme ftp; use one of http, https"),
        ("socks5://joe:word@proxy.internal:1080", r"pip install 'httpx\[socks\]'"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(monkeypatch, proxy: str, because: str):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("http_proxy", proxy)
    with wire() as proxied, pytest.raises(ConfigurationError, match=because) as refused:
        proxied.post("http://somewhere.invalid/v1/chat/completions")
    assert "word@" not in str(refused.value).replace("password@", "") and "joe" not in str(refused.value)


def test_a_proxy_that_is_down_or_refuses_is_named(monkeypatch):
    def refuse(client: socket.socket, number: int) -> bool:
        client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        return False

    with raw_server(refuse) as (url, _):
        host = httpx.URL(url).netloc.decode()
        monkeypatch.setenv("HTTPS_PROXY", f"http://joe:word@{host}")
        monkeypatch.setenv("https_proxy", f"http://joe:word@{host}")
        with wire() as proxied, pytest.raises(httpx.ProxyError, match=f"somewhere.invalid: the proxy {host} of HTTPS_PROXY: 407"):
            proxied.post("https://somewhere.invalid/v1/chat/completions")
    monkeypatch.setenv("HTTPS_PROXY", "http://joe:word@127.0.0.1:9")  # where nobody listens
    monkeypatch.setenv("https_proxy", "http://joe:word@127.0.0.1:9")
    with wire() as proxied, pytest.raises(httpx.ConnectError, match="the proxy 127.0.0.1:9 of HTTPS_PROXY: ") as failed:
        proxied.post("https://somewhere.invalid/v1/chat/completions")
    assert "word" not in str(failed.value)


@contextmanager
def raw_server(respond: Callable[[socket.socket, int], bool]) -> Iterator[tuple[str, list[bytes]]]:
    """A server of bytes. respond: writes to the connection for the request of this number; false closes it."""
    listener = socket.create_server(("127.0.0.1", 0))
    received: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while message := connection.recv(65536):
                received.append(message)
                if not respond(connection, len(received)):
                    return

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", received


def sends(answer: bytes, keep: bool = True) -> Callable[[socket.socket, int], bool]:
    def respond(connection: socket.socket, number: int) -> bool:
        connection.sendall(answer)
        return keep

    return respond


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


def test_an_answer_without_a_length_that_the_deadline_cuts_off_is_no_answer(transport):
    with raw_server(sends(b'HTTP/1.1 200 OK\r\n\r\n{"half": ')) as (url, _), pytest.raises(TOO_LATE):
        transport.post(url, seconds=0.5)


@pytest.mark.parametrize("head", [b"Content-Length: 5000\r\n\r\n", b"\r\n", b"Transfer-Encoding: chunked\r\n\r\n10\r\n"])
def test_an_answer_that_has_begun_and_stops_is_not_waited_for_until_the_deadline(transport, monkeypatch, head: bytes):
    monkeypatch.setattr(connection, "SILENCE_SECONDS", 0.2)
    stopped = pytest.raises(httpx.ReadError, match="the answer stopped in its middle: nothing came for 0.2 s")
    with raw_server(sends(b"HTTP/1.1 200 OK\r\n" + head + b'{"half": ')) as (url, _), stopped:
        transport.post(url, seconds=600)


def test_an_answer_that_goes_on_may_take_longer_than_a_silence(server: Endpoint, transport, monkeypatch):
    monkeypatch.setattr(connection, "SILENCE_SECONDS", 1.0)
    server.behave(wrong="trickle")
    with pytest.raises(TOO_LATE):
        transport.post(server.chat, seconds=2.5)


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
def no_more_files() -> Iterator[None]:
    resource = pytest.importorskip("resource")  # Windows has no such limit
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    closed = os.open(os.devnull, os.O_RDONLY)
    os.close(closed)
    resource.setrlimit(resource.RLIMIT_NOFILE, (closed, most[1]))  # the next file that is opened would be this one
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, most)


def test_the_limit_of_open_files_is_no_fault_of_the_endpoint(transport):
    with pytest.raises(httpx.ConnectError):
        transport.post("http://127.0.0.1:9/")  # the loop has opened what it needs
    with no_more_files(), pytest.raises(httpx.PoolTimeout, match="open files"):
        transport.post("http://127.0.0.1:9/")


def test_a_connection_that_is_kept_for_another_endpoint_makes_room(server: Endpoint, transport):
    with endpoint() as other:
        transport.post(other.chat)
        with no_more_files():
            assert transport.post(server.chat).status_code == 200
