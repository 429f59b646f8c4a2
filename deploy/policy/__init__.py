"""Policy that ships with the product: sharing agreements and a sample directory, to be replaced by an installation's own."""

from pathlib import Path
from typing import Final

from services.directory import file
from services.directory.form import AgreementForm, DirectoryForm

FOLDER: Final = Path(__file__).parent
AGREEMENTS: Final = FOLDER / "agreements.yaml"
SAMPLE: Final = FOLDER / "directory.yaml"


def agreements() -> list[AgreementForm]:
    """Return the sharing agreements that ship with the product."""
    return list(file.read(AGREEMENTS).agreements)


def with_agreements(directory: DirectoryForm) -> DirectoryForm:
    """Return a directory with these agreements if it has none of its own: without any, nobody is shown anything."""
    return directory if directory.agreements else directory.model_copy(update={"agreements": agreements()})
