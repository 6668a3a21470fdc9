"""Settings documents over HTTP: saving, versions, differences, going back."""

import asyncio
from typing import Any

import httpx2
import pytest

from backend.tests.support.backend import Backend, assert_problem

SETTINGS = "/api/v1/settings"
VOICE = {"name": "House style", "tone": "warm", "forbidden_words": ["cheap"], "preferred_words": ["enamelled"]}
NEW = {"If-None-Match": "*"}


async def save(
    api: httpx2.AsyncClient, where: str, value: dict[str, Any], version: int | None = None
) -> dict[str, Any]:
    headers = NEW if version is None else {"If-Match": f'"{version}"'}
    answer = await api.put(f"{SETTINGS}/{where}", json=value, headers=headers)
    assert answer.status_code in {200, 201}, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def become(backend: Backend, role: str) -> None:
    await backend.execute("UPDATE users SET role = :role", role=role)


class TestSave:
    async def test_what_is_saved_comes_back(self, api: httpx2.AsyncClient) -> None:
        answer = await api.put(f"{SETTINGS}/brand-voice/house-style", json=VOICE, headers=NEW)
        assert answer.status_code == 201
        assert answer.headers["etag"] == '"1"'
        saved = answer.json()
        assert saved["value"] == {
            "kind": "brand-voice", "name": "House style", "tone": "warm", "audience": "", "instructions": "",
            "forbidden_words": ["cheap"], "preferred_words": ["enamelled"], "is_default": False, "brands": [],
            "categories": [],
        }  # fmt: skip
        assert (saved["version"], saved["author"], saved["name"]) == (1, "Command line", "House style")
        read = await api.get(answer.headers["location"])
        assert read.json() == saved
        assert read.headers["etag"] == '"1"'

    async def test_a_change_is_a_new_version(self, api: httpx2.AsyncClient) -> None:
        await save(api, "brand-voice/house-style", VOICE)
        changed = await save(api, "brand-voice/house-style", {**VOICE, "tone": "dry"}, 1)
        assert (changed["version"], changed["value"]["tone"]) == (2, "dry")

    async def test_saving_the_same_makes_no_version(self, api: httpx2.AsyncClient) -> None:
        await save(api, "brand-voice/house-style", VOICE)
        assert (await save(api, "brand-voice/house-style", VOICE, 1))["version"] == 1

    async def test_a_lost_update_is_refused(self, api: httpx2.AsyncClient) -> None:
        await save(api, "brand-voice/house-style", VOICE)
        where = f"{SETTINGS}/brand-voice/house-style"
        assert_problem(await api.put(where, json=VOICE), 428, "precondition-required")
        assert_problem(await api.put(where, json=VOICE, headers={"If-Match": '"7"'}), 412, "precondition-failed")
        assert_problem(await api.put(where, json=VOICE, headers=NEW), 412, "precondition-failed")
        assert_problem(await api.put(where, json=VOICE, headers={"If-None-Match": '"1"'}), 422, "invalid-request")
        unknown = await api.put(f"{SETTINGS}/brand-voice/other", json=VOICE, headers={"If-Match": "*"})
        assert_problem(unknown, 412, "precondition-failed")

    async def test_of_many_at_once_one_wins(self, api: httpx2.AsyncClient) -> None:
        answers = await asyncio.gather(
            *(api.put(f"{SETTINGS}/brand-voice/one", json={**VOICE, "tone": str(n)}, headers=NEW) for n in range(6))
        )
        assert sorted(answer.status_code for answer in answers) == [201] + [412] * 5

    async def test_there_is_one_default_voice(self, api: httpx2.AsyncClient) -> None:
        await save(api, "brand-voice/a", {**VOICE, "is_default": True})
        await save(api, "brand-voice/b", {**VOICE, "is_default": True})
        voices = (await api.get(f"{SETTINGS}/brand-voice")).json()
        assert [(each["key"], each["value"]["is_default"], each["version"]) for each in voices] == [
            ("a", False, 2), ("b", True, 1),
        ]  # fmt: skip

    async def test_of_many_defaults_at_once_one_is_left(self, api: httpx2.AsyncClient) -> None:
        await asyncio.gather(*(save(api, f"brand-voice/v-{n}", {**VOICE, "is_default": True}) for n in range(5)))
        voices = (await api.get(f"{SETTINGS}/brand-voice")).json()
        assert [each["value"]["is_default"] for each in voices].count(True) == 1


