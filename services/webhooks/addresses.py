"""Which addresses a webhook may reach. Pure.

An endpoint is somebody else's text: without this, it could point our courier at the inside of our own network. Asked at
connect time with the very address that is being connected to, so a name that resolves differently the second time
changes nothing. `ipaddress.is_global` alone is not enough: it passes NAT64, 6to4 and the metadata address of one cloud.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

BARRED: Final[tuple[Network, ...]] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own services, on an address that looks public
        "169.254.0.0/16",  # link-local, and the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # class E and broadcast
        "::/8",  # unspecified, loopback, IPv4-compatible and -mapped
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",
        "100::/64",  # discard
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fc00::/7",  # unique local
        "fe80::/10",  # link-local
        "fec0::/10",  # site-local, long withdrawn and still routed somewhere
        "ff00::/8",  # multicast
    )
)

NAT64: Final = ip_network("64:ff9b::/96")
SIX_TO_FOUR: Final = ip_network("2002::/16")


def permitted(address: str, allowed: Sequence[str] = ()) -> bool:
    """Say whether a webhook may connect to this address, as the operating system writes it.

    Args:
        address: an IP address; whatever is none is refused.
        allowed: CIDR blocks permitted for this endpoint although they are barred.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    faces = [found, *_within(found)]
    if any(_in_any(face, allowed) for face in faces):
        return True
    return not any(face in network for face in faces for network in BARRED if face.version == network.version)


def _in_any(face: Address, allowed: Sequence[str]) -> bool:
    return any(face in network for network in map(ip_network, allowed) if network.version == face.version)


def _within(address: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, IPv4Address):
        return []
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    if address in SIX_TO_FOUR:
        return [IPv4Address((int(address) >> 80) & 0xFFFFFFFF)]
    return []
