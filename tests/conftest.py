"""The whole stack, as `./orchestrate up` runs it, once for each module that asks for it."""

import os
import secrets
from collections.abc import AsyncIterator

import httpx2
import pytest

from orchestrate.stack.plan import StackPlan
from orchestrate.stack.ports import PortBlock, free_ports
from orchestrate.stack.supervisor import Stack
from orchestrate.workspace import find_workspace

PATIENCE_S = 60.0


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    plan = StackPlan(
        workspace=find_workspace(),
        ports=PortBlock.free(),
        data=folder / "backend",
        database_home=folder / "database",
        logs=folder / "logs",
        service_token=secrets.token_urlsafe(16),
        api_key=secrets.token_urlsafe(16),
        environment={**os.environ, "MODEL_CACHE_DIR": str(folder / "no-models"), "BACKEND_HEALTH_INTERVAL_S": "0.3"},
        postgres_port=free_ports(1)[0],
        throw_away=True,
        cache=folder / "cache",
    )
    running = Stack(plan, lambda _name, _line, _trouble: None)
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


@pytest.fixture
async def client(stack: Stack) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(
        base_url=stack.plan.url, headers={"Authorization": f"Bearer {stack.plan.api_key}"}, timeout=PATIENCE_S
    ) as made:
        yield made