class TestValidation:
    @pytest.mark.parametrize(
        ("where", "value", "pointer"),
        [
            ("brand-voice/v", {**VOICE, "surprise": 1}, "#/surprise"),
            ("brand-voice/v", {"name": " "}, "#/name"),
            ("brand-voice/v", {"name": "a\u0000b"}, "#/name"),
            ("brand-voice/v", {"name": "a", "tone": "\u0000"}, "#/tone"),
            ("brand-voice/v", {"name": "a", "instructions": "x" * 4001}, "#/instructions"),
            ("brand-voice/v", {"name": "a", "forbidden_words": ["Cheap"], "preferred_words": ["very  cheap"]}, "#"),
            ("brand-voice/v", {"name": "a", "kind": "prompt"}, "#/kind"),
            ("brand-voice/v", {"name": "a", "categories": ["Kitchen > "]}, "#/categories/0"),
            ("prompt/generate", {"text": "x" * 8001}, "#/text"),
            ("prompt/describe", {"text": "x" * 4001}, "#/text"),
            ("prompt/describe:es", {"text": "x" * 4001}, "#/text"),
            ("prompt/generate", {"text": "a\u0000"}, "#/text"),
            ("glossary/es", {"terms": [{"term": "Mug", "translation": "taza"},
                                       {"term": "mug", "translation": "jarra"}]}, "#"),
            ("glossary/es", {"terms": [{"term": "Mug", "translation": "taza"}], "do_not_translate": ["MUG"]}, "#"),
            ("glossary/default", {"terms": [{"term": "mug", "translation": "taza"}]}, "#/terms"),
            ("glossary/es", {"terms": [{"term": "", "translation": "taza"}]}, "#/terms/0/term"),
            ("categories/default", {"categories": [{"path": "Kitchen>Mugs"}, {"path": "kitchen  > mugs"}]}, "#"),
            ("categories/default", {"categories": [{"path": "A", "required_attributes": ["Size", "size"]}]},
             "#/categories/0"),
            ("categories/default", {"categories": [{"path": "A > > B"}]}, "#/categories/0/path"),
            ("categories/default", {"categories": [{"path": f"A {n}"} for n in range(5001)]}, "#/categories"),
            ("categories/default", {"categories": [{"path": "A", "limits": {"title": 5}}]},
             "#/categories/0/limits/title"),
            ("languages/default", {"languages": ["en"], "default": "es"}, "#"),
            ("languages/default", {"languages": []}, "#/languages"),
            ("languages/default", {"languages": ["English"]}, "#/languages/0"),
            ("engines/default", {"generate": [{"engine": "openai"}, {"engine": "openai"}]}, "#"),
            ("engines/default", {"describe": [{"engine": "unheard-of"}]}, "#/describe/0/engine"),
            ("engines/default", {"extract": "sometimes"}, "#/extract"),
            ("limits/default", {"limits": {"title": 0}}, "#/limits/title"),
            ("limits/default", {"languages": {"de": {"surprise": 1}}}, "#/languages/de/surprise"),
            ("shop/default", {"currency": "euro"}, "#/currency"),
            ("shop/default", {"website": "javascript:alert(1)"}, "#/website"),
            ("shop/default", {"product_url_template": "https://shop.example/{nothing}"}, "#/product_url_template"),
            ("shop/default", {"product_url_template": "https://shop.example/{sku"}, "#/product_url_template"),
            ("shop/default", {"product_url_template": "https://shop.example/{sku.__class__}"},
             "#/product_url_template"),
        ],
    )  # fmt: skip
    async def test_what_makes_no_sense_is_named(
        self, api: httpx2.AsyncClient, where: str, value: dict[str, Any], pointer: str
    ) -> None:
        answer = await api.put(f"{SETTINGS}/{where}", json=value, headers=NEW)
        problem = assert_problem(answer, 422, "invalid-request")
        assert [error["pointer"].partition("/[key]")[0] for error in problem["errors"]] == [pointer]

    @pytest.mark.parametrize(
        "where",
        ["brand-voice/House", "brand-voice/a--b", "brand-voice/en:es", "prompt/extract", "prompt/generate:English",
         "glossary/Spanish", "limits/other", "shop/en", "languages/languages", "categories/Kitchen"],
    )  # fmt: skip
    async def test_a_key_of_another_form(self, api: httpx2.AsyncClient, where: str) -> None:
        value = {"name": "A"} if where.startswith("brand") else {}
        assert_problem(await api.put(f"{SETTINGS}/{where}", json=value, headers=NEW), 422, "invalid-request")

    @pytest.mark.parametrize("key", ["%00", "a%0Ab", "..%2f..%2fetc", "%F0%9F%AB%96", "a" * 61])
    async def test_keys_that_are_none(self, api: httpx2.AsyncClient, key: str) -> None:
        answer = await api.get(f"{SETTINGS}/brand-voice/{key}")
        assert answer.status_code in {404, 422}, answer.text

    async def test_an_unknown_kind(self, api: httpx2.AsyncClient) -> None:
        assert_problem(await api.get(f"{SETTINGS}/moods"), 422, "invalid-request")
        assert_problem(await api.get(f"{SETTINGS}/moods/x"), 422, "invalid-request")
        assert (await api.put(f"{SETTINGS}/moods/x", json={}, headers=NEW)).status_code in {405, 422}

    async def test_what_may_be_long_may_be_long(self, api: httpx2.AsyncClient) -> None:
        paths = [{"path": f"Group {n % 50} > Kind {n}", "required_attributes": ["Material"]} for n in range(5000)]
        saved = await save(api, "categories/default", {"categories": paths})
        assert len(saved["value"]["categories"]) == 5000
        terms = [{"term": f"term {n}", "translation": f"palabra {n}"} for n in range(5000)]
        assert len((await save(api, "glossary/es", {"terms": terms}))["value"]["terms"]) == 5000

    async def test_repeated_words_are_said_once(self, api: httpx2.AsyncClient) -> None:
        saved = await save(api, "brand-voice/v", {"name": "V", "forbidden_words": ["cheap", "Cheap", "best"]})
        assert saved["value"]["forbidden_words"] == ["cheap", "best"]


