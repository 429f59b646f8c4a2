"""The kind of model everything on the wire is: frozen, closed, strict."""

from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError


class Closed(BaseModel):
    """A frozen model that refuses fields it does not define and values of another type (no "5" for 5).

    Built on first use: two hundred event types would cost every command a second at start.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        defer_build=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
        regex_engine="rust-regex",
    )


FORMS: Final[dict[str, str]] = {}
"""Pattern -> how to write it, in words. Only patterns of our own are ever looked up."""


def written(pattern: str, how: str, *, most: int | None = None) -> StringConstraints:
    """Text of a form that `how` tells people in one sentence; at most so many characters."""
    FORMS[pattern] = how
    return StringConstraints(pattern=pattern, max_length=most)


def many(most: int, least: int = 0) -> Any:  # noqa: ANN401 - pydantic's own return type for Field
    """Bounds of a list. JSON lists become tuples, which strict mode would refuse without saying so."""
    return Field(strict=False, min_length=least, max_length=most)


def refusal(code: str, fix: str, within: str = "") -> PydanticCustomError:
    """An error that says what to do instead. Neither part may repeat what was sent.

    `within` names the part of the field that is wrong, where the field is read as a whole.
    """
    return PydanticCustomError("refused", "{fix}", {"code": code, "fix": fix, "within": within})
