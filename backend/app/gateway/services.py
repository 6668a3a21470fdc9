"""The three services by name, and typed calls to them for the worker."""

import re
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
from pydantic import BaseModel, ValidationError

from app.gateway.client import ServiceAnswer, ServiceClient
from app.gateway.errors import ServiceAnswerInvalid
from app.settings import Settings
from shared.models.describe import DescribeRequest, DescribeResponse
from shared.models.extract import ExtractRequest, ExtractResponse
from shared.models.generate import CheckRequest, CheckResponse, GenerateRequest, Listing
from shared.models.problems import Problem

Answer = TypeVar("Answer", bound=BaseModel)

# An escape that begins a character: an even number of backslashes stands before it.
ESCAPED_NUL = re.compile(rb"((?<!\\)(?:\\\\)*)\\u0000")


class ServiceProblem(Exception):
    """A service answered with a problem; `retry_after_s` where it asks to come again."""

    def __init__(self, problem: Problem, retry_after_s: float | None) -> None:
        super().__init__(problem.detail or problem.title)
        self.problem = problem
        self.retry_after_s = retry_after_s


def to_problem(answer: ServiceAnswer, service: str) -> Problem:
    try:
        return Problem.model_validate_json(answer.content)
    except ValidationError:
        return ServiceAnswerInvalid(f"{service} answered {answer.status} without saying why.").to_problem()


def without_nul(content: bytes) -> bytes:
    """JSON with U+FFFD for the NUL characters of a hostile page: PostgreSQL cannot hold them, and offsets stay."""
    return ESCAPED_NUL.sub(rb"\1\\ufffd", content) if b"\\u0000" in content else content


@dataclass(slots=True)
class Services:
    describe_image: ServiceClient
    extract_webcontent: ServiceClient
    generate_description: ServiceClient

    @classmethod
    def from_settings(cls, settings: Settings, http: aiohttp.ClientSession) -> "Services":
        def client(name: str, urls: str) -> ServiceClient:
            return ServiceClient(name, urls, http, settings.service_token, settings.default_deadline_s)

        return cls(
            client("describe-image", settings.describe_image_service_url),
            client("extract-webcontent", settings.extract_webcontent_service_url),
            client("generate-description", settings.generate_description_service_url),
        )

    @property
    def all(self) -> tuple[ServiceClient, ServiceClient, ServiceClient]:
        return self.describe_image, self.extract_webcontent, self.generate_description

    async def describe(self, body: DescribeRequest, key: str) -> DescribeResponse:
        return await self._call(self.describe_image, "/api/v1/describe", body, key, DescribeResponse)

    async def extract(self, body: ExtractRequest, key: str) -> ExtractResponse:
        return await self._call(self.extract_webcontent, "/api/v1/extract", body, key, ExtractResponse)

    async def generate(self, body: GenerateRequest, key: str) -> Listing:
        return await self._call(self.generate_description, "/api/v1/generate", body, key, Listing)

    async def check(self, body: CheckRequest, key: str) -> CheckResponse:
        return await self._call(self.generate_description, "/api/v1/check", body, key, CheckResponse)

    @staticmethod
    async def _call(client: ServiceClient, path: str, body: BaseModel, key: str, kind: type[Answer]) -> Answer:
        """Raises ServiceProblem, ServiceUnavailable, ServiceTimeout, ServiceAnswerInvalid."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        content = body.model_dump_json(exclude_none=True).encode()
        answer = await client.post(path, content, headers)
        if answer.status >= 400:
            after = answer.headers.get("retry-after", "")
            raise ServiceProblem(to_problem(answer, client.name), float(after) if after.isdecimal() else None)
        try:
            return kind.model_validate_json(without_nul(answer.content))
        except ValidationError as error:
            raise ServiceAnswerInvalid(
                f"{client.name} answered something else than a {kind.__name__}: {error.error_count()} fields are wrong."
            ) from error
