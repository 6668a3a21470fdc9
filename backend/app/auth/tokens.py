"""Random secrets, of which the database keeps only the hash."""

import hashlib
import secrets

API_KEY_PREFIX = "oak_"


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def new_api_key() -> str:
    """With a prefix, so that scanners of leaked secrets (and people) see what it is."""
    return API_KEY_PREFIX + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    # The tokens have 256 random bits; a slow hash is for passwords that people choose.
    return hashlib.sha256(token.encode()).hexdigest()
