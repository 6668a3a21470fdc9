import importlib
import pkgutil

import pytest
from fastapi import FastAPI

import shared.utils
from shared.models.problems import InvalidField, Problem
from shared.utils.errors import AppError, DeadlineExceeded, IdempotencyKeyReused, InvalidRequest, ServiceBusy
from shared.utils.problems import json_pointer, problems


def all_errors(kind: type[AppError] = AppError) -> list[type[AppError]]:
    for module in pkgutil.iter_modules(shared.utils.__path__):
        importlib.import_module(f"shared.utils.{module.name}")
    found = []
    for child in kind.__subclasses__():
        if child.__module__.startswith("shared."):
            found += [child, *all_errors(child)]
    return found


class TestAppError:
    @pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
    def test_every_error_has_a_status_and_a_title_of_its_own(self, kind: type[AppError]) -> None:
        assert 400 <= kind.status < 600
        assert kind.title
        assert kind.problem_type().startswith("/problems/")
        problem = kind("Because.").to_problem("/there")
        assert Problem.model_validate_json(problem.model_dump_json()) == problem

    def test_types_come_from_names(self) -> None:
        assert IdempotencyKeyReused.problem_type() == "/problems/idempotency-key-reused"
        assert DeadlineExceeded.problem_type() == "/problems/deadline-exceeded"

    def test_types_are_unique(self) -> None:
        types = [kind.problem_type() for kind in all_errors()]
        assert len(types) == len(set(types))

    def test_extensions_and_errors(self) -> None:
        error = InvalidRequest("No.", errors=[InvalidField(detail="Why", pointer="#/a")], limit=7)
        problem = error.to_problem()
        assert problem.extension("limit") == 7
        assert problem.extension("none") is None
        assert problem.errors is not None
        assert ServiceBusy(retry_after_s=9).headers == {"Retry-After": "9"}


class TestJsonPointer:
    @pytest.mark.parametrize(
        ("location", "pointer"), [((), "#"), (("a", 0, "b"), "#/a/0/b"), (("a/b", "c~d"), "#/a~1b/c~0d")]
    )
    def test_rfc_6901(self, location: tuple[int | str, ...], pointer: str) -> None:
        assert json_pointer(location) == pointer


class TestDocumentation:
    def test_errors_of_one_status_stand_together(self) -> None:
        app = FastAPI()

        @app.get("/", responses=problems(InvalidRequest, IdempotencyKeyReused, DeadlineExceeded))
        async def root() -> None: ...

        responses = app.openapi()["paths"]["/"]["get"]["responses"]
        examples = responses["422"]["content"]["application/problem+json"]["examples"]
        assert set(examples) == {"InvalidRequest", "IdempotencyKeyReused"}
        assert "504" in responses
