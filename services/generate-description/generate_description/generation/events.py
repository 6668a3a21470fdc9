"""A listing as server-sent events: `delta` while it is written, then `listing` or `problem`."""

import asyncio
import json
from collections.abc import AsyncGenerator

import structlog

from generate_description.generation.service import Generator, Prepared
from shared.models.generate import Listing
from shared.utils.errors import AppError, DeadlineExceeded, InternalError
from shared.utils.request_context import remaining_seconds

log = structlog.get_logger(__name__)

KEEP_ALIVE_S = 15.0
LONGEST_S = 600.0
EARLIER_S = 0.5  # a stream says that it ran out of time before the connection is cut


async def listing_events(generator: Generator, prepared: Prepared) -> AsyncGenerator[str, None]:
    queue: asyncio.Queue[str] = asyncio.Queue()

    def on_delta(field: str, index: int | None, text: str) -> None:
        queue.put_nowait(event("delta", json.dumps({"field": field, "index": index, "text": text}, ensure_ascii=False)))

    async def write() -> str:
        try:
            async with asyncio.timeout(max(0.1, remaining_seconds(LONGEST_S) - EARLIER_S)):
                listing: Listing = await generator.generate(prepared, on_delta)
            return event("listing", listing.model_dump_json())
        except TimeoutError:
            return problem_event(DeadlineExceeded("The listing was not finished in time."))
        except AppError as error:
            return problem_event(error)
        except Exception as error:
            log.error("stream_failed", exc_info=error)
            return problem_event(InternalError("Something went wrong on our side; the log has the details."))

    async def write_and_queue() -> None:
        last = await write()
        queue.put_nowait(last)

    task = asyncio.create_task(write_and_queue())
    try:
        while True:
            try:
                item = await asyncio.wait_for(queue.get(), KEEP_ALIVE_S)
            except TimeoutError:
                yield ": keep-alive\n\n"
                continue
            yield item
            if item.startswith(("event: listing\n", "event: problem\n")):
                return
    finally:
        # A reader who left must not keep a model busy.
        task.cancel()


def problem_event(error: AppError) -> str:
    return event("problem", error.to_problem("/api/v1/generate").model_dump_json(exclude_none=True))


def event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"
