"""ImportNotFound (404) · ImportUnderWay (409) · ImportNotUnderWay (409) · ImportFileGone (410)

TableUnreadable (422): the file as a whole. What is wrong with single rows is no error: it is counted and listed.
"""

from shared.utils.errors import AppError


class ImportNotFound(AppError):
    status, title = 404, "Import not found"


class ImportUnderWay(AppError):
    status, title = 409, "The import is under way"


class ImportNotUnderWay(AppError):
    status, title = 409, "The import is not under way"


class ImportFileGone(AppError):
    status, title = 410, "The imported file is no longer kept"


class TableUnreadable(AppError):
    status, title = 422, "The file cannot be read as a table"
