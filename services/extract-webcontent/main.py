"""`uvicorn main:app --port 8002`."""

from extract_webcontent.api import create_app

app = create_app()
