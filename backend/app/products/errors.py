"""ProductNotFound (404) · SkuTaken, VariantTaken, ParentDeleted, StatusNotAllowed (409) · VariantInvalid,
AssigneeUnknown, BulkEditTooLarge (422) · BulkEditNotFound (404)
"""

from shared.utils.errors import AppError


class ProductNotFound(AppError):
    status, title = 404, "Product not found"


class SkuTaken(AppError):
    status, title = 409, "Another product has this SKU"


class VariantInvalid(AppError):
    status, title = 422, "This cannot be a variant"


class VariantTaken(AppError):
    status, title = 409, "Another variant has these options"


class ParentDeleted(AppError):
    status, title = 409, "The parent of this variant is deleted"


class StatusNotAllowed(AppError):
    status, title = 409, "The status cannot be changed now"


class AssigneeUnknown(AppError):
    status, title = 422, "There is no such user"


class BulkEditNotFound(AppError):
    status, title = 404, "No such bulk edit"


class BulkEditTooLarge(AppError):
    status, title = 422, "Too many products for one bulk edit"
