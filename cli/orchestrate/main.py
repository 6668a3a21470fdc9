"""`./orchestrate`: the commands and what they take. What they do is in their own modules, imported when asked for."""

import asyncio
import sys
from collections.abc import Coroutine
from enum import StrEnum
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
users = typer.Typer(help="Who may sign in: list, add, invite, roles, passwords.", no_args_is_help=True)
app.add_typer(users, name="users")

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


class ImportMode(StrEnum):
    CREATE_AND_UPDATE = "create_and_update"
    CREATE_ONLY = "create_only"
    UPDATE_ONLY = "update_only"


@app.command("import")
def import_table(
    table: Annotated[
        Path, typer.Argument(help="CSV, TSV, XLSX, XLS or ODS; of Shopify, WooCommerce, Google or your own.")
    ],
    mode: Annotated[ImportMode, typer.Option(help="What to do with products that are new, or known.")] = (
        ImportMode.CREATE_AND_UPDATE
    ),
    language: Annotated[str, typer.Option(help="Of the texts in the file.")] = "en",
    currency: Annotated[str | None, typer.Option(help="Of prices without one, such as EUR.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Only count what would happen.")] = False,
    approve_texts: Annotated[bool, typer.Option(help="Titles and descriptions count as approved.")] = False,
    fetch_images: Annotated[bool, typer.Option(help="Download the photos that the file names.")] = True,
    errors: Annotated[Path | None, typer.Option(help="Where rows that failed go; FILE.errors.csv by default.")] = None,
) -> None:
    """Import products from a table; products are found again by their SKU."""
    from orchestrate.import_command import ImportOptions
    from orchestrate.import_command import import_table as run_import

    options = ImportOptions(mode.value, language, currency, dry_run, approve_texts, fetch_images, errors)
    finish(run_import(find_workspace(), table, options))


class ExportFormat(StrEnum):
    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    GOOGLE = "google"
    GOOGLE_XML = "google-xml"
    GENERIC = "generic"
    JSON = "json"
    JSON_LINES = "json-lines"


class ExportScope(StrEnum):
    APPROVED = "approved"
    ALL = "all"
    CHANGED = "changed"


@app.command("export")
def export_table(
    target: Annotated[Path, typer.Argument(help="The file to write.")],
    format: Annotated[ExportFormat, typer.Option(help="Whose import format.")] = ExportFormat.SHOPIFY,
    language: Annotated[str, typer.Option(help="Of the texts.")] = "en",
    scope: Annotated[ExportScope, typer.Option(help="`changed`: since the last export of the same name.")] = (
        ExportScope.APPROVED
    ),
    name: Annotated[str | None, typer.Option(help="Of the target; `changed` goes by it.")] = None,
    currency: Annotated[str | None, typer.Option(help="The shop's, such as EUR.")] = None,
    product_url: Annotated[
        str | None, typer.Option(help="Google: address of a product, such as https://shop.example/p/{handle}.")
    ] = None,
    newest_texts: Annotated[bool, typer.Option(help="Also texts that nobody has approved yet.")] = False,
    legacy_header: Annotated[bool, typer.Option(help="Shopify: the header that its files had before.")] = False,
    overwrite: Annotated[bool, typer.Option(help="Replace the file if it is there.")] = False,
) -> None:
    """Write the catalogue in a shop's import format, after a check of what the shop would refuse."""
    from orchestrate.export_command import ExportOptions
    from orchestrate.export_command import export_table as run_export

    options = ExportOptions(
        format.value, language, scope.value, name, currency, product_url, newest_texts, legacy_header, overwrite
    )
    finish(run_export(find_workspace(), target, options))


class Role(StrEnum):
    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"


RoleOption = Annotated[Role, typer.Option(help="What the user may do.")]


@users.command("list")
def users_list() -> None:
    """Everybody, with role and last sign-in."""
    from orchestrate.users_command import list_users

    finish(list_users(find_workspace()))


@users.command("add")
def users_add(
    email: str,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: RoleOption = Role.EDITOR,
    language: Annotated[str | None, typer.Option(help="Of the web app and of mails: en or es.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")] = False,
) -> None:
    """Make a user with a password that you type here."""
    from orchestrate.users_command import NewUser, add_user

    user = NewUser(email, name, role.value, language)
    finish(add_user(find_workspace(), user, password_from_stdin=password_stdin))


@users.command("invite")
def users_invite(
    email: str,
    role: RoleOption = Role.EDITOR,
    language: Annotated[str, typer.Option(help="Of the mail: en or es.")] = "en",
) -> None:
    """Print a link with which somebody becomes a user, and mail it where mail is set up."""
    from orchestrate.users_command import invite_user

    finish(invite_user(find_workspace(), email, role.value, language))


@users.command("set-role")
def users_set_role(email: str, role: Role) -> None:
    """Change what a user may do."""
    from orchestrate.users_command import set_role

    finish(set_role(find_workspace(), email, role.value))


@users.command("reset-password")
def users_reset_password(email: str) -> None:
    """Print a link with which a user chooses a new password, and mail it where mail is set up."""
    from orchestrate.users_command import reset_password

    finish(reset_password(find_workspace(), email))


@users.command("deactivate")
def users_deactivate(email: str) -> None:
    """Sign a user out everywhere, for good."""
    from orchestrate.users_command import set_active

    finish(set_active(find_workspace(), email, active=False))


@users.command("activate")
def users_activate(email: str) -> None:
    """Let a deactivated user sign in again."""
    from orchestrate.users_command import set_active

    finish(set_active(find_workspace(), email, active=True))


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
