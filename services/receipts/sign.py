"""A receipt is where an event stands on the bus, signed. Pure.

The signature binds cluster, agency, topic, partition and offset, so nobody can make one up or ask about another
agency's event; the text itself says only topic, partition and offset.
"""

import base64
import binascii
import hmac
from typing import Final

import orjson

from services.bus import Position
from services.sealing.cipher import derive

MAC_BYTES: Final = 16  # 128 bits: to be guessed online, against a rate limit
LONGEST_RECEIPT: Final = 400  # characters; a topic name has at most 249


def receipt_key(master_key: bytes) -> bytes:
    """The key receipts are signed with, derived so that it is of no use elsewhere."""
    return derive(master_key, "receipts")


def make_receipt(key: bytes, cluster: str, agency: str, position: Position) -> str:
    """The receipt of an event that this agency published; URL-safe text."""
    content = orjson.dumps([*position])
    mac = hmac.digest(key, _signed(cluster, agency, content), "sha256")[:MAC_BYTES]
    return base64.urlsafe_b64encode(mac + content).rstrip(b"=").decode()


def read_receipt(key: bytes, cluster: str, agency: str, receipt: str) -> Position | None:
    """Where the event stands, if this is a receipt of ours for that agency on this cluster."""
    if len(receipt) > LONGEST_RECEIPT:
        return None
    try:
        raw = base64.b64decode(receipt.encode() + b"=" * (-len(receipt) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    mac, content = raw[:MAC_BYTES], raw[MAC_BYTES:]
    if not hmac.compare_digest(mac, hmac.digest(key, _signed(cluster, agency, content), "sha256")[:MAC_BYTES]):
        return None
    return Position(*orjson.loads(content))


def _signed(cluster: str, agency: str, content: bytes) -> bytes:
    # Neither a cluster id nor an agency slug holds the separator.
    return b"|".join((cluster.encode(), agency.encode(), content))
