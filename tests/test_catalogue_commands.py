"""`./orchestrate import`, `export` and `users` as processes of their own, against the real stack."""

import asyncio
import csv
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx2
import pytest

from orchestrate.stack.supervisor import Stack

TABLE = """\
SKU;Nombre;Marca;EAN;Precio;Material
CUP-1;Taza;Brennholm;4006381333931;12,90;acero esmaltado
CUP-2;Taza grande;Brennholm;4006381333932;14,90;acero esmaltado
CUP-3;=cmd|' /C calc'!A0;Brennholm;;9,90;vidrio
"""


class Finished:
    def __init__(self, code: int, out: str, errors: str) -> None:
        self.code = code
        self.out = out
        self.errors = errors

    def __repr__(self) -> str:
        return f"exit {self.code}\n{self.out}\n{self.errors}"


Command = Callable[..., Coroutine[Any, Any, Finished]]


@pytest.fixture
def orchestrate(stack: Stack) -> Command:
    assert stack.plan.api_key is not None
    environment = {**os.environ, "ORCHESTRATE_URL": stack.plan.url, "ORCHESTRATE_API_KEY": stack.plan.api_key}

    async def run(*arguments: str | Path) -> Finished:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "orchestrate", *map(str, arguments),
            env=environment, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, errors = await process.communicate()
        return Finished(process.returncode or 0, out.decode(), errors.decode())

    return run


@pytest.fixture(autouse=True)
async def emptied(client: httpx2.AsyncClient) -> None:
    """Each test begins with an empty catalogue."""
    page = (await client.get("/api/v1/products", params={"limit": 200})).json()
    for product in page["items"]:
        await client.delete(f"/api/v1/products/{product['id']}", headers={"If-Match": "*"})


class TestImport:
    async def test_good_rows_are_kept_and_bad_ones_come_back(
        self, orchestrate: Command, client: httpx2.AsyncClient, tmp_path: Path
    ) -> None:
        table = tmp_path / "tazas.csv"
        table.write_text(TABLE, encoding="cp1252")
        done = await orchestrate("import", table, "--language", "es", "--currency", "EUR")
        assert done.code == 1, done
        assert "2 created" in done.out
        assert "1 failed" in done.out
        assert "row 3" in done.errors
        product = (await client.get("/api/v1/products/by-sku/CUP-1")).json()
        assert product["price"] == {"amount": "12.90", "currency": "EUR"}
        assert product["attributes"][0]["value"] == "acero esmaltado"
        formula = (await client.get("/api/v1/products/by-sku/CUP-3")).json()
        assert formula["name"] == "=cmd|' /C calc'!A0", "a formula is text like any other"

        errors = tmp_path / "tazas.errors.csv"
        errors.write_text(errors.read_text(encoding="utf-8-sig").replace("4006381333932", "4006381333924"), "utf-8")
        again = await orchestrate("import", errors, "--language", "es", "--currency", "EUR")
        assert again.code == 0, again
        assert "1 created" in again.out

    async def test_twice_changes_nothing(self, orchestrate: Command, tmp_path: Path) -> None:
        table = tmp_path / "cups.csv"
        table.write_text("sku,name\nA-1,Cup\nA-2,Bowl\n")
        assert "2 created" in (await orchestrate("import", table)).out
        assert "2 unchanged" in (await orchestrate("import", table)).out

    async def test_a_dry_run_writes_nothing(
        self, orchestrate: Command, client: httpx2.AsyncClient, tmp_path: Path
    ) -> None:
        table = tmp_path / "cups.csv"
        table.write_text("sku,name\nDRY-1,Cup\n")
        assert "would be: 1 created" in (await orchestrate("import", table, "--dry-run")).out
        assert (await client.get("/api/v1/products/by-sku/DRY-1")).status_code == 404

    async def test_what_is_no_table(self, orchestrate: Command, tmp_path: Path) -> None:
        missing = await orchestrate("import", tmp_path / "nothing.csv")
        assert (missing.code, "There is no file" in missing.errors) == (1, True)
        photo = tmp_path / "photo.xlsx"
        photo.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5000))
        refused = await orchestrate("import", photo)
        assert refused.code == 22, refused
        assert "Traceback" not in refused.errors


class TestExport:
    async def test_what_was_imported_comes_out(self, orchestrate: Command, tmp_path: Path) -> None:
        table, target = tmp_path / "cups.csv", tmp_path / "out.csv"
        table.write_text("sku,name,brand,price,currency\nA-1,Cup,Brennholm,12.90,EUR\n")
        await orchestrate("import", table)
        done = await orchestrate("export", target, "--format", "generic", "--scope", "all")
        assert done.code == 0, done
        assert "1 products" in done.out
        with target.open(newline="", encoding="utf-8-sig") as text:
            (row,) = csv.DictReader(text)
        assert (row["sku"], row["brand"], row["price"]) == ("A-1", "Brennholm", "12.90")

    async def test_what_the_shop_would_refuse_is_said(self, orchestrate: Command, tmp_path: Path) -> None:
        table = tmp_path / "cups.csv"
        table.write_text("sku,name\nA-1,Cup\n")
        await orchestrate("import", table)
        done = await orchestrate("export", tmp_path / "feed.tsv", "--format", "google", "--scope", "all")
        assert "error" in done.errors, done

    async def test_a_file_that_is_there_is_kept(self, orchestrate: Command, tmp_path: Path) -> None:
        target = tmp_path / "out.csv"
        target.write_text("mine")
        done = await orchestrate("export", target, "--scope", "all")
        assert done.code == 1
        assert target.read_text() == "mine"
        assert (await orchestrate("export", target, "--scope", "all", "--overwrite")).code == 0
        assert target.read_text() != "mine"


class TestUsers:
    async def test_an_invitation_lets_somebody_in(self, orchestrate: Command, stack: Stack) -> None:
        done = await orchestrate("users", "invite", "ana@example.com", "--role", "editor")
        assert done.code == 0, done
        assert "/accept-invitation#token=" in done.out + done.errors
        token = (done.out + done.errors).partition("#token=")[2].split("&")[0].split()[0]
        async with httpx2.AsyncClient(base_url=stack.plan.url, timeout=60) as browser:
            body = {"token": token, "name": "Ana", "password": "a quiet harbour in May"}
            accepted = await browser.post("/api/v1/auth/invitations/accept", json=body)
            assert accepted.is_success, accepted.text
        listed = await orchestrate("users", "list")
        assert "ana@example.com" in listed.out
