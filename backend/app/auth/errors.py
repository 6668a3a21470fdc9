"""What sign-in, users and keys refuse.

NotSignedIn · InvalidCredentials · SignInLinkInvalid · PasswordResetInvalid · InvitationInvalid (401)
RoleRequired · ScopeRequired · CrossSiteRequest · SessionRequired · WrongCurrentPassword (403)
UserNotFound · InvitationNotFound · ApiKeyNotFound · SessionNotFound (404)
EmailTaken · AlreadyInvited · LastAdministrator · UserInactive (409)
PasswordTooWeak · ScopeNotAllowed (422)
TooManyAttempts (429)
"""

from shared.utils.errors import AppError


class NotSignedIn(AppError):
    status, title = 401, "Sign in first"


class InvalidCredentials(AppError):
    status, title = 401, "Email address or password is not right"


class SignInLinkInvalid(AppError):
    status, title = 401, "The sign-in link is used up or too old"


class PasswordResetInvalid(AppError):
    status, title = 401, "The link for a new password is used up or too old"


class InvitationInvalid(AppError):
    status, title = 401, "The invitation is used up, withdrawn or too old"


class RoleRequired(AppError):
    status, title = 403, "Your role does not allow this"


class ScopeRequired(AppError):
    status, title = 403, "The API key does not allow this"


class CrossSiteRequest(AppError):
    status, title = 403, "The request came from another site"


class SessionRequired(AppError):
    status, title = 403, "Only a person who is signed in can do this"


class WrongCurrentPassword(AppError):
    status, title = 403, "The current password is not right"


class UserNotFound(AppError):
    status, title = 404, "User not found"


class InvitationNotFound(AppError):
    status, title = 404, "Invitation not found"


class ApiKeyNotFound(AppError):
    status, title = 404, "API key not found"


class SessionNotFound(AppError):
    status, title = 404, "Session not found"


class EmailTaken(AppError):
    status, title = 409, "There is a user with this email address"


class AlreadyInvited(AppError):
    status, title = 409, "There is an open invitation for this email address"


class LastAdministrator(AppError):
    status, title = 409, "This is the last administrator who can sign in"


class UserInactive(AppError):
    status, title = 409, "The user is deactivated"


class PasswordTooWeak(AppError):
    status, title = 422, "The password is too easy to guess"


class ScopeNotAllowed(AppError):
    status, title = 422, "The key cannot have this scope"


class TooManyAttempts(AppError):
    status, title = 429, "Too many attempts"

    def __init__(self, retry_after_s: int) -> None:
        wait = f"{retry_after_s} seconds" if retry_after_s < 120 else f"{-(-retry_after_s // 60)} minutes"
        super().__init__(
            f"Try again in {wait}. Nothing is locked for good.", headers={"Retry-After": str(retry_after_s)}
        )
