"""Image files in a bucket: AWS S3, or anything that speaks its protocol."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
import structlog
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store
from pydantic import SecretStr

from app.media.errors import StorageUnavailable
from app.media.storage import CHUNK_BYTES, StoredContent, StoredName, disk_errors

if TYPE_CHECKING:
    from obstore.store import S3Config

log = structlog.get_logger(__name__)

LIST_BATCH = 1000
PART_BYTES = 8 * 1024 * 1024
PARALLEL_PARTS = 2
# Deleting several files at once is answered 200 with a refusal for each.
REFUSED = re.compile("AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch")
NO_BUCKET = "NoSuchBucket"
AFTERWARDS = "Nothing was changed; try again when it is mended."


@contextlib.contextmanager
def store_errors() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        told = str(error)
        is_missing = isinstance(error, NotFoundError | FileNotFoundError)
        if is_missing and NO_BUCKET not in told:
            raise FileNotFoundError(told) from error
        # The text of the library names the server, the bucket and the key's id; it belongs into the log.
        log.warning("media_store_failed", error=told)
        if NO_BUCKET in told:
            reason = "The store has no such bucket."
        elif isinstance(error, PermissionDeniedError | UnauthenticatedError) or REFUSED.search(told):
            reason = "The store refuses the key, or its rights on the bucket."
        else:
            reason = "The store does not answer as it should."
        raise StorageUnavailable(f"{reason} {AFTERWARDS}") from error


class S3Storage:
    """`prefix` keeps our files apart from others in the bucket. Without a key, the environment's credentials count."""

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        *,
        region: str,
        endpoint: str | None = None,
        key_id: str | None = None,
        secret: SecretStr | None = None,
        retry_timeout: timedelta = timedelta(seconds=10),
    ) -> None:
        options: S3Config = {"region": region, "virtual_hosted_style_request": False}
        if endpoint is not None:
            options["endpoint"] = endpoint
        if key_id is not None and secret is not None:
            options |= {"access_key_id": key_id, "secret_access_key": secret.get_secret_value()}
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            config=options,
            # No limit on a whole download, which may be long; but on each silence within it.
            client_options={
                "allow_http": endpoint is not None and endpoint.startswith("http://"),
                "connect_timeout": "5s",
                "read_timeout": "30s",
                "timeout": "1h",
            },
            retry_config={"max_retries": 3, "retry_timeout": retry_timeout},
        )

    async def put(self, name: str, source: Path | bytes) -> None:
        with store_errors():
            await obstore.put_async(self._store, name, source, chunk_size=PART_BYTES, max_concurrency=PARALLEL_PARTS)

    async def get(self, name: str) -> StoredContent:
        with store_errors():
            found = await obstore.get_async(self._store, name)

        async def chunks() -> AsyncIterator[bytes]:
            with store_errors():
                async for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
                    yield bytes(chunk)

        return StoredContent(found.meta["size"], chunks())

    async def fetch(self, name: str, target: Path) -> None:
        content = await self.get(name)
        with disk_errors(), target.open("wb") as file:
            async for chunk in content.chunks:
                await asyncio.to_thread(file.write, chunk)

    async def delete(self, names: Sequence[str]) -> None:
        with store_errors(), contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._store, list(names))

    async def names(self) -> AsyncIterator[Sequence[StoredName]]:
        with store_errors():
            async for batch in obstore.list(self._store, chunk_size=LIST_BATCH):
                yield [StoredName(each["path"], each["size"], each["last_modified"]) for each in batch]

    async def delete_unfinished(self, older_than: timedelta) -> int:
        """Parts of interrupted uploads are invisible here: the bucket's lifecycle rule removes them."""
        return 0

    async def check(self) -> None:
        with store_errors():
            async for _ in obstore.list(self._store, chunk_size=1):
                return
