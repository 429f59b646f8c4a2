"""`tocsin rules parameters`: what local boards set for their areas."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table

from deploy.command.console import fail, out
from deploy.command.times import moment

if TYPE_CHECKING:
    from services.rules.load import Rules
    from services.rules.parameters import Settings, Value

REASON_CHARS: Final = 500
DEFAULT: Final = "default"

app: Final = typer.Typer(help="Thresholds and clocks of rules, set for an area.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Thresholds and clocks of rules, set for an area."""


@app.command("list")
def show(rule: Annotated[str | None, typer.Option(help="Of this rule only, such as R15.")] = None) -> None:
    """List what may be set, within which bounds, and everything that was ever set: by whom, why, from when."""
    from services.rules import parameters
    from services.rules.load import load_catalogue

    rules = load_catalogue()
    rule = rule and _existing(rule, rules)
    may = Table("Rule", "Parameter", "Own value", "May be", "What it is")
    for file in sorted((one.file for one in (*rules.live, *rules.others)), key=lambda file: file.id):
        for one in file.parameters if rule in (None, file.id) else ():
            may.add_row(file.id, one.name, str(parameters.default(file, one)), f"{one.least} to {one.most}", one.says)
    for one in parameters.LADDER_PARAMETERS if rule in (None, parameters.LADDER) else ():
        may.add_row(parameters.LADDER, one.name, str(one.most), f"{one.least} to {one.most}", one.says)
    out.print(may)
    settings = asyncio.run(_settings())
    were = Table("Rule", "Parameter", "Area", "Value", "From", "By", "Why")
    for each in settings.all:
        if rule in (None, each.rule):
            value = DEFAULT if each.value is None else str(each.value)
            were.add_row(
                each.rule, each.name, each.area, value, f"{each.since:%Y-%m-%d %H:%M}Z", each.actor, each.reason
            )
    out.print(were if settings.all else "Nothing was ever set: every rule's own values hold.")


@app.command("set")
def put(
    rule: Annotated[str, typer.Argument(help="A rule such as R15.")],
    name: Annotated[str, typer.Argument(help="One of its parameters, as `list` shows them.")],
    value: Annotated[str, typer.Argument(help='Such as "10 minutes" or 3; default: the rule\'s own again.')],
    area: Annotated[str, typer.Option(help="An area of the directory. Areas inside it are meant too.")],
    actor: Annotated[str, typer.Option(help="Who decided, for the audit: a board or a named role.")],
    reason: Annotated[str, typer.Option(help="Why, for the audit. No names.")],
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="In force from then on. Default: now.")
    ] = None,
) -> None:
    """Set a rule's threshold or clock for an area. Everybody is judged again when it comes into force."""
    from services.rules import parameters
    from services.rules.load import load_catalogue

    if not actor.strip() or not 1 <= len(reason.strip()) <= REASON_CHARS:
        fail(f"Say who decided, and why in 1 to {REASON_CHARS} characters.", code=2)
    rules = load_catalogue()
    rule = _existing(rule, rules)
    file = next((one.file for one in (*rules.live, *rules.others) if one.id == rule), None)
    declared = parameters.declared(file, rule)
    try:
        # The name is looked up too where the rule's own value is to hold again.
        wanted = declared[name].most if value == DEFAULT and name in declared else value
        read = parameters.read(declared, rule, name, str(wanted))
    except parameters.ParameterRefused as refused:
        fail(str(refused), code=2)
    chosen = None if value == DEFAULT else read
    at = asyncio.run(_put(rule, name, area, chosen, moment(since), f"operator:{actor.strip()}", reason.strip()))
    out.print(f"{rule} {name} for {area}: {value}, from {at:%Y-%m-%d %H:%M}Z on.")


def _existing(rule: str, rules: "Rules") -> str:
    from services.rules import parameters

    if rule.upper() not in {parameters.LADDER, *(one.id for one in (*rules.live, *rules.others))}:
        fail(f"There is no rule {rule}: `tocsin rules list` shows them.", code=2)
    return rule.upper()


async def _settings() -> "Settings":
    from deploy.command import here
    from services.judging import parameters_store

    async with here.transaction() as conn:
        return await parameters_store.load(conn)


async def _put(
    rule: str, name: str, area: str, value: "Value | None", since: datetime | None, actor: str, reason: str
) -> datetime:
    from deploy.command import here
    from services.db.clock_store import read_clock
    from services.directory import store as directories
    from services.judging import parameters_store

    async with here.transaction() as conn:
        areas = (await directories.load(conn)).areas
        if area not in areas:
            fail(f"The directory has no area {area}; it has {', '.join(sorted(areas)) or 'none'}.", code=2)
        now = (await read_clock(conn)).now
        if since is not None and since < now:
            fail("It cannot come into force in the past: what was judged was judged without it.", code=2)
        await parameters_store.set_value(conn, rule, name, area, value, since=since or now, actor=actor, reason=reason)
        return since or now
