"""Databricks' URLs in front of other servers: POST /serving-endpoints/{name}/invocations goes to the URL that stands for the name.

python serving_endpoints.py PORT name=url …
"""

import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, *routes = sys.argv[1:]
targets = dict(route.split("=", 1) for route in routes)


class Rewrite(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200, b"{}")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name = self.path.removeprefix("/serving-endpoints/").removesuffix("/invocations")
        if f"/serving-endpoints/{name}/invocations" != self.path or name not in targets:
            return self.answer(404, b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such endpoint"}')
        request = urllib.request.Request(targets[name], body, {"Content-Type": self.headers["Content-Type"]})
        try:
            with urllib.request.urlopen(request) as answer:
                self.answer(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            self.answer(error.code, error.read())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(port)), Rewrite).serve_forever()
