"""The gateway's routes take bytes, so their bodies' schemas are added to the OpenAPI document here."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from app.gateway.routes import GATEWAY_BODIES


def document_gateway_bodies(app: FastAPI) -> None:
    original = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = original()
            _, definitions = models_json_schema(
                [(model, "validation") for model in GATEWAY_BODIES], ref_template="#/components/schemas/{model}"
            )
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for name, schema in definitions.get("$defs", {}).items():
                schemas.setdefault(name, schema)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
