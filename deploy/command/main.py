"""`tocsin`: everything an operator does, with help on each command."""

from typing import Final

import typer

from deploy.command import (
    audit,
    backtest,
    clients,
    corrections,
    database,
    dead_letters,
    decisions,
    directory,
    embedded,
    identity,
    processes,
    replay,
    rules,
    schemas,
)

app: Final = typer.Typer(
    name="tocsin",
    help="Tocsin joins what agencies know about people at risk, and rings the right ones in time.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,  # locals may hold what people told us
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("up")(processes.up)
app.command("run")(processes.run)
app.command("replay")(replay.replay)
app.command("backtest")(backtest.backtest)
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(directory.app, name="directory")
app.add_typer(rules.app, name="rules")
app.add_typer(identity.app, name="identity")
app.add_typer(decisions.app, name="decisions")
app.add_typer(audit.app, name="audit")
app.add_typer(corrections.app, name="corrections")
app.add_typer(database.app, name="db")
app.add_typer(clients.app, name="clients")
app.add_typer(schemas.app, name="schemas")
app.add_typer(embedded.app, name="embedded")


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
