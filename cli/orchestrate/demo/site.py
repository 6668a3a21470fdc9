"""A folder of pages on a loopback port, the way a plain web server of a small supplier would serve it."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

from orchestrate.stack.ports import HOST


class PageHandler(SimpleHTTPRequestHandler):
    """Files only. HTML goes out without a charset: each page declares its own."""

    def list_directory(self, path: object) -> BytesIO | None:
        self.send_error(404)
        return None

    def log_message(self, *_: object) -> None:
        """The extractor's log says what was fetched."""


@contextlib.contextmanager
def serve_site(folder: Path) -> Iterator[int]:
    """Yields the port."""

    def handler(*arguments: object) -> PageHandler:
        return PageHandler(*arguments, directory=str(folder))  # type: ignore[arg-type]

    with ThreadingHTTPServer((HOST, 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
