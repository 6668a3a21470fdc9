"""ImageDownloadNotFound (404)"""

from shared.utils.errors import AppError


class ImageDownloadNotFound(AppError):
    status, title = 404, "Image download not found"
