"""`uvicorn main:app --port 8003`"""

from generate_description.api import create_app

app = create_app()
