"""Requests for disclosure in PostgreSQL."""

from datetime import datetime
from uuid import UUID

from services.audit import store as audit
from services.audit.record import Action, Entry
from services.db.connection import Connection
from services.disclosure.request import Answer, Asked


async def keep(conn: Connection, asked: Asked, answer: Answer, *, at: datetime, actor: str) -> UUID:
    """Keep a request with its answer, whatever it was, and write it down; return its number."""
    number: UUID = await conn.fetchval(
        """
        INSERT INTO disclosure_requests
            (agency, thing, purpose, legal_basis, event_types, answer, reason, agreements, asked_at, actor)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING request_id
        """,
        asked.agency,
        asked.thing,
        asked.purpose,
        asked.legal_basis,
        sorted({kind for _, kind in asked.kinds}),
        answer.verdict.value,
        answer.reason,
        list(answer.agreements),
        at,
        actor,
    )
    details = {"answer": answer.verdict, "reason": answer.reason, "agreements": answer.agreements, "about": asked.thing}
    thing = f"disclosure-request:{number}"
    await audit.record(conn, [Entry(actor, Action.DECISION, asked.purpose, asked.legal_basis, thing, details)], at=at)
    return number
