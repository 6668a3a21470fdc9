"""`uvicorn app.main:app --port 8000`"""

from app.api import create_app

app = create_app()
