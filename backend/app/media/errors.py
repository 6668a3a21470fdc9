"""ImageNotFound (404) · MediumNotFound (404) · ImageAlreadyThere (409) · StorageUnavailable (503)"""

from shared.utils.errors import AppError


class ImageNotFound(AppError):
    status, title = 404, "Image not found"


class MediumNotFound(AppError):
    status, title = 404, "No such media file"


class ImageAlreadyThere(AppError):
    status, title = 409, "The product already has this image"


class StorageUnavailable(AppError):
    status, title = 503, "The store of the media files cannot be reached"
