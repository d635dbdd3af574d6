"""A new version under a running web: no page loses its styles."""

import json
import re
import shutil
import threading
from collections import Counter
from datetime import date, timedelta

import pytest
from django.test import RequestFactory

from portal.core.web.collecting import remove_left
from portal.core.web.static import StaticFilesMiddleware
from tests.processes import ROOT, get, run, serving

pytestmark = [pytest.mark.house, pytest.mark.long]

TODAY = date(2026, 11, 26)


class Askers:
    """Ask for these addresses again and again, from two threads, and count the answers."""

    def __init__(self, urls):
        self.urls, self.answers, self.over = urls, Counter(), threading.Event()
        self.threads = [threading.Thread(target=self._ask) for _ in range(2)]

    def _ask(self):
        while not self.over.is_set():
            for url, length in self.urls.items():
                status, body = get(url)
                self.answers[status if len(body) == length else "cut short"] += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()


def styles_of(root):
    page = get(f"{root}/sign-in/")[1]
    return {f"{root}{path}" for path in re.findall(r'href="(/static/[^"]+\.css)"', page)}


def test_no_style_is_missing_while_setup_runs_nor_after_the_restart(tmp_path, installed):
    """The sources are a copy, changed twice, as two updates do."""
    shutil.copytree(ROOT / "portal", tmp_path / "portal", ignore=shutil.ignore_patterns("*.pyc"))
    env = installed(tmp_path / "data") | {"PYTHONPATH": str(tmp_path)}
    words = ["--short-name=IMA", "--email=o@example.org", "--phone=0113 496 0677"]
    run("body", "Institute", *words, "--address=1 Row, Leeds, LS1 4AP", env=env, cwd=tmp_path)
    source = tmp_path / "portal" / "static" / "css" / "tokens.css"

    with serving(env, cwd=tmp_path) as (process, port):
        root = f"http://127.0.0.1:{port}"
        first = styles_of(root)
        assert first
        with Askers({url: len(get(url)[1]) for url in first}) as askers:
            for update in range(2):
                source.write_text(f"{source.read_text()}\n.update-{update} {{ color: red }}\n")
                made = run("setup", env=env, cwd=tmp_path)
                assert "Collecting" in made.stdout, made.stderr
            last = json.loads((tmp_path / "data/static/staticfiles.json").read_text())["paths"]
            assert f"{root}/static/{last['css/app.css']}" not in first
            assert "update-1" in get(f"{root}/static/{last['css/app.css']}")[1]
        process.terminate()
        process.wait(20)

    with serving(env, cwd=tmp_path, port=port):
        second = styles_of(root)
        assert second != first
        assert {get(url)[0] for url in first | second} == {200}
    assert set(askers.answers) == {200}
    assert askers.answers[200] > 50


# --- What is removed, and when -----------------------------------------------------------------
@pytest.fixture
def collected(settings, tmp_path):
    settings.DATA, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    (tmp_path / "static" / "css").mkdir(parents=True)
    for name in ("css/a.1.css", "css/a.1.css.gz", "css/a.2.css", "css/a.2.css.br"):
        (tmp_path / "static" / name).write_text(name)
    name_in_manifest(tmp_path, "css/a.2.css")
    return tmp_path


def name_in_manifest(folder, name):
    manifest = {"paths": {"css/a.css": name}, "version": "1.1", "hash": "x"}
    (folder / "static" / "staticfiles.json").write_text(json.dumps(manifest))


def kept(folder):
    return {path.name for path in (folder / "static" / "css").iterdir()}


def test_what_no_manifest_names_any_more_goes_after_thirty_days(collected):
    for days in (0, 15, 30):
        remove_left(TODAY + timedelta(days=days))
        assert len(kept(collected)) == 4
    remove_left(TODAY + timedelta(days=31))
    assert kept(collected) == {"a.2.css", "a.2.css.br"}


def test_what_is_named_again_begins_anew(collected):
    remove_left(TODAY)
    name_in_manifest(collected, "css/a.1.css")
    remove_left(TODAY + timedelta(days=20))
    name_in_manifest(collected, "css/a.2.css")
    remove_left(TODAY + timedelta(days=40))

    assert len(kept(collected)) == 4


def test_a_record_that_cannot_be_read_only_makes_it_later(collected):
    (collected / "static-left.json").write_text("{ half a rec")
    remove_left(TODAY)

    assert len(kept(collected)) == 4


# --- The list that WhiteNoise keeps ------------------------------------------------------------
@pytest.fixture
def asked(db, collected, settings):
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    middleware = StaticFilesMiddleware(lambda _: "the page of an unknown address")
    factory = RequestFactory()

    def ask(path):
        answer = middleware(factory.get(path))
        if isinstance(answer, str):
            return answer
        try:
            return b"".join(answer.streaming_content).decode()
        finally:
            answer.close()

    return ask


def test_a_file_that_has_gone_is_no_error(collected, asked):
    (collected / "static/css/a.1.css").unlink()

    assert asked("/static/css/a.1.css") == "the page of an unknown address"
    assert asked("/static/css/a.2.css") == "css/a.2.css"


def test_a_file_that_has_come_is_found(collected, asked):
    (collected / "static/css/a.3.css").write_text("new")
    (collected / "secret").write_text("secret")

    assert asked("/static/css/a.3.css") == "new"
    for path in (
        "/static/../secret",
        "/static/css",
        "/static/none.css",
        "/static/a\0b",
        "/static/",
    ):
        assert asked(path) == "the page of an unknown address"
