"""ExportNotFound (404) · ExportsBusy (503)"""

from shared.utils.errors import AppError


class ExportNotFound(AppError):
    status, title = 404, "Export not found"


class ExportsBusy(AppError):
    status, title = 503, "Too many exports at once"
