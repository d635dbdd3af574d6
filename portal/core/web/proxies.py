"""Who a visitor is when there are proxies before the portal. Only named proxies are trusted.

A proxy says from whom a request came in `X-Forwarded-For`, the nearest last, and whether by TLS in
`X-Forwarded-Proto`. Anybody can send these: they count from an address of PORTAL_TRUSTED_PROXIES,
and are taken out otherwise before anything reads them.
"""

from __future__ import annotations

from collections.abc import Collection, MutableMapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FORWARDED_FOR = "HTTP_X_FORWARDED_FOR"
FORWARDED_PROTO = "HTTP_X_FORWARDED_PROTO"
# What else proxies say of a visitor. Nothing of the portal reads it, and nothing is to.
_OTHERS = frozenset(
    {
        "HTTP_FORWARDED",
        "HTTP_X_REAL_IP",
        "HTTP_X_CLIENT_IP",
        "HTTP_CLIENT_IP",
        "HTTP_TRUE_CLIENT_IP",
        "HTTP_X_CLUSTER_CLIENT_IP",
    }
)


def read_proxies(text: str) -> list[Network]:
    """Addresses and networks with commas between them. Raises ValueError for what is neither,
    and for a network that is everybody."""
    found = [ip_network(said.strip()) for said in text.split(",") if said.strip()]
    if any(network.prefixlen == 0 for network in found):
        raise ValueError("everybody is no proxy")
    return found


def believe_proxies(meta: MutableMapping[str, Any], proxies: Collection[Network]) -> bool:
    """Make REMOTE_ADDR the visitor's own, and leave no header but a named proxy's word on TLS.

    Returns False where the sender claims to be a proxy and is none of ours.
    """
    peer = _address(str(meta.get("REMOTE_ADDR", "")))
    said_for = str(meta.pop(FORWARDED_FOR, ""))
    said_proto = str(meta.pop(FORWARDED_PROTO, ""))
    for name in [n for n in meta if n.startswith("HTTP_X_FORWARDED_") or n in _OTHERS]:
        del meta[name]
    if peer is None or not _is_named(peer, proxies):
        return not (said_for or said_proto)
    meta["REMOTE_ADDR"] = str(_visitor(peer, said_for, proxies))
    if said_proto:
        # The nearest proxy's word is the last; Django reads the first.
        meta[FORWARDED_PROTO] = said_proto.rpartition(",")[2].strip().lower()
    return True


def _visitor(peer: Address, said: str, proxies: Collection[Network]) -> Address:
    """The nearest that is not a proxy of ours. What cannot be read ends the chain: who wrote it is
    the last that is known.
    """
    for entry in reversed(said.split(",")):
        address = _address(entry)
        if address is None:
            break
        peer = address
        if not _is_named(address, proxies):
            break
    return peer


def _is_named(address: Address, proxies: Collection[Network]) -> bool:
    return any(address in network for network in proxies)


def _address(said: str) -> Address | None:
    """An address as proxies write them: with a port or not, in brackets or not."""
    text = said.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
