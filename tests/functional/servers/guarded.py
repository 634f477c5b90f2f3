"""A chat endpoint that lets in one secret at a time: python guarded.py PORT FOLDER

FOLDER/key holds the bearer token that is accepted now. FOLDER/answered gets a line for each request whose answer was sent,
FOLDER/rejected one for each whose secret was not accepted.
GET /token is Azure's metadata endpoint: it replaces the key by a new one and hands that out; one key serves 1,000 requests.
"""

import http.server
import json
import sys
import threading
from pathlib import Path

port, folder = int(sys.argv[1]), Path(sys.argv[2])
KEY, ANSWERED, REJECTED = folder / "key", folder / "answered", folder / "rejected"
lock = threading.Lock()
served: dict[str, int] = {}


class Guarded(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path.startswith("/token"):
            with lock:
                key = f"managed-token-{len(served)}"
                served[key] = 0
                KEY.write_text(key)
            self.answer(200, {"access_token": key, "expires_in": "3600"})
        else:
            self.answer(200, {})

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"][-1]["content"]
        with lock:
            key = KEY.read_text()
            if key in served:
                served[key] += 1
            accepted = self.headers["Authorization"] == f"Bearer {key}" and served.get(key, 0) <= 1000
        if not accepted:
            with lock, REJECTED.open("a") as rejected:
                rejected.write(f"{question}\n")
            return self.answer(401, {"error": {"message": "the token has expired"}})
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": f"answer to {question}"}}
        self.answer(200, {"choices": [choice], "usage": {"prompt_tokens": 5, "completion_tokens": 5}})
        with lock, ANSWERED.open("a") as answered:
            answered.write(f"{question}\n")

    def answer(self, status: int, document: dict[str, object]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *args: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128


Server(("127.0.0.1", port), Guarded).serve_forever()
