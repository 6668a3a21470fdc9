"""Problems that only this service has.

AppError
├── NotEnoughFacts (422)      nothing that a listing could rest on
├── UnknownEngine (422)       the engine that was asked for does not exist here
└── EngineUnavailable (503)   it exists but cannot work now
"""

from shared.utils.errors import AppError, ServiceBusy


class NotEnoughFacts(AppError):
    status, title = 422, "There are not enough facts to write a listing"


class UnknownEngine(AppError):
    status, title = 422, "This engine is not known here"


class EngineUnavailable(ServiceBusy):
    title = "The engine is not available"
