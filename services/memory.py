"""The garbage collector of a process that lives long."""

import gc
from typing import Final

# Objects made between two looks of the garbage collector. Reference counts free what a request or a batch makes; the
# collector only finds cycles, of which there are few, and by default it goes through some hundred thousand objects of
# models, schemas and tables of names over and over: a third of the time of a batch of posts, and 80 ms at the 99th
# percentile of a single one; a seventh of the time of whoever resolves.
THRESHOLDS: Final = (50_000, 20, 100)


def settle() -> None:
    """Put what is loaded by now, and lives as long as the process, out of the collector's sight; let it look seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
