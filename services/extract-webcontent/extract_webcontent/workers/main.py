"""The reading process: takes one page after the other from standard input and answers on standard output."""

import contextlib
import ctypes
import logging
import os
import resource
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from extract_webcontent.decoding import decode_html
from extract_webcontent.pdf.reader import read_pdf
from extract_webcontent.pdf.words import PdfTooLarge, UnreadablePdf
from extract_webcontent.reading.prescan import MarkupTooComplex
from extract_webcontent.reading.reader import PageReading, read_page
from extract_webcontent.site_rules.rules import SiteRules
from extract_webcontent.workers.frames import LENGTH, ReadJob, ReadResult

PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


def read_exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data


def read_frame(stream: BinaryIO) -> bytes:
    return read_exactly(stream, LENGTH.unpack(read_exactly(stream, LENGTH.size))[0])


def write_frame(stream: BinaryIO, data: bytes) -> None:
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def limit_memory(mebibytes: int) -> None:
    size = mebibytes * 1024 * 1024
    with contextlib.suppress(ValueError, OSError):  # macOS knows no address space limit
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def allow_cpu(seconds: int) -> None:
    """This page's share; the kernel ends the process when it is spent."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, hard))


def die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def answer(job: ReadJob, body: bytes, site_rules: SiteRules | None = None) -> ReadResult:
    try:
        reading = read(job, body, site_rules)
    except UnreadablePdf as error:
        return ReadResult(failure="unsupported", detail=f"The PDF {error}.")
    except (MarkupTooComplex, PdfTooLarge) as error:
        return ReadResult(failure="too-complex", detail=str(error))
    except MemoryError:
        return ReadResult(failure="out-of-memory", detail="reading it needs too much memory")
    except Exception as error:
        logging.getLogger(__name__).exception("reading failed")
        return ReadResult(failure="broken", detail=type(error).__name__)
    return ReadResult(
        title=reading.title,
        language=reading.language,
        main_text=reading.main_text,
        snapshot=reading.snapshot,
        product=reading.product,
        facts=reading.facts,
        blocked=reading.blocked,
        cpu_s=reading.cpu_s,
    )


def read(job: ReadJob, body: bytes, site_rules: SiteRules | None) -> PageReading:
    if job.kind == "pdf":
        return read_pdf(body, url=job.url, ref=job.ref, want_main_text=job.want_main_text)
    html = body.decode("utf-8", "replace") if job.is_utf8 else decode_html(body, job.content_type)
    return read_page(html, url=job.url, ref=job.ref, want_main_text=job.want_main_text, site_rules=site_rules)


def main() -> None:
    memory_mb, cpu_s = (int(argument) for argument in sys.argv[1:3])
    site_rules = SiteRules.load(Path(sys.argv[3])) if len(sys.argv) > 3 else None
    die_with_parent()
    # Ctrl-C goes to the whole terminal group; the service ends us by closing our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    limit_memory(memory_mb)
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # A library that prints must not write into an answer.
    os.dup2(2, 1)
    write_frame(answers, b"ready")
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            job = ReadJob.model_validate_json(read_frame(requests))
            body = read_frame(requests)
            allow_cpu(cpu_s)
            write_frame(answers, answer(job, body, site_rules).model_dump_json().encode())


if __name__ == "__main__":
    main()
