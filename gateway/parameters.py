"""Query parameters that a route does not have are refused, not passed over.

A misspelt `as_known_at` would be answered with what is known now, and a review would print it as what was knowable then.
"""

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant

from gateway.problems import InvalidRequest
from services.errors import Fault


def refuse_unknown(request: Request) -> None:
    """Say which parameters there are, by name, and never what was sent.

    Raises:
        InvalidRequest: the query names a parameter that this route does not have, or the same one twice.
    """
    known = set(_names(request.scope["route"].dependant))
    sent = [name for name, _ in request.query_params.multi_items()]
    if not set(sent) <= known:
        fix = f"Send only: {', '.join(sorted(known))}." if known else "Send none."
        raise InvalidRequest("A parameter is not known here.", faults=[Fault("query", "unknown-parameter", fix)])
    if len(sent) > len(set(sent)):
        raise InvalidRequest(
            "A parameter was sent twice.", faults=[Fault("query", "repeated-parameter", "Send each parameter once.")]
        )


def _names(dependant: Dependant) -> Iterator[str]:
    for each in dependant.query_params:
        yield each.alias
    for inner in dependant.dependencies:
        yield from _names(inner)
