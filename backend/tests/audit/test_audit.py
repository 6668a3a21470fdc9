"""The log of all changes: written by the database, whoever writes; never changed; read by administrators."""

import csv
import io
import uuid
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.audit.service import cell, prune
from app.database import Actor, act_as
from app.tables import metadata
from backend.tests.auth.accounts import add_user, bearer, make_key, sign_in, signed_in
from backend.tests.support.backend import Backend, assert_problem, create_product, enrich, run_with_status

AUDIT = "/api/v1/audit"

# What is not in the log, and why.
NOT_AUDITED = {
    "audit_events": "the log itself",
    "sessions": "sign-ins are events of their own",
    "sign_in_links": "their use is a sign-in",
    "password_resets": "making and using one are events of their own",
    "known_devices": "says nothing but that somebody signed in",
    "throttles": "counters",
    "media": "bytes by their hash; the products' images are in the log",
    "media_uploads": "bytes by their hash; the products' images are in the log",
    "media_signing_key": "a secret that nobody changes",
    "former_product_images": "derived from the products' images",
    "image_downloads": "work to be done; the image that comes of it is in the log",
    "photo_archive_files": "what became of each file; the images are in the log",
    "import_problems": "what was wrong with each row; the products are in the log",
    "product_search": "derived from the products",
    "bulk_edits": "kept to undo them; what they changed is in the log",
    "bulk_edit_products": "kept to undo them; what they changed is in the log",
    "listing_acts": "kept to undo them; what they changed is in the log",
    "snapshots": "texts by their hash; the products' pages are in the log",
    "facts": "what services answered; it is derived again at any time",
    "merged_facts": "derived from facts and decisions, both kept",
    "conflicts": "derived from facts and decisions, both kept",
    "runs": "keep their own history",
    "run_steps": "keep their own history",
    "run_events": "are a history",
}


async def events(api: httpx2.AsyncClient, **parameters: Any) -> list[dict[str, Any]]:
    """Oldest first."""
    answer = await api.get(AUDIT, params=parameters)
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()["items"]))


