"""Before anybody has named the body, every page says how."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.core.body import BodyMissing

Handler = Callable[[HttpRequest], HttpResponse]


class BodyMissingMiddleware:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, _: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, BodyMissing):
            return None
        return HttpResponse(
            "This portal is not set up yet. Whoever looks after it runs `portal body --help`.\n",
            status=503,
            content_type="text/plain; charset=utf-8",
        )
