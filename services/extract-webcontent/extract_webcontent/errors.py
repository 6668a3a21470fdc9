"""What can go wrong with a page, beside what the way to it can (shared.utils.outbound).

AppError
├── RobotsDisallowed (403)
├── UnsupportedPage (415)         an image, an archive, a scan without text …
├── PageTooComplex (422)          built to exhaust a parser, or as good as
├── PageUnavailable (502)         the page's own status is `upstream_status`
├── RenderingUnavailable (503)
└── ReadingTimeout (504)
"""

from shared.utils.errors import AppError


class RobotsDisallowed(AppError):
    status, title = 403, "The site's robots.txt does not allow this page"


class UnsupportedPage(AppError):
    status, title = 415, "This is not a web page that can be read"


class PageTooComplex(AppError):
    status, title = 422, "The page is too complex to be read safely"


class PageUnavailable(AppError):
    status, title = 502, "The page is not available"

    def __init__(self, upstream_status: int) -> None:
        super().__init__(f"The page answered {upstream_status}.", upstream_status=upstream_status)


class RenderingUnavailable(AppError):
    status, title = 503, "No browser is available to render the page"


class ReadingTimeout(AppError):
    status, title = 504, "The page could not be read in time"
