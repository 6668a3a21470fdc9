"""Problems that only this service has.

AppError
├── NotEnoughFacts (422)      nothing that a listing could rest on
└── UnknownEngine (422)       the engine that was asked for does not exist here
"""

from shared.utils.errors import AppError


class NotEnoughFacts(AppError):
    status, title = 422, "There are not enough facts to write a listing"


class UnknownEngine(AppError):
    status, title = 422, "This engine is not known here"
