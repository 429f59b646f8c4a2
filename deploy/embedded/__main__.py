"""`python -m deploy.embedded fetch | run | lock`: the embedded servers without the product around them."""

import asyncio
import signal
import sys
from pathlib import Path

from deploy.embedded.jars import class_path
from deploy.embedded.servers import embedded_servers


def show(step: str, *, done: int = 0, total: int = 0, item: str = "") -> None:
    """One line a step; on a terminal, parts of a step overwrite each other."""
    line = f"{step} {done}/{total} {item}" if total else step
    if total and sys.stdout.isatty():
        sys.stdout.write(f"\r\x1b[K{line}" + ("\n" if done == total else ""))
    else:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def run(state: Path | None) -> None:
    """Run both servers until SIGTERM or Ctrl-C, and drain them."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with embedded_servers(state, report=show) as servers:
        for name, value in servers.environment().items():
            show(f"export {name}='{value}'")
        await stop.wait()
        show("Draining")


def main() -> None:
    """Dispatch on the first argument; `run` takes a state folder as its second."""
    match sys.argv[1:]:
        case ["fetch"]:
            class_path(show)
        case ["lock"]:
            from deploy.embedded.lock import write_lock  # noqa: PLC0415 - slow to import, and rarely wanted

            write_lock(show)
        case ["run"]:
            asyncio.run(run(None))
        case ["run", state]:
            asyncio.run(run(Path(state)))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
