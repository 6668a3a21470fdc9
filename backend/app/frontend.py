"""The built web app on the backend's own port: hashed assets for ever, the page itself never from a cache."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from shared.utils.errors import NotFound

# The app asks no host but its own; styles are inlined by the component library's transitions.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Orchestrating AI Models</title>
<p>The API is running. The web app is not built; <code>./orchestrate up</code> builds and serves it.
<p>La API está en marcha. La aplicación web no está construida; <code>./orchestrate up</code> la construye."""


class ImmutableFiles(StaticFiles):
    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def add_frontend(app: FastAPI, folder: Path | None) -> None:
    page = folder / "index.html" if folder else None
    # Listed once: no path of a request ever reaches the file system.
    root_files = {file.name for file in folder.iterdir() if file.is_file()} if folder and folder.is_dir() else set()
    if folder and (folder / "assets").is_dir():
        app.mount("/assets", ImmutableFiles(directory=folder / "assets"))

    @app.get("/{path:path}", include_in_schema=False)
    async def web_app(path: str, request: Request) -> Response:
        """Every other path is one of the app's own pages; what looks like an API or a file is not found."""
        if path.startswith(("api/", "media/", "assets/")):
            raise NotFound(f"There is nothing at /{path}.")
        if "." in path.rsplit("/", 1)[-1]:
            if folder is None or path not in root_files:
                raise NotFound(f"There is nothing at /{path}.")
            return FileResponse(folder / path, headers={"X-Content-Type-Options": "nosniff"})
        if page is None or not page.is_file():
            return HTMLResponse(NOT_BUILT, headers=PAGE_HEADERS)
        return FileResponse(page, headers=PAGE_HEADERS, media_type="text/html")
