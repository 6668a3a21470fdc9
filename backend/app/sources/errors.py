"""SourceNotFound (404) · SourceAlreadyThere (409) · SnapshotNotFound (404)"""

from shared.utils.errors import AppError


class SourceNotFound(AppError):
    status, title = 404, "Source page not found"


class SourceAlreadyThere(AppError):
    status, title = 409, "The product already has this source page"


class SnapshotNotFound(AppError):
    status, title = 404, "No such snapshot"
