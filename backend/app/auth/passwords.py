"""Passwords: how they are stored, and which ones are refused (NIST SP 800-63B: length and known ones, no recipes)."""

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from app.auth.errors import PasswordTooWeak
from shared.models.problems import InvalidField

MIN_LENGTH = 10
MAX_LENGTH = 1000
# OWASP's first choice for argon2id: as strong as 19 MiB and two passes, and one pass is over sooner. About 50 ms here.
MEMORY_KIB, PASSES, LANES = 47_104, 1, 1
# Memory of sign-ins under way is bounded by this, whatever comes in: 2 x 46 MiB.
AT_A_TIME = 2
COMMON_PASSWORDS = Path(__file__).with_name("common_passwords.txt")
# What somebody adds to a name is guessed after the name.
MIN_BEYOND_NAME = 6
MIN_DIFFERENT = 4

hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)
threads = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="argon2")


def normalised(password: str) -> str:
    """The same characters however a keyboard composed them."""
    return unicodedata.normalize("NFKC", password)


async def hash_password(password: str) -> str:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(threads, hasher.hash, normalised(password))


def verify(stored: str, password: str) -> bool:
    try:
        return hasher.verify(stored, normalised(password))
    except (VerificationError, InvalidHashError):
        return False


async def password_is_right(stored: str | None, password: str) -> bool:
    """Costs the same where there is nothing to compare with: time must not tell which accounts there are."""
    if stored is None:
        await hash_password(password)
        return False
    return await asyncio.get_running_loop().run_in_executor(threads, verify, stored, password)


def needs_rehash(stored: str) -> bool:
    """Made with other parameters than today's."""
    return hasher.check_needs_rehash(stored)


@cache
def common_passwords() -> frozenset[str]:
    lines = COMMON_PASSWORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def weakness(password: str, *, email: str, name: str) -> str | None:
    """Why the password is refused, as a sentence; None when it is accepted."""
    password = normalised(password)
    if len(password) < MIN_LENGTH:
        return f"Use at least {MIN_LENGTH} characters; a few words in a row are good."
    if len(password) > MAX_LENGTH:
        return f"Use at most {MAX_LENGTH} characters."
    folded = password.casefold()
    if folded in common_passwords() or folded.rstrip("0123456789!.?*#$") in common_passwords():
        return "This is one of the passwords that are tried first. Choose another."
    if len(set(folded)) < MIN_DIFFERENT or is_run(folded) or is_repetition(folded):
        return "This is a pattern that is tried first. Choose another."
    for own in {email.casefold(), email.partition("@")[0].casefold(), normalised(name).casefold()}:
        if len(own) >= MIN_DIFFERENT and own in folded and len(folded) - len(own) < MIN_BEYOND_NAME:
            return "It is the name or the email address with little added. Choose another."
    return None


def is_run(text: str) -> bool:
    """`abcdefghij`, `9876543210`."""
    steps = {ord(following) - ord(character) for character, following in pairwise(text)}
    return steps in ({1}, {-1})


def is_repetition(text: str) -> bool:
    """`abcabcabcabc`: found in itself before its end."""
    return len(text) // 2 >= (text + text).index(text, 1)


def check_strength(password: str, *, email: str, name: str, pointer: str = "#/password") -> None:
    reason = weakness(password, email=email, name=name)
    if reason is not None:
        raise PasswordTooWeak(reason, errors=[InvalidField(detail=reason, pointer=pointer)])
