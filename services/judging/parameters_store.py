"""What was set for areas, in PostgreSQL: kept for ever, with who, why, and from when."""

from datetime import datetime

from services.audit import store as audit
from services.audit.record import Action, Entry
from services.db.connection import Connection
from services.judging import store as due
from services.rules.parameters import Setting, Settings, Value
from services.rules.words.times import Length


async def load(conn: Connection) -> Settings:
    """Return everything that was ever set, in order."""
    rows = await conn.fetch(
        """
        SELECT parameter_id, rule, name, area, value, since, taken_at, actor, reason FROM rule_parameters
        ORDER BY parameter_id
        """
    )
    return Settings(
        tuple(
            Setting(
                number=row["parameter_id"],
                rule=row["rule"],
                name=row["name"],
                area=row["area"],
                value=_value(row["value"]),
                since=row["since"],
                known=row["taken_at"],
                actor=row["actor"],
                reason=row["reason"],
            )
            for row in rows
        )
    )


def _value(written: str | None) -> Value | None:
    if written is None:
        return None
    return int(written) if written.isdigit() else Length.parse(written)


async def set_value(
    conn: Connection, rule: str, name: str, area: str, value: Value | None, *, since: datetime, actor: str, reason: str
) -> int:
    """Set a value for an area from a moment on (None: the rule's own again), and have everybody judged then; return its number.

    The caller has read the value by services.rules.parameters.read, which keeps the bounds.
    """
    written = None if value is None else str(value)
    number: int = await conn.fetchval(
        """
        INSERT INTO rule_parameters (rule, name, area, value, since, taken_at, actor, reason)
        VALUES ($1, $2, $3, $4, $5, domain_now(), $6, $7) RETURNING parameter_id
        """,
        rule,
        name,
        area,
        written,
        since,
        actor,
        reason,
    )
    await due.look_again(conn, since)
    details = {"rule": rule, "name": name, "area": area, "value": written, "since": since, "reason": reason}
    entry = Entry(actor, Action.ADMINISTRATION, "administration", "rules", f"rule-parameter:{number}", details)
    await audit.record(conn, [entry])
    return number
