"""NotSignedIn (401) · RoleRequired (403) · CrossSiteRequest (403) · SignInLinkInvalid (401)"""

from shared.utils.errors import AppError


class NotSignedIn(AppError):
    status, title = 401, "Sign in first"


class RoleRequired(AppError):
    status, title = 403, "Your role does not allow this"


class CrossSiteRequest(AppError):
    status, title = 403, "The request came from another site"


class SignInLinkInvalid(AppError):
    status, title = 401, "The sign-in link is used up or too old"
