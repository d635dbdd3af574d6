"""Find the jobs: each app's `jobs.py`, imported once when the apps are ready."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import autodiscover_modules


def find_jobs() -> None:
    autodiscover_modules("jobs")
    if not settings.SQLITE:
        from portal.core.background import tasks

        tasks.register()
