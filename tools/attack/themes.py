"""Every attack, in the order in which they are run: what changes the installation comes last."""

from tools.attack import flood, lists, lockouts, mail, sessions
from tools.attack.frame import Theme

THEMES = [
    Theme("lists", lists.attack, 90, 15),
    Theme("sessions", sessions.attack, 60, 15),
    Theme("lockouts", lockouts.attack, 60, 25),
    Theme("flood", flood.attack, 60, 25),
    Theme("mail", mail.attack, 60, 25),
]
