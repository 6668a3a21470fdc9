from pydantic import Field

from shared.models.base import ResponseModel


class OrphansReport(ResponseModel):
    dry_run: bool
    photos: int = Field(default=0, description="Photos that no product shows and no listing refers to.")
    bytes: int = Field(default=0, description="Of their originals and renditions.")
    unknown_files: int = Field(default=0, description="Files in the storage that belong to no photo.")
    archives: int = Field(default=0, description="ZIP files of photo archives that have ended.")
    unfinished_files: int = Field(default=0, description="What interrupted uploads left behind.")
