"""The runner as the queue knows it."""

import uuid
from dataclasses import dataclass
from typing import Any

from app.enrichment.runner import Runner


@dataclass(frozen=True, slots=True)
class RunJob:
    runner: Runner

    async def execute(self, arguments: dict[str, Any]) -> None:
        await self.runner.execute(uuid.UUID(arguments["run_id"]))

    async def give_up(self, arguments: dict[str, Any]) -> None:
        await self.runner.give_up(uuid.UUID(arguments["run_id"]))
