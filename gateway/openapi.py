"""The OpenAPI 3.1 document."""

from fastapi import FastAPI

VERSION = "0.1.0"


def install(app: FastAPI) -> None:
    """Make the app serve the document."""
