from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app.auth.dependencies import Editor, Principal, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.identifiers import RowId
from app.database import Session
from app.facts.deciding import DecisionService, Person
from app.facts.errors import (
    ConflictChanged,
    ConflictNotFound,
    DecisionNotFound,
    FactAlreadyThere,
    FactChanged,
    FactNotFound,
    FactNotHandMade,
    TooManyDecisions,
)
from app.facts.schemas import (
    ConflictRead,
    ConflictSettle,
    DecisionRead,
    FactCorrection,
    FactDecision,
    FactStatus,
    FactWrite,
    MergedFactRead,
)
from app.facts.service import CURRENT, FactService
from app.products.dependencies import ExistingProduct
from app.products.errors import ProductNotFound
from shared.utils.errors import InvalidRequest
from shared.utils.problems import problems

router = APIRouter(
    prefix="/api/v1/products/{product_id}",
    tags=["facts"],
    responses=problems(NotSignedIn, RoleRequired, ProductNotFound, InvalidRequest),
)

FactIdPath = Annotated[
    str, Path(max_length=64, description="The id of the fact, or of any source's fact that it is made of.")
]


def get_service(session: Session) -> FactService:
    return FactService(session)


def get_decision_service(session: Session) -> DecisionService:
    return DecisionService(session)


Facts = Annotated[FactService, Depends(get_service)]
Decisions = Annotated[DecisionService, Depends(get_decision_service)]


def person(principal: Principal) -> Person:
    return Person(principal.id, principal.name)


@router.get("/facts", dependencies=[ExistingProduct])
async def list_facts(
    _: Viewer,
    product_id: RowId,
    facts: Facts,
    status: Annotated[
        list[FactStatus] | None,
        Query(description="Repeat it for several; without it, the facts that are `used` or `disputed`."),
    ] = None,
) -> list[MergedFactRead]:
    """What is known about the product, each fact with every place that says so."""
    return await facts.merged(product_id, status or CURRENT)


@router.post(
    "/facts", status_code=201, dependencies=[ExistingProduct], responses=problems(FactAlreadyThere, TooManyDecisions)
)
async def add_fact(editor: Editor, product_id: RowId, body: FactWrite, decisions: Decisions) -> MergedFactRead:
    """State a fact by hand; it leads whatever sources say of it."""
    return await decisions.add(product_id, body, person(editor))


@router.put(
    "/facts/{fact_id}",
    dependencies=[ExistingProduct],
    responses=problems(FactNotFound, FactNotHandMade, TooManyDecisions),
)
async def edit_fact(
    editor: Editor, product_id: RowId, fact_id: FactIdPath, body: FactWrite, decisions: Decisions
) -> MergedFactRead:
    """Change a fact that was stated by hand."""
    return await decisions.edit(product_id, fact_id, body, person(editor))


@router.delete(
    "/facts/{fact_id}",
    status_code=204,
    dependencies=[ExistingProduct],
    responses=problems(FactNotFound, FactNotHandMade),
)
async def delete_fact(_: Editor, product_id: RowId, fact_id: FactIdPath, decisions: Decisions) -> None:
    """Delete a fact that was stated by hand."""
    await decisions.remove(product_id, fact_id)


@router.post(
    "/facts/{fact_id}/confirm", dependencies=[ExistingProduct], responses=problems(FactNotFound, TooManyDecisions)
)
async def confirm_fact(
    editor: Editor, product_id: RowId, fact_id: FactIdPath, body: FactDecision, decisions: Decisions
) -> MergedFactRead:
    """Find a fact right, whatever else sources say, now or later."""
    return await decisions.confirm(product_id, fact_id, body.note, person(editor))


@router.post(
    "/facts/{fact_id}/reject", dependencies=[ExistingProduct], responses=problems(FactNotFound, TooManyDecisions)
)
async def reject_fact(
    editor: Editor, product_id: RowId, fact_id: FactIdPath, body: FactDecision, decisions: Decisions
) -> MergedFactRead:
    """Find a fact wrong: it is not used again, whichever source repeats it."""
    return await decisions.reject(product_id, fact_id, body.note, person(editor))


@router.post(
    "/facts/{fact_id}/correct",
    dependencies=[ExistingProduct],
    responses=problems(FactNotFound, FactChanged, TooManyDecisions),
)
async def correct_fact(
    editor: Editor, product_id: RowId, fact_id: FactIdPath, body: FactCorrection, decisions: Decisions
) -> MergedFactRead:
    """Put another value in place of a fact's, and reject the old one."""
    return await decisions.correct(product_id, fact_id, body, person(editor))


@router.get("/conflicts", dependencies=[ExistingProduct])
async def list_conflicts(
    _: Viewer,
    product_id: RowId,
    facts: Facts,
    settled: Annotated[bool, Query(description="Those that people have settled, instead of the open ones.")] = False,
) -> list[ConflictRead]:
    """Where sources disagree."""
    return await facts.conflicts(product_id, settled=settled)


@router.post(
    "/conflicts/{conflict_id}/settle",
    dependencies=[ExistingProduct],
    responses=problems(ConflictNotFound, ConflictChanged, TooManyDecisions),
)
async def settle_conflict(
    editor: Editor, product_id: RowId, conflict_id: RowId, body: ConflictSettle, decisions: Decisions
) -> ConflictRead:
    """Say which of the values is right: one of them, all, none, or another one. It is not asked again."""
    return await decisions.settle(product_id, conflict_id, body, person(editor))


@router.get("/decisions", dependencies=[ExistingProduct])
async def list_decisions(_: Viewer, product_id: RowId, decisions: Decisions) -> list[DecisionRead]:
    """What people decided about the product's facts, the newest first."""
    return await decisions.of_product(product_id)


@router.delete(
    "/decisions/{decision_id}", status_code=204, dependencies=[ExistingProduct], responses=problems(DecisionNotFound)
)
async def take_decision_back(_: Editor, product_id: RowId, decision_id: RowId, decisions: Decisions) -> None:
    """Take a decision back: facts and conflicts are again as if it had never been taken."""
    await decisions.take_back(product_id, decision_id)
