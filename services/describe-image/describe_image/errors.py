"""What can go wrong in this service beyond shared.utils.errors, .images and .outbound.

AppError
├── UnsupportedMediaType (415)  the body is neither JSON nor multipart
├── EngineUnavailable (503)     the engine that was asked for by name is not set up here; waiting won't help
└── ImageNotFetched (502)       the image_url answered with something else than 200
"""

from shared.utils.errors import AppError
from shared.utils.outbound import OutboundError


class UnsupportedMediaType(AppError):
    status, title = 415, "The body has an unsupported type"


class EngineUnavailable(AppError):
    status, title = 503, "This engine is not available here"


class ImageNotFetched(OutboundError):
    status, title = 502, "The image could not be fetched"
