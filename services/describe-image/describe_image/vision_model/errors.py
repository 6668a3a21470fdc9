"""What a vision model can get wrong.

VisionModelFailed (502)      no usable answer: prose, nothing, the same words over and over, a refused request
├── VisionModelRefusedKey    its key is not accepted; asking again won't help
└── VisionModelLeft          the connection broke, or the server failed
VisionModelBusy (503)        still loading, or full; carries Retry-After
"""

from shared.utils.errors import AppError, ServiceBusy


class VisionModelFailed(AppError):
    status, title = 502, "The vision model gave no usable answer"


class VisionModelRefusedKey(VisionModelFailed):
    status, title = 502, "The vision model's server refuses our key"


class VisionModelLeft(VisionModelFailed):
    status, title = 502, "The vision model's server broke off"


class VisionModelBusy(ServiceBusy):
    status, title = 503, "The vision model is not ready yet"
