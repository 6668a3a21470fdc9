"""ProductNotFound (404) · SkuTaken (409)"""

from shared.utils.errors import AppError


class ProductNotFound(AppError):
    status, title = 404, "Product not found"


class SkuTaken(AppError):
    status, title = 409, "Another product has this SKU"
