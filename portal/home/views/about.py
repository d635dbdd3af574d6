"""The tab About me."""

from django.http import HttpResponse
from django.shortcuts import render

from portal.people.access import PersonRequest, person_required


@person_required
def about(request: PersonRequest) -> HttpResponse:
    return render(request, "home/about.html", {"person": request.person})
