"""The OpenAPI 3.1 document: what FastAPI finds out by itself, the two routes that are plain ASGI, and every refusal."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from gateway.problems import MEDIA_TYPE
from gateway.read import BATCH, JSON, STRUCTURED
from schemas.envelope import CloudEvent
from schemas.registry import EVENT_TYPES, wire_name
from services.settings import Settings

VERSION: Final = "1.0.0"
METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})
OPEN_PATHS: Final = frozenset({"/health/live", "/health/ready", "/oauth/token", "/.well-known/jwks.json"})
"""Without a bearer token."""

Json = dict[str, Any]

ABOUT: Final = """\
Agencies report events here, ask what became of them, and read and acknowledge the alerts that concern them.

Events are CloudEvents 1.0; `type` names one of the types under `examples`, whose JSON Schemas are published beside this
document. `source` and `id` name an event for ever: sending the same one again is safe, and is what to do after a 503 or a
lost connection. Every refusal is a problem (RFC 9457) whose `errors` name the field and the fix. Nothing is answered about
what a caller may not see: it is 404, whether it exists or not.
"""

REFUSALS: Final = {
    HTTPStatus.BAD_REQUEST: "Not JSON that we read.",
    HTTPStatus.UNAUTHORIZED: "No valid token.",
    HTTPStatus.FORBIDDEN: "The token does not permit this.",
    HTTPStatus.NOT_FOUND: "Not there, or not for this caller.",
    HTTPStatus.CONFLICT: "Contradicts what stands.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Over a limit.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Not a content type this route reads.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Does not fit: `errors` says what to change.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many at once. `Retry-After` says when to go on.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Kafka or PostgreSQL is away. Nothing was lost: repeat after `Retry-After`.",
}
EVERY_ROUTE: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)
EVENT_ROUTES: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)

ERRORS: Final[Json] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["pointer", "code", "detail"],
        "properties": {
            "pointer": {"type": "string", "description": "JSON pointer to the field; empty for the whole."},
            "code": {"type": "string", "description": "Stable, for programs."},
            "detail": {"type": "string", "description": "What to do, for people."},
        },
    },
}
WARNINGS: Final[Json] = {
    **ERRORS,
    "description": "Taken in all the same. `unlisted-word`: no rule reads this word, it may be a typing error. `time-ahead`: "
    "known or recorded later than it was received.",
}
PROBLEM: Final[Json] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:tocsin:problem:invalid-event"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": ERRORS,
    },
}
ACCEPTED: Final[Json] = {
    "type": "object",
    "required": ["receipt"],
    "properties": {
        "receipt": {"type": "string", "description": "For GET /v1/receipts/{receipt}."},
        "warnings": WARNINGS,
    },
}
BATCH_RESULT: Final[Json] = {
    "type": "object",
    "required": ["accepted", "refused", "results"],
    "properties": {
        "accepted": {"type": "integer"},
        "refused": {"type": "integer"},
        "results": {
            "type": "array",
            "description": "One for each event, in the order sent.",
            "items": {
                "type": "object",
                "required": ["status"],
                "properties": {
                    "status": {"type": "integer", "description": "202, or what the event alone would have got."},
                    "receipt": {"type": "string"},
                    "warnings": WARNINGS,
                    "problem": {"$ref": "#/components/schemas/Problem"},
                },
            },
        },
    },
}


def install(app: FastAPI, settings: Settings) -> None:
    """Make the app serve the document."""

    def document() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, settings)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way of extending it


def _document(app: FastAPI, settings: Settings) -> Json:
    found = get_openapi(title=app.title, version=VERSION, description=ABOUT, routes=app.routes)
    components = found["components"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["schemas"] |= {
        "Problem": PROBLEM,
        "Accepted": ACCEPTED,
        "BatchResult": BATCH_RESULT,
        "CloudEvent": _cloud_event(),
    }
    components["examples"] = {name: {"value": event} for name, event in _examples().items()}
    components["securitySchemes"] = {
        "token": {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": _token_url(settings), "scopes": _scopes()}},
        }
    }
    found["paths"] = {
        "/v1/events": {"post": _event_route("Report events", "events:write", settings)},
        "/v1/backfill": {
            "post": _event_route("Report history, which corroborates and never rings", "events:backfill", settings)
        },
        **found["paths"],
    }
    for path, item in found["paths"].items():
        for method in METHODS & item.keys():
            _add_refusals(item[method], path, method)
    return found


def _token_url(settings: Settings) -> str:
    return settings.token_issuer.rstrip("/") + "/oauth/token"


def _scopes() -> dict[str, str]:
    return {
        "events:write": "Report events and ask what became of them.",
        "events:backfill": "Report history.",
        "replay": "With a manual clock, say when an event was received.",
        "alerts:read": "Read alerts.",
        "alerts:acknowledge": "Acknowledge alerts.",
        "webhooks:manage": "Register and remove webhook endpoints.",
        "reviews:read": "See who might be who, as staff trained for it.",
        "reviews:decide": "Decide who is who.",
        "reviews:supervise": "Withdraw what others decided.",
        "identity:protected": "Say that an identity is sealed, see it, and link it: for the named role only.",
    }


def _cloud_event() -> Json:
    schema = CloudEvent.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["properties"]["type"] = {"enum": [wire_name(*key) for key in EVENT_TYPES]}
    schema["properties"]["data"] = {"type": "object", "description": "By its type: see the published JSON Schema."}
    return schema


def _examples() -> dict[str, Json]:
    """One whole event of each type, under the type's name."""
    return {
        wire_name(name, version): {
            "specversion": "1.0",
            "id": "2024-000123",
            "source": f"urn:tocsin:agency:{name.partition('.')[0]}-example",
            "type": wire_name(name, version),
            "time": "2024-03-04T10:05:00Z",
            "data": model.examples[0],
        }
        for (name, version), model in EVENT_TYPES.items()
    }


