"""SettingsNotFound (404) · SettingsVersionNotFound (404)"""

from shared.utils.errors import AppError


class SettingsNotFound(AppError):
    status, title = 404, "No such settings document"


class SettingsVersionNotFound(AppError):
    status, title = 404, "The settings document has no such version"
