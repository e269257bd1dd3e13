"""The Python version of webhook-receiver.ts. Verifies messages with the `standardwebhooks` package or, if it is not installed, with its own code."""

import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

SECRET = os.environ["WEBHOOK_SECRET"]
LOCK = Lock()

try:
    from standardwebhooks.webhooks import Webhook

    def is_valid(body, headers):
        try:
            Webhook(SECRET).verify(body, headers)
            return True
        except Exception:
            return False

except ImportError:

    def is_valid(body, headers):
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digest = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), signed, hashlib.sha256).digest()
        expected = "v1," + base64.b64encode(digest).decode()
        is_recent = abs(time.time() - int(headers["webhook-timestamp"])) < 300
        return is_recent and any(hmac.compare_digest(expected, each) for each in headers["webhook-signature"].split(" "))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def respond(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def do_GET(self):
        self.respond(200)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        valid = is_valid(body, headers)
        with LOCK, open(os.environ["RECEIVED_FILE"], "a") as file:
            file.write(json.dumps({"id": headers["webhook-id"], "isValid": valid}) + "\n")
        self.respond(204 if valid else 401)

    def log_message(self, *args):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
