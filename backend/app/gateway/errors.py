"""ServiceUnavailable (503) · ServiceTimeout (504) · ServiceAnswerInvalid (502)"""

from shared.utils.errors import AppError


class ServiceUnavailable(AppError):
    status, title = 503, "A service is not available"

    def __init__(self, detail: str, *, service: str, retry_after_s: int = 5) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)}, service=service)


class ServiceTimeout(AppError):
    status, title = 504, "A service did not answer in time"


class ServiceAnswerInvalid(AppError):
    status, title = 502, "A service gave an answer that does not fit its contract"
