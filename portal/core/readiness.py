"""What must be entered before the portal can do its work. Every app adds its own."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.utils import timezone

from portal.core.background.waiting import late
from portal.core.machine.clock import leap
from portal.core.machine.demo import SENTENCE, is_demo_on_the_net
from portal.core.machine.durability import unsafe
from portal.core.mail.sending import goes_out
from portal.core.models import BodyDetails


class Lack(str):
    """What is missing and what to do, in a sentence; `page` names the office's page that mends it.

    Empty where no page does.
    """

    page: str

    def __new__(cls, sentence: str, page: str = "") -> Lack:
        lack = super().__new__(cls, sentence)
        lack.page = page
        return lack


def missing(on: date) -> list[str]:
    """A sentence for each thing that core lacks on this day; empty when it is ready."""
    sentences: list[str] = [SENTENCE] if is_demo_on_the_net() else []
    if BodyDetails.objects.in_force(on) is None:
        sentences.append(
            "The body has no name yet. Enter it with the command `portal body` (see `portal "
            "body --help`)."
        )
    elif not goes_out():
        sentences.append(
            "Mail cannot be sent. Set EMAIL_URL (docs/deploying.md). Until then, mail is kept."
        )
    if not settings.LOCAL:
        sentences += unsafe()
    if leapt := leap(at=timezone.now()):
        sentences.append(leapt)
    return sentences + late(timezone.now())


def all_missing(on: date) -> list[str]:
    """What every app lacks, core first, each thing once.

    An app tells it by `missing(on)` in its `readiness.py`.
    """
    sentences: list[str] = []
    for config in apps.get_app_configs():
        if config.name.startswith("portal.") and find_spec(f"{config.name}.readiness"):
            sentences += import_module(f"{config.name}.readiness").missing(on)
    return list(dict.fromkeys(sentences))
