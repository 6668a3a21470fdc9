"""PhotoArchiveNotFound (404) · PhotoArchiveUnreadable (422) · PhotoArchiveNotReady (409)"""

from shared.utils.errors import AppError


class PhotoArchiveNotFound(AppError):
    status, title = 404, "Photo archive not found"


class PhotoArchiveUnreadable(AppError):
    status, title = 422, "The ZIP file cannot be used"


class PhotoArchiveNotReady(AppError):
    status, title = 409, "The photo archive is in another state"
