"""Limits on attempts, counted in PostgreSQL so that they hold over all replicas and restarts.

An attempt is counted before it is made, in a transaction of its own: of many at once none slips through, and a refusal
that rolls back its request does not take the count with it. After the free ones each further attempt has to wait twice
as long as the one before, up to the limit's longest wait.

Nobody can be locked out by somebody else for good: the hard limit is for one address at one account, an account alone
is only slowed down, and a browser that has signed in before (it holds a device cookie) is counted on its own.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.errors import TooManyAttempts
from app.auth.models import Throttle
from app.database import Sessions
from shared.models.base import now

REMEMBERED = timedelta(days=1)
# 2^20 first waits are longer than any longest wait; more would overflow an interval.
MAX_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Limit:
    free: int
    first_wait: timedelta
    longest_wait: timedelta


AT_ACCOUNT = Limit(free=5, first_wait=timedelta(seconds=30), longest_wait=timedelta(minutes=15))
"""One address at one account: typing errors are free, guessing is hopeless (about a hundred attempts a day)."""
OF_ADDRESS = Limit(free=40, first_wait=timedelta(seconds=5), longest_wait=timedelta(minutes=15))
"""One address at any accounts: an office behind one address may err, spraying one password over many may not."""
OF_ACCOUNT = Limit(free=50, first_wait=timedelta(seconds=1), longest_wait=timedelta(seconds=30))
"""All addresses at one account: slows a botnet down to what a password of ten characters withstands."""
OF_DEVICE = AT_ACCOUNT
RESETS_OF_ADDRESS = Limit(free=20, first_wait=timedelta(minutes=1), longest_wait=timedelta(hours=1))
RESETS_OF_ACCOUNT = Limit(free=3, first_wait=timedelta(minutes=5), longest_wait=timedelta(hours=1))
"""So that nobody's mailbox is flooded with our mails."""


@dataclass(frozen=True, slots=True)
class Counter:
    key: str
    limit: Limit


def counter(limit: Limit, *parts: str) -> Counter:
    return Counter(hashlib.sha256("\x00".join(parts).encode()).hexdigest(), limit)


def network(address: str) -> str:
    """An IPv6 customer has a whole /64 to send from: it counts as one address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def sign_in_counters(address: str, email: str, device: str | None) -> list[Counter]:
    if device is not None:
        return [counter(OF_DEVICE, "sign-in-device", device)]
    near = network(address)
    return [
        counter(AT_ACCOUNT, "sign-in", near, email),
        counter(OF_ADDRESS, "sign-in-address", near),
        counter(OF_ACCOUNT, "sign-in-account", email),
    ]


def reset_counters(address: str, email: str) -> list[Counter]:
    return [
        counter(RESETS_OF_ADDRESS, "reset-address", network(address)),
        counter(RESETS_OF_ACCOUNT, "reset-account", email),
    ]


async def count(sessions: Sessions, counters: list[Counter]) -> None:
    """Count one attempt on each, or raise TooManyAttempts and count none."""
    async with sessions.begin() as session:
        # In one order, so that two requests never wait for each other.
        for each in sorted(counters, key=lambda each: each.key):
            blocked_until = await count_one(session, each, now())
            if blocked_until is not None:
                raise TooManyAttempts(max(1, ceil((blocked_until - now()).total_seconds())))


async def count_one(session: AsyncSession, each: Counter, at: datetime) -> datetime | None:
    limit = each.limit
    forgotten = Throttle.last_at < at - REMEMBERED
    attempts = case((forgotten, 1), else_=Throttle.attempts + 1)
    doublings = func.least(attempts - limit.free, MAX_DOUBLINGS)
    seconds = func.least(limit.first_wait.total_seconds() * func.pow(2, doublings), limit.longest_wait.total_seconds())
    wait = func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    counted = await session.scalar(
        insert(Throttle)
        .values(key=each.key, attempts=1, last_at=at)
        .on_conflict_do_update(
            index_elements=[Throttle.key],
            set_={
                "attempts": attempts,
                "last_at": at,
                "blocked_until": case((attempts >= limit.free, at + wait), else_=None),
            },
            where=(Throttle.blocked_until.is_(None)) | (Throttle.blocked_until <= at),
        )
        .returning(Throttle.attempts)
    )
    if counted is not None:
        return None
    row = await session.get_one(Throttle, each.key)
    return row.blocked_until or at


async def forgive(session: AsyncSession, counters: list[Counter]) -> None:
    """The attempt was right. What others did at the account or from the address stays counted."""
    for each in sorted(counters, key=lambda each: each.key):
        if each.limit is AT_ACCOUNT:
            await session.execute(delete(Throttle).where(Throttle.key == each.key))
        else:
            await session.execute(
                update(Throttle)
                .where(Throttle.key == each.key)
                .values(attempts=func.greatest(Throttle.attempts - 1, 0), blocked_until=None)
            )


async def forget(session: AsyncSession) -> None:
    """Delete what no longer counts; what somebody is counting on right now is left for the next time."""
    old = select(Throttle.key).where(Throttle.last_at < now() - REMEMBERED).with_for_update(skip_locked=True)
    await session.execute(delete(Throttle).where(Throttle.key.in_(old)))
