"""`./orchestrate`: the commands and what they take. What they do is in their own modules, imported when asked for."""

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestrate.console import say
from orchestrate.errors import EXIT_CODES, INTERRUPTED, CommandError
from orchestrate.workspace import find_workspace

app = typer.Typer(
    name="./orchestrate",
    help="Photos, supplier pages and merchant facts become shop listings whose every sentence names its source.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Boxes and colours only where somebody looks at them.
    rich_markup_mode="rich" if sys.stdout.isatty() else None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
models = typer.Typer(help="Local language models: list, pull, remove.", no_args_is_help=True)
app.add_typer(models, name="models")

ANY_ARGUMENTS = {"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}


def finish(work: Coroutine[Any, Any, int]) -> None:
    raise typer.Exit(asyncio.run(work))


@app.command()
def demo(
    engine: Annotated[str, typer.Option(help="auto, composer (no model) or embedded.")] = "auto",
    model: Annotated[str, typer.Option(help="The embedded model; see `models list`.")] = "qwen2.5-1.5b",
    languages: Annotated[str | None, typer.Option(help="Comma-separated, instead of those in the table.")] = None,
    catalogue: Annotated[Path | None, typer.Option(help="Another table than samples/catalogue.csv.")] = None,
    output: Annotated[Path | None, typer.Option(help="Folder for the results.")] = None,
    keep: Annotated[bool, typer.Option(help="Keep the stack running afterwards, until Ctrl-C.")] = False,
) -> None:
    """Enrich the sample catalogue through all services, and print every listing with its sources."""
    from orchestrate.demo.command import DemoOptions, run_demo

    chosen = [each.strip() for each in languages.split(",") if each.strip()] if languages else None
    options = DemoOptions(engine, model, chosen, catalogue, output, keep)
    finish(run_demo(find_workspace(), options))


@app.command()
def up(
    port: Annotated[int, typer.Option(min=1, max=65531, help="First port of the block; the others follow it.")] = 8000,
    ui: Annotated[bool, typer.Option("--ui/--no-ui", help="Build and serve the web app.")] = True,
) -> None:
    """Run PostgreSQL, the services, the backend and the web app in the foreground."""
    from orchestrate.stack.up import up as run_up

    finish(run_up(find_workspace(), port, ui=ui))


@app.command()
def status() -> None:
    """Say what runs, and how the services are."""
    from orchestrate.status import show_status

    finish(show_status(find_workspace()))


@app.command("sign-in")
def sign_in() -> None:
    """Print a new one-time sign-in link of the running stack."""
    from orchestrate.sign_in import print_link

    finish(print_link(find_workspace()))


@app.command("test")
def run_all_tests(
    full: Annotated[bool, typer.Option(help="Also what takes long; this is what CI runs.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="One part; may be given several times.")] = None,
) -> None:
    """Run all checks and tests: Python, generated files, web app, browser."""
    from orchestrate.testing.command import run_tests

    finish(run_tests(find_workspace(), full=full, only=only or []))


@app.command()
def generate(
    check: Annotated[bool, typer.Option(help="Change nothing; fail where a file is out of date.")] = False,
    upgrade_lock: Annotated[bool, typer.Option(help="Take the newest versions that install together.")] = False,
) -> None:
    """Rewrite the lock, requirements, vendored snapshots, OpenAPI and the typed client."""
    from orchestrate.generate.command import run_generate

    raise typer.Exit(run_generate(find_workspace(), check=check, upgrade_lock=upgrade_lock))


@app.command()
def doctor(fix: Annotated[bool, typer.Option(help="Install a browser where we can.")] = False) -> None:
    """Say what is installed, what is missing, and what that means."""
    from orchestrate.doctor import run_doctor

    raise typer.Exit(run_doctor(find_workspace(), fix=fix))


@app.command("exec", context_settings=ANY_ARGUMENTS, options_metavar="", add_help_option=False)
def execute(context: typer.Context) -> None:
    """CMD…: run anything inside the environment (python, pytest, npm, node, …)."""
    from orchestrate.exec_command import execute_in_environment

    execute_in_environment(find_workspace(), context.args)


@app.command()
def curl(
    path: Annotated[str, typer.Argument(help="For example /api/v1/products?limit=5")],
    method: Annotated[str | None, typer.Option("-X", "--request", help="GET, or POST where there is a body.")] = None,
    data: Annotated[str | None, typer.Option("-d", "--data", help="JSON body; @FILE, or @- for stdin.")] = None,
    header: Annotated[list[str] | None, typer.Option("-H", "--header", help='"Name: value"')] = None,
    form: Annotated[list[str] | None, typer.Option("-F", "--form", help="name=value or name=@FILE")] = None,
    include: Annotated[bool, typer.Option("-i", "--include", help="Print status and headers, too.")] = False,
) -> None:
    """Call the API with this machine's key (ORCHESTRATE_URL and ORCHESTRATE_API_KEY name another)."""
    from orchestrate.curl_command import CurlRequest, run_curl

    request = CurlRequest.from_options(path, method, data, header or [], form or [])
    finish(run_curl(find_workspace(), request, include=include))


@models.command("list")
def models_list() -> None:
    """Names, sizes, licences, and which are here."""
    from orchestrate.models_command import list_models

    list_models()


@models.command("pull")
def models_pull(name: str) -> None:
    """Fetch a model; an interrupted pull goes on where it stopped."""
    from orchestrate.models_command import pull_model

    pull_model(name)


@models.command("remove")
def models_remove(name: str) -> None:
    """Delete a model's file."""
    from orchestrate.models_command import remove_model

    remove_model(name)


def main() -> None:
    try:
        app(prog_name="./orchestrate")
    except CommandError as error:
        say(f"orchestrate: {error.message}", "red")
        if error.hint:
            say(f"             {error.hint}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader (`| head`) has enough; nothing may be written at exit either.
        sys.stdout = None
        sys.exit(INTERRUPTED)
