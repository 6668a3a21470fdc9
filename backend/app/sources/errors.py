"""SourceNotFound (404) · SourceAlreadyThere (409) · SnapshotNotFound (404)

PageWithoutProduct (422) · PageBlocked (422): what is wrong with a page that could be fetched; shown with the source.
"""

from shared.utils.errors import AppError


class SourceNotFound(AppError):
    status, title = 404, "Source page not found"


class SourceAlreadyThere(AppError):
    status, title = 409, "The product already has this source page"


class SnapshotNotFound(AppError):
    status, title = 404, "No such snapshot"


class PageWithoutProduct(AppError):
    status, title = 422, "No product was found on the page"


class PageBlocked(AppError):
    status, title = 422, "The page does not show itself to programs"
