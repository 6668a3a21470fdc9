from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from backend.tests.support.s3 import S3Server, s3_server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def s3(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        await server.ready()
        yield server
