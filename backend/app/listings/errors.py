"""ListingNotFound (404) · ClaimNotFound (404) · BulkNotFound (404)

ListingExists · ListingSuperseded · ListingNotReviewable · ListingNotChecked · ListingHasUnsupportedClaims ·
ClaimNotUnsupported · NothingToRestore · NothingToUndo (409)

CheckRefused (502): the service answered the check with a problem of its own.
"""

from shared.utils.errors import AppError


class ListingNotFound(AppError):
    status, title = 404, "Listing not found"


class ClaimNotFound(AppError):
    status, title = 404, "Claim not found"


class BulkNotFound(AppError):
    status, title = 404, "No such bulk approval"


class ListingExists(AppError):
    status, title = 409, "There already is a listing in this language"


class ListingSuperseded(AppError):
    status, title = 409, "A newer version took its place"


class ListingNotReviewable(AppError):
    status, title = 409, "This version is not up for review"


class ListingNotChecked(AppError):
    status, title = 409, "Its claims have not been checked yet"


class ListingHasUnsupportedClaims(AppError):
    status, title = 409, "Some of its claims have no support"


class ClaimNotUnsupported(AppError):
    status, title = 409, "There is nothing to overrule in this claim"


class NothingToRestore(AppError):
    status, title = 409, "It is the current version already"


class NothingToUndo(AppError):
    status, title = 409, "There is nothing to undo"


class CheckRefused(AppError):
    status, title = 502, "The check could not be made"
