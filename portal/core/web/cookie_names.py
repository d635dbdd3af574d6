"""The names of our cookies: every cookie that the portal sets has its name from here.

With `__Host-` a browser takes a cookie only from this very host, by TLS and for all of it (RFC
6265bis, section 4.1.3.2): another host of the domain cannot set it. It needs TLS, so on one's own
machine the names stand plain. The settings read this, so nothing here needs Django to be ready.
"""

from __future__ import annotations


def cookie_name(name: str, *, local: bool) -> str:
    return name if local else f"__Host-{name}"
