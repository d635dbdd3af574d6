"""The Help page."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# What the portal's own pages refer to: numbers, codes, short titles. Nothing else is repeated.
REFERENCE = re.compile(r"[\w .,:;&/()’'–-]{1,80}")


def help_page(request: HttpRequest) -> HttpResponse:
    """The contacts, with the reference of what the person was looking at (`?about=`)."""
    about = " ".join(request.GET.get("about", "").split())
    reference = about if REFERENCE.fullmatch(about) else ""
    return render(request, "home/help.html", {"help_reference": reference})