class TestBuiltIn:
    async def test_what_nobody_saved_has_sensible_values(self, api: httpx2.AsyncClient) -> None:
        answer = await api.get(f"{SETTINGS}/limits/default")
        assert answer.headers["etag"] == '"0"'
        limits = answer.json()
        assert (limits["version"], limits["author"], limits["value"]["limits"]["seo_title"]) == (0, None, 60)
        assert (await api.get(f"{SETTINGS}/languages")).json()[0]["value"]["languages"] == ["en"]
        assert_problem(await api.get(f"{SETTINGS}/limits/other"), 404, "settings-not-found")
        assert_problem(await api.get(f"{SETTINGS}/prompt/generate"), 404, "settings-not-found")
        assert (await api.get(f"{SETTINGS}/prompt")).json() == []

    async def test_it_is_changed_from_version_zero(self, api: httpx2.AsyncClient) -> None:
        saved = await save(api, "limits/default", {"limits": {"title": 70}}, 0)
        assert (saved["version"], saved["value"]["limits"]["title"]) == (1, 70)

    async def test_deleting_brings_it_back(self, api: httpx2.AsyncClient) -> None:
        await save(api, "limits/default", {"limits": {"title": 70}})
        deleted = await api.delete(f"{SETTINGS}/limits/default", headers={"If-Match": '"1"'})
        assert deleted.status_code == 204
        again = (await api.get(f"{SETTINGS}/limits/default")).json()
        assert (again["version"], again["value"]["limits"]["title"]) == (2, 150)
        assert (await save(api, "limits/default", {"limits": {"title": 80}}, 2))["version"] == 3

    async def test_the_short_list(self, api: httpx2.AsyncClient) -> None:
        await save(api, "brand-voice/house-style", VOICE)
        found = (await api.get(SETTINGS)).json()
        assert [(each["kind"], each["name"], each["version"]) for each in found] == [
            ("brand-voice", "House style", 1), ("categories", "default", 0), ("languages", "default", 0),
            ("engines", "default", 0), ("limits", "default", 0), ("shop", "default", 0),
        ]  # fmt: skip


