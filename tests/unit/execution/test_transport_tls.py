"""The same transport over TLS, against a server of the standard library with a certificate of a CA made for the test."""

import http.server
import socket
import ssl
import threading
import time

import httpx
import pytest
import trustme
from posting import BODY, TOO_LATE, wire


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    connections = 0
    released = threading.Event()
    hanging = 0

    def setup(self) -> None:
        Handler.connections += 1
        super().setup()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/hangs":
            Handler.hanging += 1
            Handler.released.wait(600)
            return
        self.send_response(200)
        if self.path == "/until-the-end":
            self.end_headers()
            self.wfile.write(body)
            self.connection.unwrap()  # tells the end; the connection stays open
            Handler.released.wait(600)
            return
        self.close_connection = self.path == "/ends-unannounced"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None: ...  # clients that do not trust the certificate, and those that go away


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def tls_url(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    Handler.connections = Handler.hanging = 0
    Handler.released.clear()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"https://localhost:{server.server_port}"
    Handler.released.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def trusting(authority, tmp_path, monkeypatch):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with wire() as made:
        yield made


def test_requests_share_one_kept_connection(tls_url, trusting):
    for length in (5, 1_000_000, 5):
        assert trusting.post(f"{tls_url}/echoes", body=b"x" * length).content == b"x" * length
    assert Handler.connections == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_url):
    with wire() as transport, pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        transport.post(f"{tls_url}/echoes")


def test_a_certificate_for_another_host_is_refused(tls_url, trusting):
    with pytest.raises(httpx.ConnectError, match="IP address mismatch"):
        trusting.post(tls_url.replace("localhost", "127.0.0.1") + "/echoes")


def test_a_server_that_hangs_is_left_at_the_deadline(tls_url, trusting):
    trusting.post(f"{tls_url}/echoes")
    for _ in range(2):  # on the kept connection, and on a new one
        started = time.monotonic()
        with pytest.raises(TOO_LATE):
            trusting.post(f"{tls_url}/hangs", seconds=0.5)
        assert 0.4 < time.monotonic() - started < 20
    assert trusting.post(f"{tls_url}/echoes").content == BODY


def test_an_answer_without_a_length_ends_where_the_server_says_that_it_ends(tls_url, trusting):
    assert trusting.post(f"{tls_url}/until-the-end").content == BODY


def test_a_kept_connection_that_the_server_closed_is_not_used_although_its_number_belongs_to_another(tls_url, trusting):
    trusting.post(f"{tls_url}/ends-unannounced")
    time.sleep(0.1)
    others = [socket.socketpair() for _ in range(4)]
    assert trusting.post(f"{tls_url}/echoes").content == BODY
    assert Handler.connections == 2
    for pair in others:
        for end in pair:
            end.close()


def test_closing_ends_the_exchanges_of_other_threads(tls_url, trusting):
    with trusting.hanging(f"{tls_url}/hangs", lambda: Handler.hanging == 1) as ended:
        pass
    assert len(ended) == 1
