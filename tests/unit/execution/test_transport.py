import threading
import time

import httpx
import pytest
from loopback import Endpoint

from dbt_ai.execution.connection import AnswerTooLarge
from dbt_ai.execution.transport import KeepAliveTransport

BODY = b'{"messages": [{"content": "hello"}]}'


def post(transport: httpx.BaseTransport, url: str, seconds: float = 5, **headers: str) -> httpx.Response:
    timeout = {"connect": 2.0, "read": seconds, "write": seconds, "pool": None}
    return transport.handle_request(httpx.Request("POST", url, headers=headers, content=BODY, extensions={"timeout": timeout}))


@pytest.fixture
def transport():
    made = KeepAliveTransport(largest_answer=1 << 20)
    yield made
    made.close()


def test_requests_share_one_kept_connection(server: Endpoint, transport):
    before = server.counters()["connections"]
    for _ in range(5):
        assert post(transport, server.chat).json()["choices"][0]["message"]["content"] == "answer to hello"
    assert server.counters()["connections"] - before <= 2  # the other one asks for the counters


def test_it_serves_as_the_transport_of_an_httpx_client(server: Endpoint, transport):
    with httpx.Client(transport=transport) as client:
        assert client.post(server.chat, content=BODY).json()["object"] == "chat.completion"


def test_a_connection_that_the_server_closed_is_replaced(server: Endpoint, transport):
    server.behave(wrong="close", poison="not in any input")
    for _ in range(5):
        assert post(transport, server.chat).status_code == 200
    assert server.counters()["requests"] == 5


@pytest.mark.parametrize(
    "wrong,error",
    [
        ("hang", httpx.ReadTimeout),
        ("trickle", httpx.ReadTimeout),
        ("reset", httpx.TransportError),
        ("empty", httpx.RemoteProtocolError),
        ("garbage", httpx.RemoteProtocolError),
        ("short", httpx.RemoteProtocolError),
        ("huge", AnswerTooLarge),
        ("endless", AnswerTooLarge),
    ],
)
def test_a_broken_answer_is_an_error_before_the_deadline(server: Endpoint, transport, wrong: str, error: type[Exception]):
    server.behave(wrong=wrong)
    started = time.monotonic()
    with pytest.raises(error):
        post(transport, server.chat, seconds=0.4)
    assert time.monotonic() - started < 1


def test_bytes_beyond_the_announced_length_never_reach_the_next_answer(server: Endpoint, transport):
    server.behave(wrong="long")
    assert post(transport, server.chat).content == b'{"dat'
    server.behave()
    assert post(transport, server.chat).json()["object"] == "chat.completion"


def test_a_redirect_is_answered_as_it_is(server: Endpoint, transport):
    server.behave(wrong="redirect")
    assert post(transport, server.chat).status_code == 302


def test_nobody_listening_is_a_connect_error(transport):
    with pytest.raises(httpx.ConnectError):
        post(transport, "http://127.0.0.1:9/")


def test_a_line_break_in_a_header_never_leaves(server: Endpoint, transport):
    with pytest.raises(httpx.LocalProtocolError) as refused:
        post(transport, server.chat, Authorization="Bearer secret\r\nX-Other: 1")
    assert "secret" not in str(refused.value)


def test_closing_ends_the_exchanges_of_other_threads(server: Endpoint, transport):
    server.behave(wrong="hang")
    ended: list[Exception] = []

    def wait() -> None:
        try:
            post(transport, server.chat, seconds=30)
        except httpx.TransportError as error:
            ended.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.2)
    transport.close()
    thread.join(2)
    assert len(ended) == 1


def test_a_proxy_of_the_environment_is_used_for_other_hosts_than_loopback(server: Endpoint, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setenv("http_proxy", server.url)
    proxied = KeepAliveTransport()
    # The loopback server takes what a proxy takes: the whole URL as target.
    assert post(proxied, "http://somewhere.invalid/v1/chat/completions").json()["object"] == "chat.completion"
    proxied.close()
