"""The web app's end-to-end tests: a real Chromium against a real stack of its own."""

import secrets
from collections.abc import Mapping

from orchestrate.api_client import ApiClient, Endpoint
from orchestrate.browser import CANNOT_INSTALL, find_browser, install_browser
from orchestrate.console import out, say
from orchestrate.demo.command import running_stack, throw_away_folder
from orchestrate.demo.site import serve_site
from orchestrate.errors import RequirementMissing
from orchestrate.frontend_build import FrontendBuild
from orchestrate.stack.plan import StackPlan
from orchestrate.stack.ports import HOST, PortBlock, free_ports
from orchestrate.stack.reaping import Reaper
from orchestrate.testing.commands import Outcome, run_command
from orchestrate.workspace import Workspace


async def run_browser_tests(
    workspace: Workspace, build: FrontendBuild, environment: Mapping[str, str], reaper: Reaper
) -> Outcome:
    """Tells the tests where the stack is, and how to sign in, by E2E_BASE_URL, E2E_SIGN_IN_PATH and CHROMIUM_PATH.

    Raises RequirementMissing.
    """
    if not any(build.folder.glob("playwright.config.*")):
        raise RequirementMissing("This checkout has no browser tests.")
    chromium = find_browser()
    if chromium is None:
        say("No Chromium is installed; trying to install one …")
        chromium = install_browser()
    if chromium is None:
        raise RequirementMissing(CANNOT_INSTALL)
    frontend = await build.build()
    api_key = secrets.token_urlsafe(32)
    with throw_away_folder(workspace) as folder, serve_site(workspace.root / "samples" / "site") as site_port:
        plan = StackPlan(
            workspace=workspace,
            ports=PortBlock.free(),
            data=folder / "backend",
            database_home=folder / "database",
            logs=workspace.logs / "e2e",
            service_token=secrets.token_urlsafe(32),
            api_key=api_key,
            # Without models the composer writes: the tests need no particular wording, and no minutes.
            environment={
                **environment,
                "OUTBOUND_ALLOW": f"{HOST}:{site_port}",
                "MODEL_CACHE_DIR": str(folder / "models"),
                "DATABASE_URL": "",
            },
            postgres_port=free_ports(1)[0],
            throw_away=True,
            cache=folder / "cache",
        )
        out.print("Starting a stack for the browser …")
        async with running_stack(plan, frontend=frontend):
            async with ApiClient(Endpoint(plan.url, api_key)) as client:
                path = await client.sign_in_path()
            told = {
                "E2E_BASE_URL": f"http://localhost:{plan.ports.backend}",
                "E2E_SIGN_IN_PATH": path,
                "E2E_SITE_URL": f"http://{HOST}:{site_port}",
                "CHROMIUM_PATH": str(chromium),
            }
            return await run_command(["npm", "run", "--silent", "e2e"], build.folder, {**environment, **told}, reaper)
