"""Lost updates are refused: a write names the version that it was made from (`If-Match`)."""

from typing import Annotated

from fastapi import Header

from shared.utils.errors import AppError


class PreconditionRequired(AppError):
    status, title = 428, "Say which version you changed (If-Match)"


class PreconditionFailed(AppError):
    status, title = 412, "Somebody else changed it meanwhile"


IfMatch = Annotated[str | None, Header(alias="If-Match", description='The ETag that was read, e.g. `"3"`.')]


def entity_tag(version: int | str) -> str:
    return f'"{version}"'


def check_if_match(if_match: str | None, version: int | str) -> None:
    if if_match is None:
        raise PreconditionRequired("Send the ETag of the version that you read as If-Match.")
    tags = {tag.strip().removeprefix("W/") for tag in if_match.split(",")}
    if "*" not in tags and entity_tag(version) not in tags:
        raise PreconditionFailed(
            "Load it again, and make your change once more. Nothing was overwritten.", current_version=version
        )
