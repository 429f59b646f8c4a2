"""What single rules need and the kinds cannot say: named, versioned, reviewed. Importing this package registers all."""

from services.rules.predicates import (
    borders,
    checks,
    contact,
    disclosures,
    identified,
    orders,
    questions,
    records,
    visitors,
)

__all__ = ["borders", "checks", "contact", "disclosures", "identified", "orders", "questions", "records", "visitors"]
