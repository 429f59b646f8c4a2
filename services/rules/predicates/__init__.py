"""What single rules need and the kinds cannot say: named, versioned, reviewed. Importing this package registers all."""

from services.rules.predicates import orders

__all__ = ["orders"]
