"""The tab Activity."""

from django.http import HttpResponse
from django.shortcuts import render

from portal.people.access import PersonRequest, person_required


@person_required
def activity(request: PersonRequest) -> HttpResponse:
    return render(request, "home/activity.html", {"person": request.person})
