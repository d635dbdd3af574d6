"""What is looked at after each part of the document. Each raises Wrong, or says nothing."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tools.walk.machine import Machine
from tools.walk.mail import Kept
from tools.walk.visitor import NAME, Visitor

OURS = "core_* accounts_* people_* organisations_* billing_* membership_* events_*"
PASSWORD = "seventeen green lamps at noon"
UNITS = ("portal", "portal-worker")


class Wrong(Exception):
    """What should hold does not."""


def hold(found: object, wanted: object, what: str) -> None:
    """Raises Wrong unless they are the same."""
    if found != wanted:
        raise Wrong(f"{what}: {found!r}, and should be {wanted!r}")


@dataclass
class Checks:
    """`keys`: parts of links that no log may have. `sheets`: the stylesheets of the version."""

    machine: Machine
    mail: Kept
    keys: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)

    # --- after the parts -------------------------------------------------------------------
    def settings(self) -> None:
        """The file is root's, and the portal only reads it."""
        said = self.machine.run("stat -c '%U:%G %a' /etc/portal.env").strip()
        hold(said, "root:portal 640", "owner and mode of /etc/portal.env")
        refused = self.machine.run(
            "runuser -u portal -- sh -c 'echo >> /etc/portal.env; echo > /srv/portal/new' || true"
        )
        hold(refused.count("Permission denied"), 2, "files that the portal may not write")

    def services(self) -> None:
        """systemd takes the units, both run shut off, and both come back."""
        run = self.machine.run
        for unit in UNITS:
            said = run(f"systemd-analyze verify /etc/systemd/system/{unit}.service")
            hold(said, "", f"what systemd says of {unit}.service")
            score = run(f"systemd-analyze security --no-pager {unit}.service | tail -n 1")
            level = float(re.findall(r"\d+\.\d+", score)[0])
            if level > 2.5:
                raise Wrong(f"{unit}.service is open to {level} of 10: {score.strip()}")
        self._until(lambda: self._plain("/readyz") == 200, "the portal answers")
        for unit in UNITS:
            before = self._main(unit)
            run(f"kill -KILL {before}")
            self._until(
                lambda unit=unit, before=before: self._main(unit) not in {0, before},  # type: ignore[misc]
                f"{unit} comes back after a kill",
            )
        self._until(lambda: self._plain("/readyz") == 200, "the portal answers")

    def outage(self) -> None:
        """The database is away for as long as many starts take; nobody has to do anything."""
        self.machine.run("systemctl stop postgresql")
        hold(self._plain("/healthz"), 200, "/healthz without the database")
        self.machine.run("systemctl restart --no-block portal portal-worker")
        time.sleep(15)
        self.machine.run("systemctl start postgresql")
        self._until(lambda: self._plain("/readyz") == 200, "the portal answers again")
        for unit in UNITS:
            self._until(lambda unit=unit: self._main(unit) > 0, f"{unit} runs again")  # type: ignore[misc]
        self.machine.run("portal staff add after@example.org --first-name A --last-name Outage")
        self.keys.append(self._key(self.mail.wait_for("after@example.org")))

    def pages(self) -> None:
        """Through nginx, by name and by address; what is not ours is refused."""
        visitor = self.visitor()
        self._until(visitor.is_let_in, "nginx has read its file again")
        hold(visitor.protocol(), "h2", "the protocol that nginx speaks")
        front = visitor.get("/")
        hold(front.status, 200, "the front page")
        if "Institute of Money Advisers" not in front.text:
            raise Wrong("the front page does not bear the body's name")
        hold(visitor.get("/sign-in/").status, 200, "the page for signing in")
        self.sheets = self._sheets()
        for sheet in self.sheets:
            hold(visitor.get(sheet).status, 200, sheet)
        for address in ("/healthz", "/readyz"):
            hold(visitor.get(address, host="127.0.0.1").status, 200, f"{address} by address")
            hold(visitor.get(address, host="10.9.8.7").status, 200, f"{address} by another")
        hold(visitor.get("/", host="10.9.8.7").status, 400, "the front page by address")
        redirect = visitor.plain("/help/")
        hold(redirect.status, 301, "a page over http")
        hold(redirect.headers["Location"], f"https://{NAME}/help/", "where it leads")

    def invitation(self) -> None:
        """The worker sends it, its link works once, and no log has it, whatever went wrong."""
        key = self._key(self.mail.wait_for("you@example.org"))
        address = f"/invitation/{key}/"
        self.keys.append(key)
        visitor = self.visitor()
        hold(visitor.get(address).status, 200, "the page of the invitation")
        hold(visitor.get(f"/help/?next={address}").status, 200, "a page with the link after a “?”")
        sheet = visitor.get("/static/none.css", Referer=f"https://{NAME}{address}")
        hold(sheet.status, 404, "a file that is not there")
        hold(visitor.plain(address).status, 301, "the invitation over http")
        self.machine.run("systemctl stop portal")
        hold(visitor.get(address).status, 502, "the invitation while the portal is stopped")
        self.machine.run("systemctl start portal")
        self._until(lambda: self._plain("/readyz") == 200, "the portal answers")
        hold(visitor.post(address, {"password": PASSWORD}).status, 302, "the password that is set")
        hold(self.visitor().get(address).status, 410, "the invitation once it has been used")
        self.no_key()

    def no_key(self) -> None:
        """No link of a mail stands in a log of nginx or in the journal."""
        self.machine.run("journalctl --flush --sync", fails=True)
        logs = self.machine.run("cat /var/log/nginx/*; journalctl --no-pager --output=json")
        if f"/invitation/{self.keys[0][:4]}... " not in logs:
            raise Wrong("nginx does not log the invitation at all: nothing has been looked at")
        for key in self.keys:
            if key[4:] in logs:
                raise Wrong("a log has the key of an invitation")

    def watching(self) -> None:
        """What is missing is told, and the unit stands for it."""
        self.machine.run("systemctl start portal-check", fails=True)
        said = self.machine.run("systemctl --failed --no-legend --plain | cut -d' ' -f1").split()
        hold(said, ["portal-check.service"], "units that have failed")
        journal = self.machine.run("journalctl --unit portal-check --no-pager --output=cat")
        if "Still missing:" not in journal:
            raise Wrong("the journal does not say what is missing")

    def backup(self) -> None:
        """A whole one, for its owner only; rows that come after it are not in it."""
        said = self.machine.run("stat -c '%U %a' /var/backups/portal/*").split("\n")
        hold(said[0], "portal 600", "owner and mode of a backup")
        self.rows = self.dumped()
        self.machine.run("portal staff add late@example.org --first-name Too --last-name Late")
        self.keys.append(self._key(self.mail.wait_for("late@example.org")))
        if self.dumped() == self.rows:
            raise Wrong("a new row does not show")

    def restored(self) -> None:
        """Every row as it was in the backup, and the portal goes on."""
        hold(self.dumped(), self.rows, "the rows after the way back")
        self.goes_on()

    def updated(self) -> None:
        """Pages are of the new version; those that are open still find their stylesheet."""
        self._until(lambda: self._plain("/readyz") == 200, "the portal answers")
        now = self._sheets()
        if now == self.sheets:
            raise Wrong("pages still have the stylesheets of the version before")
        for sheet in now + self.sheets:
            hold(self.visitor().get(sheet).status, 200, sheet)

    def goes_on(self) -> None:
        """Both services run, pages come, and mail goes."""
        self._until(lambda: self._plain("/readyz") == 200, "the portal answers")
        hold(self.visitor().get("/sign-in/").status, 200, "the page for signing in")
        name = f"sam{len(self.keys)}@example.org"
        self.machine.run(f"portal staff add {name} --first-name Sam --last-name More")
        self.keys.append(self._key(self.mail.wait_for(name)))
        hold(self.visitor().get(f"/invitation/{self.keys[-1]}/").status, 200, "a new invitation")
        self.no_key()

    def drawing(self) -> None:
        """A PDF is drawn by a service as shut off as the web."""
        draws = "import typst; assert b'PDF' in typst.compile(b'= Invoice', format='pdf')[:8]"
        self.machine.run(
            "sed -e 's/^Restart=.*//' -e 's/^\\[Service\\]/[Service]\\nType=oneshot/' "
            f'-e "s|^ExecStart=.*|ExecStart=/srv/portal/.venv/bin/python -c \\"{draws}\\"|" '
            "/etc/systemd/system/portal.service > /run/systemd/system/portal-draws.service\n"
            "systemctl daemon-reload\nsystemctl start portal-draws"
        )

    def in_sqlite(self) -> str:
        """All rows of SQLite's database but those that come and go, as one line each."""
        script = (
            "import sqlite3; d = sqlite3.connect('/var/lib/portal/portal.sqlite3'); "
            "print(*sorted(r for r in d.iterdump() if r.startswith('INSERT') "
            "and 'core_cache' not in r and 'django_session' not in r), sep='\\n')"
        )
        return self.machine.run(f"runuser -u portal -- python3 -c {json.dumps(script)}")

    # --- looking ---------------------------------------------------------------------------
    def visitor(self) -> Visitor:
        return Visitor(self.machine.file("/etc/ssl/certs/portal.pem").read_text())

    def dumped(self) -> list[str]:
        """The rows of the portal's own tables, each as the command that would write it."""
        tables = " ".join(f"--table='{name}'" for name in OURS.split())
        said = self.machine.run(
            "cd /; runuser -u portal -- pg_dump --data-only --inserts "
            f"{tables} --exclude-table=core_cache portal"
        )
        return sorted(line for line in said.splitlines() if line.startswith("INSERT"))

    def _sheets(self) -> list[str]:
        """The stylesheets of the front page. Raises Wrong where it has none."""
        found = re.findall(r'href="(/static/[^"]+\.css)"', self.visitor().get("/").text)
        if not found:
            raise Wrong("the front page has no stylesheet")
        return found

    def _key(self, text: str) -> str:
        found = re.search(rf"https://{re.escape(NAME)}/invitation/([\w-]+)/", text)
        if not found:
            raise Wrong("a mail has no link of an invitation")
        return found[1]

    def _plain(self, path: str) -> int:
        try:
            return Visitor().plain(path, port=8000, host="127.0.0.1").status
        except OSError:
            return 0

    def _main(self, unit: str) -> int:
        """The id of its main process, in the machine; 0 where there is none."""
        return int(self.machine.run(f"systemctl show --property=MainPID --value {unit}"))

    def _until(self, condition: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise Wrong(f"not within {seconds:.0f} s: {what}")
            time.sleep(0.2)
