"""RunNotFound (404) · RunNotActive (409) · NothingToRetry (409)"""

from shared.utils.errors import AppError


class RunNotFound(AppError):
    status, title = 404, "Run not found"


class RunNotActive(AppError):
    status, title = 409, "The run has already ended"


class NothingToRetry(AppError):
    status, title = 409, "Nothing of this run needs to be done again"
