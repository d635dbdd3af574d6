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

SQLITE, POSTGRESQL = ("sqlite",), ("postgresql",)

# Name, attack, and the seconds it may take on one database: in full, and in short. In short what
# has little to do with the database is tried on one of them.
THEMES = [
    Theme("timing", timing.attack, 150, 60, POSTGRESQL, measures=True),
    Theme("lists", lists.attack, 40, 60),
    Theme("strangers", strangers.attack, 30, 60, SQLITE),
    Theme("rush", rush.attack, 30, 60),
    Theme("mail", mail.attack, 60, 60),
    Theme("lockouts", lockouts.attack, 60, 60, SQLITE),
    Theme("flood", flood.attack, 60, 60, SQLITE),
    Theme("junk", junk.attack, 120, 60, POSTGRESQL),
    Theme("sessions", sessions.attack, 40, 60, POSTGRESQL),
    Theme("proxies", proxies.attack, 40, 60, SQLITE),
    Theme("updates", updates.attack, 40, 60, SQLITE),
    Theme("kills", kills.attack, 120, 80),
    Theme("clocks", clocks.attack, 40, 60, SQLITE),
    Theme("outages", outages.attack, 200, 120),
    Theme("keys", keys.attack, 60, 60, SQLITE),
    Theme("setups", setups.attack, 60, 80),
]
