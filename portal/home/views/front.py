"""The front page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.home.front_page import overview
from portal.home.next_step import next_step
from portal.people.access import person_of


def front(request: HttpRequest) -> HttpResponse:
    """To visitors, what one can do here; to a person, what is theirs."""
    if not request.user.is_authenticated:
        return render(request, "home/welcome.html")
    person = person_of(request)
    if person is None:
        return render(request, "people/waiting.html")
    at = timezone.now()
    found = overview(person, at)
    step = next_step(found, at=at)
    context = {"person": person, "overview": found, "step": step}
    return render(request, "home/front.html", context)
