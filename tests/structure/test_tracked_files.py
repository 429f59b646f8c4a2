"""What must not stand in any file we keep: where packages come from here, and where this checkout happens to lie."""

import re

from tests.structure.sources import ROOT, texts, tracked_files

# Written with [.] so that this file is not its own first finding.
HOSTS = re.compile(
    r"pypi[.]org|pythonhosted[.]org|maven[.]org|maven[.]apache[.]org|npmjs[.]org|golang[.]org|docker[.]io|ghcr[.]io|quay[.]io"
)
MACHINE_PATHS = re.compile(r"(?<![\w.$}])/(?:work|root|home|Users|opt/wheels)/\w")
LARGEST_BYTES = 1_500_000  # the published schemas and the pins are the biggest things we keep


def test_no_file_names_a_package_registry() -> None:
    found = [f"{name} names {match.group()}" for name, text in texts() if (match := HOSTS.search(text))]
    assert not found, "\n".join(found)


def test_no_file_knows_this_machine() -> None:
    found = [f"{name}: {match.group()}" for name, text in texts() if (match := MACHINE_PATHS.search(text))]
    assert not found, "\n".join(found)


def test_nothing_generated_or_huge_is_kept() -> None:
    found = [str(path.relative_to(ROOT)) for path in tracked_files() if path.stat().st_size > LARGEST_BYTES]
    assert not found, found


def test_every_pin_has_a_hash() -> None:
    sets = {
        "requirements.txt": 50,
        "requirements-dev.txt": 80,
        "requirements-build.txt": 5,
        "requirements-bench.txt": 90,
    }
    for name, fewest in sets.items():
        text = (ROOT / name).read_text()
        pins = re.findall(r"^([a-z0-9][\w.-]*)(\[[^\]]+\])?==(?:[^\\\n]+)(\\?)$", text, flags=re.MULTILINE)
        assert len(pins) > fewest
        assert all(continued for *_, continued in pins), f"{name} has a pin without hashes"
