from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from app.auth.dependencies import Editor, Principal, Viewer
from app.auth.errors import NotSignedIn, RoleRequired
from app.common.entity_tags import IfMatch, PreconditionFailed, PreconditionRequired, entity_tag
from app.common.paging import Cursor, InvalidCursor, Limit, Page
from app.database import Session
from app.enrichment.preview import PreviewRequest, VoicePreview
from app.gateway.errors import ServiceAnswerInvalid, ServiceTimeout, ServiceUnavailable
from app.gateway.services import ServiceProblem
from app.products.errors import ProductNotFound
from app.settings_store.editing import SettingsEditor
from app.settings_store.errors import SettingsNotFound, SettingsVersionNotFound
from app.settings_store.kinds import MODELS, WRITTEN_BY_EDITORS
from app.settings_store.schemas import (
    RevertRequest,
    SettingsDiff,
    SettingsKind,
    SettingsRead,
    SettingsSummary,
    SettingsVersion,
    SettingsVersionRead,
)
from shared.models.base import RequestModel
from shared.models.generate import Listing
from shared.models.problems import PROBLEM_MEDIA_TYPE
from shared.utils.errors import DeadlineExceeded, InvalidRequest
from shared.utils.problems import problems

router = APIRouter(
    prefix="/api/v1/settings", tags=["settings"], responses=problems(NotSignedIn, RoleRequired, InvalidRequest)
)

Key = Annotated[
    str,
    Path(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9:-]{0,59}$",
        description="A slug of brand voices, `generate` or `generate:es` of prompts, the language of glossaries, "
        "else `default`.",
    ),
]
VersionNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
VersionQuery = Annotated[int, Query(ge=1, le=2**31 - 1)]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="`*`: create it; there must be none with this key yet.")
]


def get_editor(session: Session) -> SettingsEditor:
    return SettingsEditor(session)


Documents = Annotated[SettingsEditor, Depends(get_editor)]


def written_by(session: Session, principal: Principal, kind: str) -> SettingsEditor:
    if kind not in WRITTEN_BY_EDITORS and principal.role != "admin":
        raise RoleRequired(f"This needs the role admin; yours is {principal.role}.")
    return SettingsEditor(session, principal.name)


@router.get("")
async def list_settings(_: Viewer, documents: Documents) -> list[SettingsSummary]:
    """All documents in force, without what they hold."""
    return await documents.summaries()


@router.get("/{kind}")
async def list_settings_of_kind(_: Viewer, kind: SettingsKind, documents: Documents) -> list[SettingsRead]:
    """The documents of one kind."""
    return await documents.of_kind(kind)


@router.get("/{kind}/{key}", responses=problems(SettingsNotFound))
async def get_settings(
    _: Viewer, kind: SettingsKind, key: Key, documents: Documents, response: Response
) -> SettingsRead:
    """One document as it is now. Of kinds with one document the built-in one (version 0), until one is saved."""
    document = await documents.get(kind, key)
    response.headers["ETag"] = entity_tag(document.version)
    return document


def add_put(kind: str, model: type[RequestModel]) -> None:
    """One operation for each kind, so that its body is documented, and wrong fields are named, exactly."""

    async def put_settings(
        principal: Editor,
        session: Session,
        key: Key,
        body: model,  # type: ignore[valid-type]
        response: Response,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> SettingsRead:
        document, created = await written_by(session, principal, kind).put(kind, key, body, if_match, if_none_match)
        response.headers["ETag"] = entity_tag(document.version)
        if created:
            response.status_code = 201
            response.headers["Location"] = f"/api/v1/settings/{kind}/{key}"
        return document

    router.put(
        f"/{kind}/{{key}}",
        name=f"put_{kind.replace('-', '_')}",
        description="Save a new version. With `If-Match` of the version that was changed, or `If-None-Match: *`.",
        responses={
            201: {"model": SettingsRead, "description": "Created."},
            **problems(PreconditionFailed, PreconditionRequired),
        },
    )(put_settings)


for each_kind, each_model in MODELS.items():
    add_put(each_kind, each_model)


@router.delete(
    "/{kind}/{key}",
    status_code=204,
    responses=problems(SettingsNotFound, PreconditionFailed, PreconditionRequired),
)
async def delete_settings(
    principal: Editor, session: Session, kind: SettingsKind, key: Key, if_match: IfMatch = None
) -> None:
    """Delete a document; any of its versions can be restored. Where there is a built-in one, that is in force again."""
    await written_by(session, principal, kind).delete(kind, key, if_match)


@router.get("/{kind}/{key}/versions", responses=problems(SettingsNotFound, InvalidCursor))
async def list_settings_versions(
    _: Viewer, kind: SettingsKind, key: Key, documents: Documents, limit: Limit = 50, cursor: Cursor = None
) -> Page[SettingsVersion]:
    """Who saved which version when, newest first, deletions included."""
    return await documents.versions(kind, key, limit, cursor)


@router.get("/{kind}/{key}/versions/{version}", responses=problems(SettingsVersionNotFound))
async def get_settings_version(
    _: Viewer, kind: SettingsKind, key: Key, version: VersionNumber, documents: Documents
) -> SettingsVersionRead:
    """One version with what it holds."""
    return await documents.version(kind, key, version)


@router.get("/{kind}/{key}/diff", responses=problems(SettingsVersionNotFound))
async def diff_settings(
    _: Viewer,
    kind: SettingsKind,
    key: Key,
    documents: Documents,
    before: Annotated[VersionQuery, Query(alias="from")],
    after: Annotated[VersionQuery, Query(alias="to")],
) -> SettingsDiff:
    """What changed between two versions: the places, and in longer texts the words."""
    return await documents.diff(kind, key, before, after)


@router.post("/{kind}/{key}/revert", responses=problems(SettingsNotFound, SettingsVersionNotFound, PreconditionFailed))
async def revert_settings(
    principal: Editor,
    session: Session,
    kind: SettingsKind,
    key: Key,
    body: RevertRequest,
    response: Response,
    if_match: IfMatch = None,
) -> SettingsRead:
    """Bring back what a version held, as a new version. Also after a deletion."""
    document = await written_by(session, principal, kind).revert(kind, key, body.version, if_match)
    response.headers["ETag"] = entity_tag(document.version)
    return document


@router.post(
    "/brand-voice/{key}/preview",
    response_model=Listing,
    responses=problems(
        SettingsNotFound, ProductNotFound, ServiceUnavailable, ServiceAnswerInvalid, ServiceTimeout, DeadlineExceeded
    ),
)
async def preview_brand_voice(_: Editor, key: Key, body: PreviewRequest, request: Request) -> Listing | Response:
    """The listing that would be written now in this voice, saved or not. Nothing is stored."""
    state = request.app.state
    try:
        return await VoicePreview(state.sessions, state.services, state.health_monitor).write(key, body)
    except ServiceProblem as error:
        problem = error.problem.model_copy(update={"instance": request.url.path})
        headers = {} if error.retry_after_s is None else {"Retry-After": f"{error.retry_after_s:.0f}"}
        content = problem.model_dump_json(exclude_none=True)
        return Response(content, problem.status, headers, PROBLEM_MEDIA_TYPE)