class TestTriggers:
    async def test_each_table_is_in_the_log_or_named_with_a_reason(self, backend: Backend) -> None:
        rows = await backend.execute(
            "SELECT tgrelid::regclass::text AS name, tgname FROM pg_trigger WHERE tgname LIKE 'audit\\_%'"
        )
        audited: dict[str, set[str]] = {}
        for row in rows:
            audited.setdefault(row.name, set()).add(row.tgname)
        complete = {
            name for name, names in audited.items() if names >= {"audit_insert", "audit_update", "audit_delete"}
        }
        assert set(metadata.tables) - complete - set(NOT_AUDITED) == set()
        assert complete & set(NOT_AUDITED) == set()

    async def test_before_and_after_of_a_products_life(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api, name="Mug", brand="Weald")
        path = f"/api/v1/products/{product['id']}"
        await api.patch(path, json={"name": "Blue mug", "brand": "Weald"}, headers={"If-Match": "*"})
        await api.delete(path, headers={"If-Match": "*"})
        made, changed, deleted = await events(api, product_id=product["id"], table="products")
        assert (made["action"], made["before"], made["row_id"]) == ("insert", None, product["id"])
        assert (made["after"]["name"], made["after"]["brand"]) == ("Mug", "Weald")
        assert changed["before"] == {"name": "Mug"}
        assert changed["after"] == {"name": "Blue mug"}
        assert (deleted["action"], deleted["before"]) == ("update", {"deleted_at": None})
        assert set(deleted["after"]) == {"deleted_at"}

    async def test_saving_without_a_change_is_no_event(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api, name="Mug")
        await api.patch(f"/api/v1/products/{product['id']}", json={"name": "Mug"}, headers={"If-Match": "*"})
        assert len(await events(api, product_id=product["id"])) == 1

    async def test_statements_that_pass_by_all_code_are_in_it_too(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        for number in range(3):
            await create_product(api, f"SKU-{number}", brand=f"Brand {number}")
        await backend.execute("UPDATE products SET brand = upper(brand) WHERE sku <> 'SKU-1'")
        changed = await events(api, action="update", table="products")
        assert sorted((event["before"]["brand"], event["after"]["brand"]) for event in changed) == [
            ("Brand 0", "BRAND 0"),
            ("Brand 2", "BRAND 2"),
        ]
        assert {event["actor_name"] for event in changed} == {"system"}

    async def test_what_goes_with_its_product_is_in_it(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product = await create_product(api, source_urls=["https://supplier.example/mug"])
        await backend.execute("DELETE FROM products")
        gone = await events(api, action="delete", product_id=product["id"])
        assert {event["table"] for event in gone} == {"products", "source_pages"}
        page = next(event for event in gone if event["table"] == "source_pages")
        assert page["before"]["url"] == "https://supplier.example/mug"
        assert page["after"] is None

    async def test_an_upsert_is_what_it_did(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        statement = (
            "INSERT INTO users (id, email, name, role) VALUES (:id, 'a@b.c', :name, 'viewer')"
            " ON CONFLICT (email) DO UPDATE SET name = excluded.name"
        )
        for name in ("Ana", "Ana", "Eva"):
            await backend.execute(statement, id=uuid.uuid4(), name=name)
        found = await events(api, table="users")
        assert [(event["action"], event["after"]["name"]) for event in found] == [("insert", "Ana"), ("update", "Eva")]

    async def test_what_is_rolled_back_never_happened(self, api: httpx2.AsyncClient) -> None:
        await create_product(api)
        answer = await api.post("/api/v1/products", json={"sku": "MUG-1", "name": "again"})
        assert answer.status_code == 409
        assert len(await events(api)) == 1

    async def test_secrets_are_never_in_it(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        user = await add_user(api)
        await api.post(f"/api/v1/auth/users/{user['id']}/password-reset-links")
        await api.post("/api/v1/auth/invitations", json={"email": "eva@example.com", "role": "viewer"})
        await make_key(api, "read")
        await backend.execute("UPDATE users SET password_hash = '$argon2id$x'")
        await backend.execute("DELETE FROM api_keys")
        await backend.execute("DELETE FROM invitations")
        await backend.execute("DELETE FROM users")
        everything = str(await backend.execute("SELECT before, after FROM audit_events"))
        assert "argon2" not in everything
        assert "hash" not in everything

    async def test_a_runs_results_are_in_it_and_its_noise_is_not(self, api: httpx2.AsyncClient) -> None:
        product = await create_product(api, source_urls=["https://supplier.example/mug"])
        run = await enrich(api, product["id"])
        await run_with_status(api, run["id"])
        found = await events(api, product_id=product["id"])
        listing = next(event for event in found if event["table"] == "listings" and event["action"] == "insert")
        assert listing["actor_name"] == "system"
        assert set(listing["after"]["content"]) == {"sha256"}, "the row itself has the text"
        assert "fetched_at" not in str(found)


class TestActor:
    async def test_a_person(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        user = await add_user(api)
        ana = await signed_in(backend)
        await ana.post("/api/v1/products", json={"sku": "A", "name": "A"}, headers={"X-Request-ID": "order-7"})
        (event,) = await events(api, actor_id=user["id"], table="products")
        assert (event["actor_name"], event["request_id"], event["api_key_id"]) == ("Ana", "order-7", None)
        await ana.aclose()

    async def test_a_name_from_before_stays(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        user = await add_user(api)
        ana = await signed_in(backend)
        await ana.post("/api/v1/products", json={"sku": "A", "name": "A"})
        await api.patch(f"/api/v1/auth/users/{user['id']}", json={"name": "Somebody"})
        assert (await events(api, table="products"))[0]["actor_name"] == "Ana"
        await ana.aclose()

    async def test_the_command_line(self, api: httpx2.AsyncClient) -> None:
        await create_product(api)
        assert (await events(api))[0]["actor_name"] == "Command line"

    async def test_of_one_request_nothing_is_left_on_the_connection(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        """Connections are used again: the next transaction must not act in the name of the one before."""
        await create_product(api)
        async with backend.app.state.sessions.begin() as session:
            await session.execute(text("UPDATE products SET name = 'by the worker'"))
        assert (await events(api, action="update"))[0]["actor_name"] == "system"

    async def test_a_job_in_the_name_of_a_person(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await create_product(api)
        actor = Actor(uuid.uuid4(), "Ana")
        async with backend.app.state.sessions() as session:
            await act_as(session, actor)
            # Also in the transactions that follow, and after a rollback to a savepoint.
            for number in range(2):
                await session.execute(text("UPDATE products SET name = :name"), {"name": f"name {number}"})
                nested = await session.begin_nested()
                await nested.rollback()
                await session.execute(text("UPDATE products SET brand = :name"), {"name": f"brand {number}"})
                await session.commit()
        found = await events(api, actor_id=str(actor.id))
        assert [event["actor_name"] for event in found] == ["Ana"] * 4

    async def test_named_in_the_middle_of_a_transaction(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await create_product(api)
        async with backend.app.state.sessions.begin() as session:
            await session.execute(text("UPDATE products SET name = 'one'"))
            await act_as(session, Actor(None, "run:7"))
            await session.execute(text("UPDATE products SET name = 'two'"))
        assert [event["actor_name"] for event in await events(api, action="update")] == ["system", "run:7"]

    async def test_a_name_is_data(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        name = "'; DROP TABLE users; -- %s :id \\"
        await add_user(api, "x@example.com", name=name)
        client = await signed_in(backend, "x@example.com")
        await client.post("/api/v1/products", json={"sku": "A", "name": "A"})
        assert (await events(api, table="products"))[0]["actor_name"] == name
        await client.aclose()


class TestSignIns:
    async def test_both_ends(self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient) -> None:
        user = await add_user(api)
        await sign_in(anonymous, password="not the right one")
        await sign_in(anonymous, "nobody@example.com")
        await sign_in(anonymous)
        failed, unknown = await events(api, action="sign_in_failed")
        assert (failed["row_id"], failed["actor_name"], failed["after"]["address"]) == (
            user["id"], "anonymous", "127.0.0.1",
        )  # fmt: skip
        assert (unknown["row_id"], unknown["after"]["known_user"]) == (None, False)
        (succeeded,) = await events(api, action="sign_in")
        assert (succeeded["actor_id"], succeeded["after"]["by"]) == (user["id"], "password")

    async def test_roles_and_keys(self, api: httpx2.AsyncClient, anonymous: httpx2.AsyncClient) -> None:
        user = await add_user(api, role="viewer")
        await api.patch(f"/api/v1/auth/users/{user['id']}", json={"role": "admin"})
        made = await make_key(api, "read")
        await anonymous.get("/api/v1/products", headers=bearer(made["key"]))
        await api.delete(f"/api/v1/auth/api-keys/{made['id']}")
        (change,) = await events(api, table="users", action="update")
        assert (change["before"], change["after"]) == ({"role": "viewer"}, {"role": "admin"})
        key_made, revoked = await events(api, table="api_keys")
        assert key_made["after"]["scopes"] == ["read"]
        assert set(revoked["after"]) == {"revoked_at"}


class TestImmutable:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_events SET actor_name = 'somebody else'",
            "DELETE FROM audit_events",
            "TRUNCATE audit_events",
            "INSERT INTO audit_events (id, actor_name, action, table_name) VALUES (1, 'x', 'insert', 'users')",
        ],
    )
    async def test_the_database_refuses(self, api: httpx2.AsyncClient, backend: Backend, statement: str) -> None:
        await create_product(api)
        with pytest.raises(DBAPIError):
            await backend.execute(statement)
        assert len(await events(api)) == 1

    async def test_what_is_old_is_forgotten_by_one_function_alone(
        self, api: httpx2.AsyncClient, backend: Backend
    ) -> None:
        await create_product(api)
        (row,) = await backend.execute("SELECT audit_prune(now() - interval '1 day') AS pruned")
        assert row.pruned == 0
        (row,) = await backend.execute("SELECT audit_prune(now() + interval '1 day') AS pruned")
        assert row.pruned == 1
        async with backend.sessions.begin() as session:
            await session.execute(text("SELECT audit_prune(now())"))
            # In the very transaction that pruned.
            with pytest.raises(DBAPIError, match="cannot be changed"):
                await session.execute(text("DELETE FROM audit_events"))

    async def test_the_setting_prunes(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await create_product(api)
        await prune(backend.sessions, 30)
        assert len(await events(api)) == 1
        await backend.execute(
            "INSERT INTO audit_events (at, actor_name, action, table_name)"
            " VALUES (now() - interval '31 days', 'system', 'insert', 'products')"
        )
        assert len(await events(api)) == 2
        await prune(backend.sessions, 30)
        assert len(await events(api)) == 1


class TestList:
    async def test_pages_newest_first(self, api: httpx2.AsyncClient) -> None:
        for number in range(7):
            await create_product(api, f"SKU-{number}")
        seen: list[str] = []
        cursor = None
        while True:
            page = (await api.get(AUDIT, params={"limit": 3, **({"cursor": cursor} if cursor else {})})).json()
            assert page["total"] == 7
            seen += [event["after"]["sku"] for event in page["items"]]
            # What happens meanwhile does not move the pages that follow: it is newer.
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == [f"SKU-{number}" for number in reversed(range(7))]

    async def test_by_time(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "A")
        (first,) = await events(api)
        await create_product(api, "B")
        assert len(await events(api, since=first["at"])) == 2
        assert await events(api, until=first["at"]) == []
        assert await events(api, since="9999-12-31T23:59:59Z") == []
        assert len(await events(api, since="0001-01-01T00:00:00+14:00")) == 2

    @pytest.mark.parametrize(
        "parameters",
        [
            {"cursor": "x"},
            {"cursor": "WyJhIl0"},
            {"cursor": "WzE4NDQ2NzQ0MDczNzA5NTUxNjE2XQ"},
            {"cursor": "Wy0xXQ"},
            {"cursor": "W3RydWVd" + "x"},
            {"table": "products; DROP TABLE users"},
            {"table": "x\x00"},
            {"action": "drop"},
            {"product_id": "1"},
            {"since": "2026-01-01"},
            {"since": "yesterday"},
            {"limit": 0},
            {"limit": 201},
        ],
    )
    async def test_what_is_not_valid_is_refused(self, api: httpx2.AsyncClient, parameters: dict[str, Any]) -> None:
        assert (await api.get(AUDIT, params=parameters)).status_code == 422

    async def test_only_administrators(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await add_user(api, role="editor")
        ana = await signed_in(backend)
        assert_problem(await ana.get(AUDIT), 403, "role-required")
        assert_problem(await ana.get(f"{AUDIT}/export"), 403, "role-required")
        await ana.aclose()


class TestExport:
    async def test_all_that_matches_as_csv(self, api: httpx2.AsyncClient) -> None:
        await create_product(api, "A", name='=cmd|" /C calc"!A0, "quoted"\nand more')
        await create_product(api, "B")
        await add_user(api)
        answer = await api.get(f"{AUDIT}/export", params={"table": "products"})
        assert answer.headers["content-type"].startswith("text/csv")
        assert "audit.csv" in answer.headers["content-disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [row["table"] for row in rows] == ["products", "products"]
        assert '"sku": "A"' in rows[0]["after"]

    async def test_more_than_one_piece(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await backend.execute(
            "INSERT INTO audit_events (actor_name, action, table_name, row_id)"
            " SELECT '=1+1', 'insert', 'products', n::text FROM generate_series(1, 1203) AS n"
        )
        answer = await api.get(f"{AUDIT}/export")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [int(row["row_id"]) for row in rows] == list(range(1, 1204))
        assert {row["actor_name"] for row in rows} == {"'=1+1"}

    @pytest.mark.parametrize("value", ["=1", "+1", "-1", "@x", "\tx", "\r=x"])
    def test_nothing_becomes_a_formula(self, value: str) -> None:
        assert cell(value) == f"'{value}"


class TestHistory:
    async def test_a_viewer_sees_the_products_own_changes(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        product = await create_product(api, "A", source_urls=["https://supplier.example/mug"])
        await create_product(api, "B")
        await add_user(api, role="viewer")
        vera = await signed_in(backend)
        page = (await vera.get(f"/api/v1/products/{product['id']}/history")).json()
        assert {event["table"] for event in page["items"]} == {"products", "source_pages"}
        assert page["total"] == 2
        assert set(page["items"][0]) == {
            "id", "at", "actor_id", "actor_name", "action", "table", "row_id", "before", "after",
        }  # fmt: skip
        assert_problem(await vera.get(f"/api/v1/products/{uuid.uuid4()}/history"), 404, "product-not-found")
        await vera.aclose()
