"""The portal's addresses and the yardstick: a bare view with one query."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.core.models import Body
from portal.urls import urlpatterns as ours


def bare(_: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{Body.objects.get(pk=1).is_demo}")


urlpatterns = [path("bare/", bare), *ours]