class TestVersions:
    async def test_a_deletion_can_be_taken_back(self, api: httpx2.AsyncClient) -> None:
        where = f"{SETTINGS}/brand-voice/house-style"
        await save(api, "brand-voice/house-style", VOICE)
        assert_problem(await api.delete(where), 428, "precondition-required")
        assert_problem(await api.delete(where, headers={"If-Match": '"3"'}), 412, "precondition-failed")
        assert (await api.delete(where, headers={"If-Match": '"1"'})).status_code == 204
        assert_problem(await api.get(where), 404, "settings-not-found")
        assert_problem(await api.delete(where, headers={"If-Match": '"2"'}), 404, "settings-not-found")
        assert (await api.get(f"{SETTINGS}/brand-voice")).json() == []
        back = await api.post(f"{where}/revert", json={"version": 1})
        assert (back.json()["version"], back.headers["etag"], back.json()["value"]["tone"]) == (3, '"3"', "warm")
        history = (await api.get(f"{where}/versions")).json()
        assert [(each["version"], each["deleted"]) for each in history["items"]] == [(3, False), (2, True), (1, False)]
        assert (await api.get(f"{where}/versions/2")).json()["value"] is None
        assert_problem(await api.post(f"{where}/revert", json={"version": 2}), 422, "invalid-request")

    async def test_a_deleted_key_can_be_taken_again(self, api: httpx2.AsyncClient) -> None:
        await save(api, "brand-voice/v", VOICE)
        await api.delete(f"{SETTINGS}/brand-voice/v", headers={"If-Match": '"1"'})
        assert (await save(api, "brand-voice/v", VOICE))["version"] == 3

    async def test_going_back_gives_the_same_value(self, api: httpx2.AsyncClient) -> None:
        first = await save(api, "prompt/generate", {"text": "Mention the \u00a0 guarantee.\r\n"})
        await save(api, "prompt/generate", {"text": "Mention nothing."}, 1)
        back = (await api.post(f"{SETTINGS}/prompt/generate/revert", json={"version": 1})).json()
        assert (back["value"], back["version"]) == (first["value"], 3)
        again = (await api.post(f"{SETTINGS}/prompt/generate/revert", json={"version": 1})).json()
        assert again["version"] == 3, "it is so already"
        stale = await api.post(f"{SETTINGS}/prompt/generate/revert", json={"version": 2}, headers={"If-Match": '"2"'})
        assert_problem(stale, 412, "precondition-failed")

    async def test_unknown_ones(self, api: httpx2.AsyncClient) -> None:
        where = f"{SETTINGS}/prompt/generate"
        assert_problem(await api.get(f"{where}/versions"), 404, "settings-not-found")
        assert_problem(await api.post(f"{where}/revert", json={"version": 1}), 404, "settings-not-found")
        await save(api, "prompt/generate", {"text": "A"})
        assert_problem(await api.get(f"{where}/versions/2"), 404, "settings-version-not-found")
        assert_problem(await api.post(f"{where}/revert", json={"version": 2}), 404, "settings-version-not-found")
        assert_problem(await api.get(f"{where}/versions/{10**12}"), 422, "invalid-request")

    async def test_pages(self, api: httpx2.AsyncClient) -> None:
        await save(api, "prompt/generate", {"text": "1"})
        for version in range(1, 5):
            await save(api, "prompt/generate", {"text": str(version + 1)}, version)
        seen: list[int] = []
        cursor: str | None = None
        while True:
            query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
            page = (await api.get(f"{SETTINGS}/prompt/generate/versions", params=query)).json()
            seen += [each["version"] for each in page["items"]]
            assert page["total"] == 5
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == [5, 4, 3, 2, 1]
        for bad in ("x", "WyJhIl0", "W10", "Wzk5OTk5OTk5OTk5OTk5OTk5XQ", "W3RydWVd"):
            answer = await api.get(f"{SETTINGS}/prompt/generate/versions", params={"cursor": bad})
            assert_problem(answer, 422, "invalid-cursor")


