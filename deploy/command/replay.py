"""`tocsin replay`: a case, through the real gateway, to the minute."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer
from rich.markup import escape

from deploy.command.console import fail, out, steps
from deploy.command.processes import wants_embedded

if TYPE_CHECKING:
    from deploy.cases.load import Case
    from deploy.replay.run import Plan

WRONG: Final = 2
"""Exit status where the case file or a choice is wrong."""
UNFINISHED: Final = 3
"""Exit status of a replay that could not be brought to its end, which is not one that went otherwise than expected."""
INTERRUPTED: Final = 130
"""Exit status of whoever is stopped by Ctrl-C, as shells have it."""


def replay(
    case: Annotated[str, typer.Argument(help="A case file, or the name of one that comes with Tocsin.")] = "birmingham",
    variant: Annotated[
        str, typer.Option(help="as-known, as-recorded, or the name of a variant in the file.")
    ] = "as-known",
    employer_housing: Annotated[
        str | None,
        typer.Option("--employer-housing", metavar="on|off", help="Short for --switch employer-housing=on|off."),
    ] = None,
    switch: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=on|off", help="Turn a switch of the variants on or off (default: on)."),
    ] = None,
    *,
    embedded: Annotated[
        bool | None,
        typer.Option("--embedded/--own-servers", help="Throw-away embedded servers, or those of the environment."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome for machines, and nothing else.")] = False,
    scramble: Annotated[
        int | None, typer.Option(metavar="SEED", help="Post everything in a random order, received as in the file.")
    ] = None,
    twice: Annotated[bool, typer.Option("--twice", help="With --scramble: post every event twice.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only check the case file.")] = False,
    in_memory: Annotated[
        bool, typer.Option("--in-memory", help="Without servers, in seconds: what rings, but no desks and no calls.")
    ] = False,
) -> None:
    """Post CASE event by event, play its desks, print what rang, and compare it with what the file expects.

    Exit status 0: as expected. 1: something was not. 2: the case file or a choice is wrong. 3: it could not be brought
    to its end. It leaves nothing running.
    """
    from deploy.cases.load import CaseRefused, load, own_cases, unlisted_words
    from deploy.replay import machine
    from deploy.replay.run import Plan

    try:
        found = load(case)
    except CaseRefused as refused:
        if as_json:
            sys.stdout.write(machine.refusal(case, refused) + "\n")
        fail(str(refused), code=WRONG)
    except FileNotFoundError:
        _refuse(case, f"{case}: no such file, and no case of ours ({', '.join(own_cases())})", as_json=as_json)
    except OSError as error:
        _refuse(case, f"{case}: {error.strerror}", as_json=as_json)
    except UnicodeDecodeError:
        _refuse(case, f"{case}: is not text in UTF-8", as_json=as_json)
    if check:
        right = f"{case} is right: {len(found.rows)} rows, variants {', '.join(found.variants)}."
        if not as_json:
            for word in unlisted_words(found):
                out.print(f"[yellow]warning[/yellow] {escape(word)}", soft_wrap=True)
        sys.stdout.write(machine.right(case) + "\n") if as_json else out.print(right)
        return
    switches = [*(switch or ()), *([f"employer-housing={employer_housing}"] if employer_housing else ())]
    try:
        label = _label(found, variant, switches)
    except KeyError as error:
        _refuse(case, str(error.args[0]), as_json=as_json)
    if twice and scramble is None:
        _refuse(case, "--twice goes with --scramble.", as_json=as_json)
    if in_memory and scramble is not None:
        _refuse(case, "--scramble needs the real pipeline.", as_json=as_json)
    use_embedded = wants_embedded() if embedded is None else embedded
    plan = Plan(
        found, label, embedded=use_embedded, as_json=as_json, scramble=scramble, times=1 + twice, in_memory=in_memory
    )
    sys.exit(asyncio.run(_replay(plan)))


def _refuse(case: str, reason: str, *, as_json: bool) -> NoReturn:
    from deploy.replay import machine

    if as_json:
        sys.stdout.write(machine.failure(case, reason) + "\n")
    fail(reason, code=WRONG)


def _label(case: "Case", variant: str, switches: list[str]) -> str:
    """Return the variant meant; KeyError with what is wrong if there is none."""
    from deploy.cases.load import variant as find

    known = {switch for each in case.variants.values() for switch in each.with_}
    off = set()
    for given in switches:
        name, _, state = given.partition("=")
        if name not in known or state not in {"on", "off"}:
            fix = f"write {' or '.join(sorted(known))} with =on or =off" if known else "it has none"
            raise KeyError(f"`{given}` is no switch of this case; {fix}")
        if state == "off":
            off.add(name)
    if variant in case.variants:
        if off:
            raise KeyError(
                f"{variant} is one variant with its switches; give --variant as-known or as-recorded to turn any off"
            )
        return variant
    return find(case, clocks=variant, off=frozenset(off))


async def _replay(plan: "Plan") -> int:
    from deploy.command.stopping import stop_on_signals
    from deploy.replay import machine
    from deploy.replay.run import Failed, run, say

    stop = stop_on_signals()
    with steps() as report:
        running = asyncio.create_task(run(plan, report, out))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not running.done():
            running.cancel()  # which drains the processes and the servers before it is done
            await asyncio.wait({running})
            if plan.as_json:
                sys.stdout.write(machine.failure(plan.case.case, "stopped before its end") + "\n")
            return INTERRUPTED
    try:
        result = running.result()
    except Failed as failed:
        if plan.as_json:
            sys.stdout.write(machine.failure(plan.case.case, str(failed)) + "\n")
        fail(str(failed), code=UNFINISHED)
    if plan.as_json:
        sys.stdout.write(result.document.decode() + "\n")
    else:
        say(plan, result, out)
    return 1 if result.differences else 0
