"""Every attack, in the order in which they are run: what changes the installation comes last."""

from tools.attack import (
    clocks,
    flood,
    junk,
    keys,
    kills,
    lists,
    lockouts,
    mail,
    outages,
    proxies,
    rush,
    sessions,
    setups,
    strangers,
    timing,
    updates,
)
from tools.attack.frame import Theme

# Name, attack, and the seconds it may take on one database: in full, and in short.
THEMES = [
    Theme("timing", timing.attack, 60, 25),
    Theme("lists", lists.attack, 40, 15),
    Theme("strangers", strangers.attack, 30, 15),
    Theme("rush", rush.attack, 30, 15),
    Theme("mail", mail.attack, 60, 20),
    Theme("lockouts", lockouts.attack, 60, 20),
    Theme("flood", flood.attack, 60, 20),
    Theme("junk", junk.attack, 80, 20),
    Theme("sessions", sessions.attack, 40, 15),
    Theme("proxies", proxies.attack, 40, 20),
    Theme("updates", updates.attack, 40, 20),
    Theme("kills", kills.attack, 120, 30),
    Theme("clocks", clocks.attack, 40, 25),
    Theme("outages", outages.attack, 240, 60),
    Theme("keys", keys.attack, 60, 20),
    Theme("setups", setups.attack, 60, 30),
]
