"""Cursors of lists that go by id, newest first."""

import uuid

from app.common.paging import InvalidCursor, decode_cursor


def cursor_id(cursor: str | None) -> uuid.UUID | None:
    if cursor is None:
        return None
    (identifier,) = decode_cursor(cursor, 1)
    try:
        return uuid.UUID(str(identifier))
    except ValueError:
        raise InvalidCursor("Use next_cursor as it was given.") from None
