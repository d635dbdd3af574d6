"""A bare Debian 12 with a systemd of its own, in a folder: nothing of it reaches this machine.

Its files come from Debian by `mmdebstrap`, with this machine's own sources. It has its own mounts,
processes, host name and network, which has a loopback and nothing else, so every port is free; only
commands that fetch packages are run in this machine's network. It needs root, and Linux.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SUITE = "bookworm"
# Not for this machine's kernel and clock, whatever is asked in there.
KEPT_FROM_IT = "-sys_module,-sys_rawio,-sys_time"
# Those that pip trusts on this machine; the machine's own come from Debian, and have their place.
TRUSTED = "/opt/trusted-by-pip.crt"
ENVIRONMENT = {
    "HOME": "/root",
    "USER": "root",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "DEBIAN_FRONTEND": "noninteractive",
}
# In mounts of its own, which end with it. $1: the folder; the others: folders of this machine that
# are shown in it, to be read only.
BOOT = f"""
set -eu
mount --bind "$1" "$1"
cd "$1"
shift
for folder in "$@"; do
    mkdir -p ".$folder"
    mount --bind "$folder" ".$folder"
    mount -o remount,bind,ro ".$folder"
done
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
    name=${{node%%:*}} numbers=${{node#*:}}
    mknod -m 666 dev/$name c ${{numbers%:*}} ${{numbers#*:}}
done
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
hostname portal
mkdir -p .before
pivot_root . .before
umount -l .before
exec setpriv --bounding-set {KEPT_FROM_IT} /usr/bin/env -i container=other \\
    PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd
"""


class CannotWalk(Exception):
    """This machine cannot hold another one. Says why, and what to do."""


class Failed(Exception):
    """A command in the machine did not do what it should."""


def move_apart(words: Sequence[str]) -> None:
    """Begin again in mounts, network and so on of our own; returns once that has been done.

    words: how this program was started. The network of before goes along as a file.
    """
    if "PORTAL_WALK_OUTSIDE" in os.environ:
        return
    if os.geteuid() != 0:
        raise CannotWalk("It makes a machine of its own, for which it must be root.")
    for program, package in {"unshare": "util-linux", "mmdebstrap": "mmdebstrap"}.items():
        if not shutil.which(program):
            raise CannotWalk(f"There is no {program}: apt-get install {package}.")
    outside = os.open("/proc/self/ns/net", os.O_RDONLY)
    os.set_inheritable(outside, True)
    os.environ["PORTAL_WALK_OUTSIDE"] = str(outside)
    cgroup = _cgroup()
    cgroup.mkdir()
    os.environ["PORTAL_WALK_CGROUP"] = str(cgroup)
    (cgroup / "cgroup.procs").write_text(str(os.getpid()))
    command = ["unshare", "--mount", "--net", "--ipc", "--uts", "--cgroup", "--propagation=private"]
    os.execvp(command[0], [*command, sys.executable, *words])


def _cgroup() -> Path:
    """A group of our own for its systemd, where this machine has the second version of groups."""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, where, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(where) / f"portal-walk-{os.getpid()}"
    raise CannotWalk("There is no cgroup2 on this machine, which systemd needs.")


def move_back() -> None:
    """Leave no group behind."""
    cgroup = Path(os.environ["PORTAL_WALK_CGROUP"])
    (cgroup.parent / "cgroup.procs").write_text(str(os.getpid()))
    for folder, _, _ in os.walk(cgroup, topdown=False):
        with suppress(OSError):
            Path(folder).rmdir()


def in_the_network(command: Sequence[str]) -> tuple[list[str], int]:
    """The command as run in the network of this machine, and the file that it needs for it."""
    outside = int(os.environ["PORTAL_WALK_OUTSIDE"])
    return ["nsenter", f"--net=/proc/self/fd/{outside}", "--", *command], outside


@dataclass
class Machine:
    """The running machine. `root`: the folder with its files."""

    root: Path
    init: int

    def run(
        self, script: str, *, fetches: bool = False, fails: bool = False, seconds: int = 240
    ) -> str:
        """Commands as root in it; what they said. fetches: in the network of this machine.

        Raises Failed unless all went well (fails: whatever comes of them is fine).
        """
        into = [f"--{name}" for name in ("mount", "pid", "uts", "ipc", "cgroup")]
        command = ["nsenter", f"--target={self.init}", *into, "--wd", "--", "bash", "-euo"]
        command += ["pipefail", "-c", f"cd /root\n{script}"]
        env = dict(ENVIRONMENT)
        files = []
        if fetches:
            command, outside = in_the_network(command)
            files = [outside]
            env |= {n: v for n, v in os.environ.items() if n.startswith("PIP_")}
            env |= {"PIP_CERT": TRUSTED} if "PIP_CERT" in env else {}
        done = subprocess.run(
            command,
            env=env,
            pass_fds=files,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=seconds,
        )
        if done.returncode and not fails:
            raise Failed(f"Exit status {done.returncode}:\n{done.stdout.strip()}")
        return done.stdout

    def file(self, path: str) -> Path:
        """A path in it, as we reach it."""
        return self.root / path.lstrip("/")


@contextmanager
def machine() -> Iterator[Machine]:
    """It, from its making to its end; no file and no process of it is left."""
    root = Path(tempfile.mkdtemp(prefix="portal-walk-"))
    # In memory: it waits for no disk, and goes with the mounts of this process however that ends.
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(root)], check=True)
    try:
        _unpack(root)
        _as_the_packages_are_found_here(root)
        with _running(root) as init:
            made = Machine(root, init)
            _wait_for(made)
            yield made
    finally:
        subprocess.run(["umount", "--lazy", str(root)], check=False)
        root.rmdir()  # nothing more than a name: where it has files, they are not ours to take


def _unpack(root: Path) -> None:
    command = ["mmdebstrap", "--mode=root", "--variant=important", "--quiet"]
    # What is made here is thrown away: nothing waits for the disk.
    command += ["--dpkgopt=force-unsafe-io", SUITE, str(root), *_sources()]
    command, outside = in_the_network(command)
    done = subprocess.run(command, pass_fds=[outside], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotWalk(f"Debian cannot be unpacked: {done.stderr.strip()}")


def _sources() -> list[str]:
    """Where this machine has Debian's packages from."""
    folder = Path("/etc/apt/sources.list.d")
    places = [Path("/etc/apt/sources.list"), *folder.glob("*.list"), *folder.glob("*.sources")]
    found = [str(p) for p in places if p.exists() and f" {SUITE} " in f"{p.read_text()} "]
    if not found:
        raise CannotWalk(f"apt on this machine has no sources of Debian 12 ({SUITE}).")
    return found


def _as_the_packages_are_found_here(root: Path) -> None:
    """Names, certificates, and the settings of pip."""
    for path in ("/etc/resolv.conf", "/etc/pip.conf", "/etc/xdg/pip"):
        _copy(Path(path), root)
    (root / "etc/hosts").write_text(
        "127.0.0.1 localhost portal portal.example.org mail.example.org\n::1 localhost\n"
    )
    if bundle := os.environ.get("PIP_CERT"):
        shutil.copyfile(bundle, root / TRUSTED.lstrip("/"))
    for timer in ("apt-daily", "apt-daily-upgrade"):  # would keep the lock of our own apt-get
        (root / f"etc/systemd/system/{timer}.timer").symlink_to("/dev/null")


def _copy(path: Path, root: Path) -> None:
    to = root / str(path).lstrip("/")
    if path.is_dir():
        shutil.copytree(path, to, dirs_exist_ok=True)
    elif path.exists():
        to.parent.mkdir(parents=True, exist_ok=True)
        to.unlink(missing_ok=True)
        shutil.copyfile(path, to)


def _folders_of_packages() -> list[str]:
    """Those that the settings of pip name: shown in the machine, to be read only."""
    said = subprocess.run(
        ["python3", "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    words = said.replace("file://", " ").replace("'", " ").replace('"', " ").split()
    found = {Path(word) for word in words if word.startswith("/")}
    # An index leads to files beside it.
    return sorted({str(p.parent if p.name == "simple" else p) for p in found if p.is_dir()})


@contextmanager
def _running(root: Path) -> Iterator[int]:
    """Its systemd, by the id that it has out here; killed at the end, and all that it started."""
    command = ["unshare", "--pid", "--fork", "--kill-child", "--mount", "sh", "-c", BOOT, "boot"]
    command += [str(root), *_folders_of_packages()]
    said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed below
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        deadline = time.monotonic() + 20
        while not (found := children.read_text().split()):
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotWalk("There can be no machine within this one.")
            time.sleep(0.05)
        init = int(found[0])
        yield init
    finally:
        said.seek(0)
        if words := said.read().strip():
            print(f"   its systemd said: {words}")
        said.close()
        if process.poll() is None:
            for child in children.read_text().split():
                os.kill(int(child), signal.SIGKILL)
        process.wait()


def _wait_for(made: Machine) -> None:
    deadline = time.monotonic() + 60
    said = ""
    while said.strip() not in {"running", "degraded"}:
        if time.monotonic() > deadline:
            raise CannotWalk(f"The machine does not start: {said.strip()}")
        time.sleep(0.2)
        said = made.run("systemctl is-system-running", fails=True)
