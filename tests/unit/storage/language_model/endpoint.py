"""A local server that speaks the protocol of chat completions, well or badly, as told."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    server: "Endpoint"

    def do_POST(self) -> None:
        size = int(self.headers.get("content-length", "0"))
        body = json.loads(self.rfile.read(size))
        self.server.asked.append({"path": self.path, "auth": self.headers.get("authorization"),
                                  "body": body})  # fmt: skip
        number = min(len(self.server.asked), len(self.server.replies)) - 1
        with suppress(BrokenPipeError, ConnectionResetError):
            self.server.replies[number](self)

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Endpoint(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, replies: Sequence[Reply]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies = replies
        self.asked: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextmanager
def serving(*replies: Reply) -> Iterator[Endpoint]:
    endpoint = Endpoint(replies)
    thread = threading.Thread(target=endpoint.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.shutdown()
        thread.join()
        endpoint.server_close()


def completion(content: Any) -> bytes:
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    said = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return json.dumps(said).encode()


def says(content: Any) -> Reply:
    return lambda handler: handler.say(200, completion(content))


def writes(title: str, *parts: dict[str, Any]) -> Reply:
    return says(json.dumps({"title": title, "parts": list(parts)}, ensure_ascii=False))


def answers(status: int, body: bytes = b"{}", **headers: str) -> Reply:
    return lambda handler: handler.say(status, body, **headers)


def waits(seconds: float) -> Reply:
    def reply(handler: Handler) -> None:
        time.sleep(seconds)
        handler.say(200, completion("{}"))

    return reply


def drips(seconds: float, every: float = 0.1) -> Reply:
    """A byte now and then: no single read times out."""

    def reply(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.end_headers()
        for _ in range(int(seconds / every)):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(every)

    return reply


def floods(size: int) -> Reply:
    def reply(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(size >> 16):
            handler.wfile.write(b"x" * (1 << 16))

    return reply


def hangs_up(handler: Handler) -> None:
    handler.connection.close()
