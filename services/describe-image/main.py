"""`uvicorn main:app --port 8001`."""

from describe_image.api import create_app

app = create_app()
