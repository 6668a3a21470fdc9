"""A brand voice tried out: the text that would be written now. Nothing is stored, in the database or as a version."""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Sessions
from app.enrichment.repository import RunRepository
from app.enrichment.steps import hash_of
from app.enrichment.writing import Wishes, Writing, writing_for
from app.gateway.errors import ServiceAnswerInvalid
from app.gateway.health import HealthMonitor
from app.gateway.services import ServiceProblem, Services
from app.settings_store.schemas import BrandVoiceDocument
from app.settings_store.texts import Line
from shared.models.base import Language, RequestModel
from shared.models.generate import GenerateEngine, Listing

# What a route with this preview documents; anything else that the service says is between it and us.
PASSED_ON = frozenset({422, 503, 504})


class PreviewRequest(RequestModel):
    """`voice`: a draft that need not be saved; without it the saved voice is tried."""

    product_id: uuid.UUID
    language: Language = "en"
    ui_language: Language = "en"
    engine: GenerateEngine = "auto"
    model: Line | None = None
    voice: BrandVoiceDocument | None = None


class VoicePreview:
    def __init__(self, sessions: Sessions, services: Services, monitor: HealthMonitor) -> None:
        self.sessions = sessions
        self.services = services
        self.monitor = monitor

    async def write(self, key: str, body: PreviewRequest) -> Listing:
        """Raises ProductNotFound, SettingsNotFound, ServiceProblem, ServiceUnavailable, ServiceTimeout and
        ServiceAnswerInvalid."""
        engines = sorted((each.name, each.model or "") for each in self.monitor.engines("generate-description"))
        # No session is held while a model writes.
        async with self.sessions() as session:
            writing = await self._prepare(session, key, body, [name for name, _ in engines])
        # The same asked twice, as by a double click, is written once.
        once = f"preview:{hash_of(writing.request.model_dump(mode='json'), engines)}"
        try:
            return await self.services.generate(writing.request, once)
        except ServiceProblem as error:
            if error.problem.status in PASSED_ON:
                raise
            raise ServiceAnswerInvalid(f"generate-description answered {error.problem.status}: {error}") from error

    async def _prepare(
        self, session: AsyncSession, key: str, body: PreviewRequest, ready_engines: list[str]
    ) -> Writing:
        runs = RunRepository(session)
        described = []
        for run in await runs.newest([body.product_id]):
            described = [step.result for step in await runs.steps(run.id) if step.key.startswith("describe:")]
        wishes = Wishes(
            language=body.language,
            ui_language=body.ui_language,
            engine=body.engine,
            model=body.model,
            brand_voice=key,
            draft_voice=body.voice,
        )
        return await writing_for(session, body.product_id, [each for each in described if each], wishes, ready_engines)
