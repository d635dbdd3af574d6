"""A running web shows the templates that it was started with."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import get_template
from django.template.loaders.base import Loader

from portal.core.machine.templates import read_templates

pytestmark = pytest.mark.house


def test_templates_that_change_under_a_running_web_are_not_read(monkeypatch):
    engines["django"].engine.template_loaders[0].reset()
    read_templates()

    def gone(*_):
        raise AssertionError("a template was read again")

    monkeypatch.setattr(Loader, "get_template", gone)
    folder = Path(settings.TEMPLATES[0]["DIRS"][0])
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*.html")]

    assert len([get_template(name) for name in names]) > 100
