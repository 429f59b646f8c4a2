"""A receipt is where an event stands on the bus, signed. Pure.

The signature binds cluster, agency, topic, partition and offset, so nobody can make one up or ask about another
agency's event; the text itself says only topic, partition and offset.
"""

import base64
import binascii
from hashlib import blake2b
from hmac import compare_digest
from typing import Final

import orjson

from services.bus.message import Position
from services.sealing.cipher import derive

MAC_BYTES: Final = 16  # 128 bits: to be guessed online, against a rate limit
LONGEST_RECEIPT: Final = 400  # characters; a topic name has at most 249


def receipt_key(master_key: bytes) -> bytes:
    """The key receipts are signed with, derived so that it is of no use elsewhere."""
    return derive(master_key, "receipts")


def make_receipt(key: bytes, cluster: str, agency: str, position: Position) -> str:
    """The receipt of an event that this agency published; URL-safe text."""
    content = orjson.dumps([*position])
    return base64.urlsafe_b64encode(_mac(key, cluster, agency, content) + content).rstrip(b"=").decode()


def read_receipt(key: bytes, cluster: str, agency: str, receipt: str) -> Position | None:
    """Where the event stands, if this is a receipt of ours for that agency on this cluster."""
    if len(receipt) > LONGEST_RECEIPT:
        return None
    try:
        raw = base64.b64decode(receipt.encode() + b"=" * (-len(receipt) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    mac, content = raw[:MAC_BYTES], raw[MAC_BYTES:]
    if not compare_digest(mac, _mac(key, cluster, agency, content)):
        return None
    return Position(*orjson.loads(content))


def _mac(key: bytes, cluster: str, agency: str, content: bytes) -> bytes:
    # BLAKE2b's keyed mode is a MAC by itself. Neither a cluster id nor an agency slug holds the separator.
    return blake2b(f"{cluster}|{agency}|".encode() + content, key=key, digest_size=MAC_BYTES).digest()
