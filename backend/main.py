"""`uvicorn main:app --port 8000`, as for the other services."""

from app.main import app

__all__ = ["app"]
