"""Addresses under which shops fetch images without signing in: signed, so that nobody can walk through the photos.

They stay valid: a shop may fetch an image again at any time. A new key in `media_signing_key` ends all of them.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.media.files import EXTENSIONS, ORIGINAL, rendition_file_name

PATH = "/public-media"
SIGNED = re.compile(r"(?:/.*)?/public-media/([A-Za-z0-9_-]{22})/([0-9a-f]{64})/[a-z0-9.]{1,20}")
OWN = re.compile(r"/media/([0-9a-f]{64})/(?:original|\d{1,4}\.webp)")
SIGNATURE_BYTES = 16


@dataclass(frozen=True, slots=True)
class PublicMedia:
    """`base_url` is where the outside reaches this backend; None: it does not."""

    base_url: str | None
    key: bytes = field(repr=False)

    def signature(self, sha256: str) -> str:
        digest = hmac.digest(self.key, sha256.encode(), hashlib.sha256)[:SIGNATURE_BYTES]
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def is_signed(self, sha256: str, signature: str) -> bool:
        return hmac.compare_digest(self.signature(sha256).encode(), signature.encode("utf-8", "replace"))

    def url(self, sha256: str, size: int | None, image_format: str = "WEBP") -> str | None:
        """Of a rendition, or with None as size of the original in its format. None without a public address."""
        if self.base_url is None:
            return None
        name = f"{ORIGINAL}.{EXTENSIONS[image_format]}" if size is None else rendition_file_name(size)
        return f"{self.base_url.rstrip('/')}{PATH}/{self.signature(sha256)}/{sha256}/{name}"

    def resolve(self, url: str) -> str | None:
        """The hash of the image, where the URL is one of ours: whatever host it names, the signature proves it."""
        if own := OWN.fullmatch(url):
            return own[1]
        try:
            path = urlsplit(url).path
        except ValueError:
            return None
        signed = SIGNED.fullmatch(path)
        return signed[2] if signed and self.is_signed(signed[2], signed[1]) else None
