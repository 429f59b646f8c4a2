"""The development issuer: OAuth2 client credentials and its JWKS, as a real issuer offers them. Not there in production."""

import base64
import binascii
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

import orjson
from fastapi import APIRouter, Request, Response

from gateway.limits import SMALL_BODY_BYTES, read_body
from gateway.state import UseGateway
from services.clock import real_now
from services.issuer.store import CLIENT_ID, check_client

router = APIRouter(tags=["development issuer"])

NO_STORE: Final = {"cache-control": "no-store", "pragma": "no-cache"}  # RFC 6749, 5.1
FORM: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"const": "client_credentials"},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string"},
                        "scope": {
                            "type": "string",
                            "description": "Some of the client's scopes; all of them if absent.",
                        },
                    },
                }
            }
        },
    }
}


@router.post(
    "/oauth/token",
    openapi_extra=FORM,
    responses={
        HTTPStatus.BAD_REQUEST.value: {"description": "`invalid_request`, `invalid_scope` or `unsupported_grant_type`"},
        HTTPStatus.UNAUTHORIZED.value: {"description": "`invalid_client`"},
    },
)
async def token(request: Request, gateway: UseGateway) -> Response:
    """Give a token for a client id and secret, in the form or by HTTP Basic. Errors are those of RFC 6749, 5.2."""
    form = _form(await read_body(request.scope, request.receive, limit=SMALL_BODY_BYTES))
    if form is None or "grant_type" not in form:
        return _refused(HTTPStatus.BAD_REQUEST, "invalid_request")
    if form["grant_type"] != "client_credentials":
        return _refused(HTTPStatus.BAD_REQUEST, "unsupported_grant_type")
    basic = request.headers.get("authorization", "")
    client_id, secret = _basic(basic) if basic else (form.get("client_id", ""), form.get("client_secret", ""))
    client = None
    if CLIENT_ID.fullmatch(client_id):
        async with gateway.pool.acquire() as connection:
            client = await check_client(connection, client_id, secret)
    if client is None:
        return _refused(HTTPStatus.UNAUTHORIZED, "invalid_client")
    asked = form.get("scope", "").split() or list(client.scopes)
    if not set(asked) <= set(client.scopes):
        return _refused(HTTPStatus.BAD_REQUEST, "invalid_scope")
    assert gateway.issuer is not None, "this router is only there with the issuer"  # noqa: S101
    text, seconds = gateway.issuer.token(client, asked, real_now())
    body = {"access_token": text, "token_type": "Bearer", "expires_in": seconds, "scope": " ".join(asked)}
    return Response(orjson.dumps(body), headers=NO_STORE, media_type="application/json")


@router.get("/.well-known/jwks.json")
async def jwks(gateway: UseGateway) -> dict[str, Any]:
    """The public keys that tokens are checked with."""
    assert gateway.issuer is not None, "this router is only there with the issuer"  # noqa: S101
    return gateway.issuer.jwks()


def _form(body: bytes) -> dict[str, str] | None:
    """The fields of a form; None where it is none, or gives a field twice (RFC 6749, 3.2)."""
    try:
        pairs = parse_qsl(body.decode(), strict_parsing=True, errors="strict", max_num_fields=20)
    except ValueError:  # UnicodeDecodeError too
        return None
    form = dict(pairs)
    return form if len(form) == len(pairs) else None


def _basic(authorization: str) -> tuple[str, str]:
    """Id and secret of HTTP Basic, both form-encoded within (RFC 6749, 2.3.1); empty ones where it is not that."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        text = base64.b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError, ValueError):
        text = ""
    client_id, _, secret = text.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


_WHAT_TO_DO: Final = {
    "invalid_request": "Send a form with grant_type=client_credentials, client_id and client_secret, each once.",
    "unsupported_grant_type": "Use grant_type=client_credentials.",
    "invalid_client": "No such client, or not its secret: `tocsin clients add` or `rotate` gives one.",
    "invalid_scope": "Ask for scopes the client has, with spaces between, or leave scope out for all of them.",
}


def _refused(status: HTTPStatus, error: str) -> Response:
    headers = dict(NO_STORE)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = 'Basic realm="tocsin"'
    return Response(
        orjson.dumps({"error": error, "error_description": _WHAT_TO_DO[error]}), status, headers, "application/json"
    )
