"""What the routes of this feature are given."""

from typing import Annotated

from fastapi import Depends, Request

from app.database import Session
from app.media.keeper import MediaKeeper
from app.media.service import MediaService


def get_service(session: Session, request: Request) -> MediaService:
    return MediaService(session, request.app.state.storage)


def get_keeper(request: Request) -> MediaKeeper:
    keeper: MediaKeeper = request.app.state.media_keeper
    return keeper


Media = Annotated[MediaService, Depends(get_service)]
Keeper = Annotated[MediaKeeper, Depends(get_keeper)]
