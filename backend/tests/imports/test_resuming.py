"""An import that is interrupted goes on behind what is written: nothing is done twice, nothing is left out."""

import asyncio
import uuid
from typing import Any

import httpx2
import pytest

from app.imports import job as job_module
from app.imports.job import ImportJob, ImportRun
from app.imports.reading import CHUNK_RESULTS, Chunk
from backend.tests.imports.support import counts, ended, job_of, problems, queued_by_hand, started, uploaded
from backend.tests.support.backend import Backend

ROWS = 2_600


class Killed(BaseException):
    """As a kill: nothing catches it."""


def content() -> str:
    rows = [f"S{n:05d},Mug {n},{'x' if n % 100 == 0 else n}.50,EUR,Text {n}\n" for n in range(1, ROWS + 1)]
    return "sku,name,price,currency,description\n" + "".join(rows)


@pytest.fixture
def job(backend: Backend) -> ImportJob:
    return job_of(backend)


class TestInterrupted:
    @pytest.mark.parametrize("when", ["before the commit", "behind the commit"])
    async def test_after_a_kill_the_next_one_goes_on(
        self, api: httpx2.AsyncClient, backend: Backend, job: ImportJob, monkeypatch: pytest.MonkeyPatch, when: str
    ) -> None:
        arguments = await queued_by_hand(api, backend, content())
        original_write, original_inner = ImportRun.write, ImportRun._write
        written = 0

        async def write(run: ImportRun, chunk: Chunk) -> None:
            nonlocal written
            await original_write(run, chunk)
            written += 1
            if when == "behind the commit" and written == 2:
                raise Killed

        async def inner(run: ImportRun, session: Any, chunk: Chunk) -> Any:
            report = await original_inner(run, session, chunk)
            if when == "before the commit" and written == 2:
                raise Killed
            return report

        with monkeypatch.context() as patch:
            patch.setattr(ImportRun, "write", write)
            patch.setattr(ImportRun, "_write", inner)
            with pytest.raises(Killed):
                await job.execute(arguments)
        state = (await api.get(f"/api/v1/imports/{arguments['import_id']}")).json()
        assert (state["status"], state["created"] + state["failed"]) == ("running", 2 * CHUNK_RESULTS)
        [(half,)] = await backend.execute("SELECT count(*) FROM products")
        assert half == state["created"]

        await job.execute(arguments)
        state = await ended(api, arguments["import_id"])
        assert (state["status"], counts(state)) == ("partial", {"created": ROWS - 26, "failed": 26})
        assert state["rows_read"] == ROWS
        assert await backend.execute("SELECT count(*), max(version) FROM products") == [(ROWS - 26, 1)]
        assert await backend.execute("SELECT count(*) FROM listings") == [(ROWS - 26,)]
        assert len(await problems(api, arguments["import_id"])) == 26

    async def test_two_that_hold_it_at_once_write_once(
        self, api: httpx2.AsyncClient, backend: Backend, job: ImportJob
    ) -> None:
        arguments = await queued_by_hand(api, backend, content())
        await asyncio.gather(job.execute(arguments), job.execute(arguments))
        state = await ended(api, arguments["import_id"])
        assert counts(state) == {"created": ROWS - 26, "failed": 26}
        assert len(await problems(api, arguments["import_id"])) == 26

    async def test_variants_that_waited_find_their_parent_all_the_same(
        self, api: httpx2.AsyncClient, backend: Backend, job: ImportJob, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rows = [f"V{n},Shirt {n},P,,Size={n}" for n in range(700)]
        text = "sku,name,parent_sku,option_names,options\n" + "\n".join(rows) + "\nP,Shirt,,Size,\n"
        arguments = await queued_by_hand(api, backend, text)

        async def killed(*_: Any) -> None:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(ImportRun, "link", killed)
            with pytest.raises(Killed):
                await job.execute(arguments)
        await job.execute(arguments)
        assert counts(await ended(api, arguments["import_id"])) == {"created": 701}
        assert await backend.execute("SELECT count(*) FROM products WHERE parent_id IS NOT NULL") == [(700,)]

    async def test_an_end_is_not_taken_up_again(
        self, api: httpx2.AsyncClient, backend: Backend, job: ImportJob
    ) -> None:
        import_id = (await uploaded(api, "sku,name\nA,Mug\n"))["id"]
        await started(api, import_id)
        before = await backend.execute("SELECT * FROM imports")
        await job.execute({"import_id": import_id})
        await job.execute({"import_id": str(uuid.uuid4())})
        assert await backend.execute("SELECT * FROM imports") == before

    async def test_given_up_it_says_so(self, api: httpx2.AsyncClient, backend: Backend, job: ImportJob) -> None:
        arguments = await queued_by_hand(api, backend, content())
        await job.give_up(arguments)
        state = await ended(api, arguments["import_id"])
        assert (state["status"], state["problem"]["type"]) == ("failed", "/problems/internal-error")

    async def test_a_file_that_is_on_another_machine(
        self, api: httpx2.AsyncClient, backend: Backend, job: ImportJob
    ) -> None:
        arguments = await queued_by_hand(api, backend, content())
        job.spool.file(uuid.UUID(arguments["import_id"])).remove()
        await job.execute(arguments)
        state = await ended(api, arguments["import_id"])
        assert (state["status"], state["problem"]["type"]) == ("failed", "/problems/import-file-gone")


class TestOneRowThatTheDatabaseRefuses:
    async def test_it_is_told_and_the_others_are_kept(self, api: httpx2.AsyncClient, backend: Backend) -> None:
        await backend.execute("ALTER TABLE products ADD CONSTRAINT ck_test CHECK (name <> 'Mug 7') NOT VALID")
        try:
            import_id = (await uploaded(api, "sku,name\n" + "".join(f"A{n},Mug {n}\n" for n in range(20))))["id"]
            state = await started(api, import_id)
        finally:
            await backend.execute("ALTER TABLE products DROP CONSTRAINT ck_test")
        assert counts(state) == {"created": 19, "failed": 1}
        [problem] = await problems(api, import_id)
        assert (problem["line"], problem["problems"][0]["code"]) == (9, "not-storable")
        assert job_module.LINKED_AT_ONCE > 0
