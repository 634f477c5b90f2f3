"""Requests that go through a proxy of the environment."""

import asyncio
import http
import socket
import time

import httpx
import pytest
from executing import ask, call_of
from loopback import Endpoint
from posting import BODY, Wire, raw_server, sends, wire

from dbt_ai.errors import ConfigurationError
from dbt_ai.execution.response_body import ResponseTooLarge


def use(monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str) -> None:
    monkeypatch.setenv(variable, proxy)
    monkeypatch.setenv(variable.upper(), proxy)


def test_a_proxy_of_the_environment_is_used_for_other_hosts_than_loopback(server: Endpoint, monkeypatch):
    use(monkeypatch, "http_proxy", server.url)
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
    use(monkeypatch, "http_proxy", server.url)
    server.behave(wrong=wrong)
    with wire() as proxied, pytest.raises(error):
        proxied.post("http://somewhere.invalid/v1/chat/completions", seconds=seconds)


def test_one_of_a_hundred_requests_through_a_proxy_costs_no_more_than_one_of_ten(server: Endpoint, monkeypatch):
    use(monkeypatch, "http_proxy", server.url)
    server.behave(latency=0.1)
    before = server.counters()["connections"]

    async def post(proxied: Wire, many: int) -> None:
        requests = [httpx.Request("POST", "http://somewhere.invalid/v1/chat/completions", content=BODY) for _ in range(many)]
        await asyncio.gather(*[proxied.transport.handle_async_request(request) for request in requests])

    def computed(proxied: Wire, many: int, rounds: int) -> float:
        """Seconds of the processor for a request, where so many are out at once and all connections are made."""
        proxied.loop.run(post(proxied, many))
        started = time.process_time()
        for _ in range(rounds):
            proxied.loop.run(post(proxied, many))
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
    use(monkeypatch, "http_proxy", proxy)
    with wire() as proxied, pytest.raises(ConfigurationError, match=because) as refused:
        proxied.post("http://somewhere.invalid/v1/chat/completions")
    assert "word@" not in str(refused.value).replace("password@", "") and "joe" not in str(refused.value)


def test_a_proxy_that_is_down_or_refuses_is_named(monkeypatch):
    def refuse(client: socket.socket, number: int) -> bool:
        client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        return False

    with raw_server(refuse) as (url, _):
        host = httpx.URL(url).netloc.decode()
        use(monkeypatch, "https_proxy", f"http://joe:word@{host}")
        with wire() as proxied, pytest.raises(httpx.ProxyError, match=f"somewhere.invalid: the proxy {host} of HTTPS_PROXY: 407"):
            proxied.post("https://somewhere.invalid/v1/chat/completions")
    use(monkeypatch, "https_proxy", "http://joe:word@127.0.0.1:9")  # where nobody listens
    with wire() as proxied, pytest.raises(httpx.ConnectError, match="the proxy 127.0.0.1:9 of HTTPS_PROXY: ") as failed:
        proxied.post("https://somewhere.invalid/v1/chat/completions")
    assert "word" not in str(failed.value)


@pytest.mark.parametrize("status,once", [(403, True), (407, True), (502, False), (503, False)])
def test_a_proxy_that_refuses_is_asked_once_and_one_in_trouble_again(monkeypatch, quick_retries, status: int, once: bool):
    refusal = f"{status} {http.HTTPStatus(status).phrase}"
    with raw_server(sends(f"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\n\r\n".encode(), keep=False)) as (url, received):
        use(monkeypatch, "https_proxy", url)
        run = ask(call_of("https://somewhere.invalid/v1/chat/completions"), ["hello"])
    named = f"somewhere.invalid: the proxy {httpx.URL(url).netloc.decode()} of HTTPS_PROXY: {refusal}"
    assert ([failure.message for failure in run.failures.values()], len(received) == 1) == ([named], once)