def _event_route(summary: str, scope: str, settings: Settings) -> Json:
    examples = {name: {"$ref": f"#/components/examples/{name}"} for name in _examples()}
    first = next(iter(_examples().values()))
    event = {"$ref": "#/components/schemas/CloudEvent"}
    return {
        "tags": ["events"],
        "summary": summary,
        "operationId": scope.replace(":", "_"),
        "description": (
            f"One event (`{STRUCTURED}`), a batch (`{BATCH}`), or binary mode: `{JSON}` with the envelope in `ce-` "
            "headers. 202 means that all in-sync replicas hold it. A batch is answered event by event: 202 if all were "
            "accepted, else 207."
        ),
        "security": [{"token": [scope]}],
        "parameters": [
            {
                "name": f"ce-{name}",
                "in": "header",
                "required": False,
                "description": "Binary mode only.",
                "schema": {"type": "string"},
            }
            for name in ("specversion", "id", "source", "type", "time", "subject")
        ],
        "requestBody": {
            "required": True,
            "content": {
                STRUCTURED: {"schema": event, "examples": examples},
                BATCH: {
                    "schema": {
                        "type": "array",
                        "items": event,
                        "minItems": 1,
                        "maxItems": settings.batch_limit_events,
                    },
                    "example": [first],
                },
                JSON: {"schema": {"type": "object"}, "example": first["data"]},
            },
        },
        "responses": {
            "202": {
                "description": "Accepted: on the bus.",
                "content": {
                    JSON: {
                        "schema": {
                            "anyOf": [
                                {"$ref": "#/components/schemas/Accepted"},
                                {"$ref": "#/components/schemas/BatchResult"},
                            ]
                        }
                    }
                },
            },
            "207": {
                "description": "A batch of which some were refused.",
                "content": {JSON: {"schema": {"$ref": "#/components/schemas/BatchResult"}}},
            },
            **_refused(EVENT_ROUTES),
        },
    }


def _add_refusals(operation: Json, path: str, method: str) -> None:
    if path in OPEN_PATHS:
        operation["responses"].pop("422", None)  # FastAPI's own form, which nothing here answers with
        return
    operation.setdefault("security", [{"token": []}])
    statuses = [*EVERY_ROUTE, HTTPStatus.SERVICE_UNAVAILABLE]
    if "{" in path:
        statuses.append(HTTPStatus.NOT_FOUND)
    if method == "post" and path != "/v1/webhook-endpoints/{endpoint}/secrets":
        statuses += [HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE]
    if method == "post" and (path == "/v1/webhook-endpoints" or path.startswith(("/v1/reviews/", "/v1/alerts/"))):
        statuses.append(HTTPStatus.CONFLICT)
    if "?" not in path and any(each["name"] == "agency" for each in operation.get("parameters", ())):
        statuses.append(HTTPStatus.NOT_FOUND)
    operation["responses"] |= _refused(statuses)


def _refused(statuses: Iterable[HTTPStatus]) -> Json:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        str(status.value): {"description": REFUSALS[status], "content": content} for status in sorted(set(statuses))
    }