class TestDiff:
    async def diff(self, api: httpx2.AsyncClient, where: str, before: int, after: int) -> list[dict[str, Any]]:
        answer = await api.get(f"{SETTINGS}/{where}/diff", params={"from": before, "to": after})
        assert answer.status_code == 200, answer.text
        changes: list[dict[str, Any]] = answer.json()["changes"]
        return changes

    async def test_words_of_a_long_text(self, api: httpx2.AsyncClient) -> None:
        before = "Write for people who cook every day, and who know what enamel is. Never exaggerate."
        after = before.replace("cook every day", "bake on Sundays")
        await save(api, "prompt/generate", {"text": before})
        await save(api, "prompt/generate", {"text": after}, 1)
        (change,) = await self.diff(api, "prompt/generate", 1, 2)
        assert change["path"] == ["text"]
        words = change["words"]
        assert "".join(each["text"] for each in words if each["op"] != "insert") == before
        assert "".join(each["text"] for each in words if each["op"] != "delete") == after
        assert {"op": "delete", "text": "cook every day"} in words

    async def test_entries_are_told_apart_by_name(self, api: httpx2.AsyncClient) -> None:
        mugs = {"path": "Kitchen > Mugs", "required_attributes": ["Volume"]}
        pots = {"path": "Kitchen > Pots"}
        await save(api, "categories/default", {"categories": [mugs, pots]})
        changed = {**mugs, "required_attributes": ["Volume", "Material"]}
        await save(api, "categories/default", {"categories": [{"path": "Garden"}, changed]}, 1)
        found = {tuple(change["path"]): change for change in await self.diff(api, "categories/default", 1, 2)}
        assert set(found) == {
            ("categories", "Garden"), ("categories", "Kitchen > Pots"),
            ("categories", "Kitchen > Mugs", "required_attributes"),
        }  # fmt: skip
        assert found["categories", "Garden"]["before"] is None
        assert found["categories", "Kitchen > Pots"]["after"] is None
        assert found["categories", "Kitchen > Mugs", "required_attributes"]["after"] == ["Volume", "Material"]

    async def test_an_order_is_a_change_too(self, api: httpx2.AsyncClient) -> None:
        entries = [{"path": "A"}, {"path": "B"}]
        await save(api, "categories/default", {"categories": entries})
        await save(api, "categories/default", {"categories": entries[::-1]}, 1)
        (change,) = await self.diff(api, "categories/default", 1, 2)
        assert (change["before"], change["after"]) == (["A", "B"], ["B", "A"])

    async def test_backwards_the_same_and_with_a_deletion(self, api: httpx2.AsyncClient) -> None:
        await save(api, "shop/default", {"name": "Old"})
        await save(api, "shop/default", {"name": "New"}, 1)
        (change,) = await self.diff(api, "shop/default", 2, 1)
        assert (change["before"], change["after"], change["words"]) == ("New", "Old", None)
        assert await self.diff(api, "shop/default", 2, 2) == []
        await api.delete(f"{SETTINGS}/shop/default", headers={"If-Match": '"2"'})
        changes = await self.diff(api, "shop/default", 2, 3)
        assert {"name"} <= {change["path"][0] for change in changes}

    async def test_hostile_length_ends(self, api: httpx2.AsyncClient) -> None:
        await save(api, "prompt/generate", {"text": "a " * 4000})
        await save(api, "prompt/generate", {"text": " b a" * 2000}, 1)
        assert len(await self.diff(api, "prompt/generate", 1, 2)) == 1

    async def test_unknown_versions(self, api: httpx2.AsyncClient) -> None:
        answer = await api.get(f"{SETTINGS}/shop/default/diff", params={"from": 1, "to": 2})
        assert_problem(answer, 404, "settings-version-not-found")
        assert_problem(await api.get(f"{SETTINGS}/shop/default/diff"), 422, "invalid-request")


class TestRoles:
    async def test_editors_write_words_only(self, backend: Backend, browser: httpx2.AsyncClient) -> None:
        await save(browser, "limits/default", {})
        await become(backend, "editor")
        await save(browser, "brand-voice/v", VOICE)
        await save(browser, "glossary/es", {"do_not_translate": ["Brunnhof"]})
        for where in ("prompt/generate", "categories/default", "languages/default", "engines/default",
                      "limits/default", "shop/default"):  # fmt: skip
            answer = await browser.put(f"{SETTINGS}/{where}", json={}, headers=NEW)
            assert_problem(answer, 403, "role-required")
        answer = await browser.delete(f"{SETTINGS}/limits/default", headers={"If-Match": "*"})
        assert_problem(answer, 403, "role-required")
        answer = await browser.post(f"{SETTINGS}/limits/default/revert", json={"version": 1})
        assert_problem(answer, 403, "role-required")

    async def test_viewers_read(self, backend: Backend, browser: httpx2.AsyncClient) -> None:
        await save(browser, "brand-voice/v", VOICE)
        await become(backend, "viewer")
        assert (await browser.get(f"{SETTINGS}/brand-voice/v")).status_code == 200
        answer = await browser.put(f"{SETTINGS}/glossary/es", json={}, headers=NEW)
        assert_problem(answer, 403, "role-required")

    async def test_the_author_is_named(self, browser: httpx2.AsyncClient) -> None:
        me = (await browser.get("/api/v1/auth/me")).json()
        assert (await save(browser, "brand-voice/v", VOICE))["author"] == me["name"]
