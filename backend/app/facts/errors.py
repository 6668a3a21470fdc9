"""FactNotFound · ConflictNotFound · DecisionNotFound (404)

FactAlreadyThere · FactNotHandMade · FactChanged · ConflictChanged · TooManyDecisions (409)
"""

from shared.utils.errors import AppError


class FactNotFound(AppError):
    status, title = 404, "Fact not found"


class ConflictNotFound(AppError):
    status, title = 404, "Conflict not found"


class DecisionNotFound(AppError):
    status, title = 404, "Decision not found"


class FactAlreadyThere(AppError):
    status, title = 409, "A person has already stated this fact"


class FactNotHandMade(AppError):
    status, title = 409, "This fact was not made by hand"


class FactChanged(AppError):
    status, title = 409, "The fact was rejected meanwhile"


class ConflictChanged(AppError):
    status, title = 409, "The conflict has changed since you saw it"


class TooManyDecisions(AppError):
    status, title = 409, "The product has too many decisions"
