"""What `test` consists of."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from orchestrate.browser import install_what_tests_need
from orchestrate.errors import RequirementMissing
from orchestrate.frontend_build import FrontendBuild
from orchestrate.stack.reaping import Reaper
from orchestrate.testing.browser import run_browser_tests
from orchestrate.testing.commands import Outcome, colour_environment, run_command
from orchestrate.workspace import MEMBERS, Workspace


@dataclass(frozen=True, slots=True)
class Context:
    workspace: Workspace
    environment: dict[str, str]
    reaper: Reaper
    full: bool

    @classmethod
    def create(cls, workspace: Workspace, reaper: Reaper, *, full: bool) -> "Context":
        return cls(workspace, colour_environment(workspace.tool_environment()), reaper, full)

    async def run(self, *arguments: str) -> Outcome:
        return await run_command(list(arguments), self.workspace.root, self.environment, self.reaper)

    async def npm(self, *arguments: str) -> Outcome:
        return await run_command(["npm", *arguments], self.workspace.frontend, self.environment, self.reaper)


class Skipped(Exception):
    """The part cannot run here; the message says why. In CI that is a failure."""


Part = Callable[[Context], Awaitable[list[Outcome]]]


async def lint(context: Context) -> list[Outcome]:
    return [await context.run("ruff", "check", "."), await context.run("ruff", "format", "--check", ".")]


async def types(context: Context) -> list[Outcome]:
    packages = [argument for package in MEMBERS.values() for argument in ("-p", package)]
    # `shared` is a package with its tests inside; tests are not typed strictly anywhere.
    return [await context.run("mypy", *packages)]


async def imports(context: Context) -> list[Outcome]:
    return [await context.run("lint-imports")]


async def generated(context: Context) -> list[Outcome]:
    await install_frontend(context)
    return [await context.run("python", "-m", "orchestrate", "generate", "--check")]


async def python(context: Context) -> list[Outcome]:
    await asyncio.to_thread(install_what_tests_need)
    selection = [] if context.full else ["-m", "not full"]
    return [await context.run("pytest", *selection)]


async def frontend(context: Context) -> list[Outcome]:
    build = await install_frontend(context)
    outcomes = [
        await context.npm("run", "--silent", script) for script in ("format:check", "lint", "typecheck", "test")
    ]
    digest = await asyncio.to_thread(build.sources_digest)
    outcomes.append(await context.npm("run", "--silent", "build"))
    if outcomes[-1].returncode == 0:
        build.mark_built(digest)
    return outcomes


async def browser(context: Context) -> list[Outcome]:
    build = await install_frontend(context)
    try:
        return [await run_browser_tests(context.workspace, build, context.environment, context.reaper)]
    except RequirementMissing as error:
        raise Skipped(error.message) from error


async def install_frontend(context: Context) -> FrontendBuild:
    build = FrontendBuild(context.workspace)
    await build.install()
    return build


PARTS: dict[str, Part] = {
    "lint": lint,
    "types": types,
    "imports": imports,
    "generated": generated,
    "python": python,
    "frontend": frontend,
    "browser": browser,
}


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}
