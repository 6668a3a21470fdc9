"""CommentNotFound (404) · NotYourComment (403)"""

from shared.utils.errors import AppError


class CommentNotFound(AppError):
    status, title = 404, "Comment not found"


class NotYourComment(AppError):
    status, title = 403, "The comment is somebody else's"
