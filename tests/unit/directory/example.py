"""The Birmingham directory as tests read it."""

from pathlib import Path
from typing import Any

import yaml

from services.directory.model import Directory, from_mapping

BIRMINGHAM = Path(__file__).with_name("birmingham_directory.yaml")


def mapping() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(BIRMINGHAM.read_text(encoding="utf-8"))
    return loaded


def directory() -> Directory:
    return from_mapping(mapping(), phone_token=lambda phone: f"token-of-{phone}")
