"""What views say of the rules, for processes that judge nothing themselves."""

from services.disclosure.material import RuleInfo
from services.rules.load import Rules, load_catalogue


def of(rules: Rules) -> dict[str, RuleInfo]:
    """Return every rule's own words by its id, those not in force too: their alerts may still stand."""
    files = [rule.file for rule in (*rules.live, *rules.others)]
    return {file.id: RuleInfo(file.id, file.name, file.purpose, tuple(file.legal_basis)) for file in files}


def of_catalogue() -> dict[str, RuleInfo]:
    """As `of`, of the catalogue that came with this process."""
    return of(load_catalogue())
