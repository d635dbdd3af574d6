"""The mail that the demo institute would have sent. Only the demo has this page."""

from __future__ import annotations

from csp.decorators import csp_update
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from portal.core.body.details import the_body
from portal.core.documents.rendering import content_of
from portal.core.mail.words import NoWords, Words, words_of
from portal.core.models import Document, OutgoingMail
from portal.core.text.email_address import tidy_email

PER_PAGE = 25


@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """The newest first; `?to=` keeps those to one address."""
    _demo_only()
    to = tidy_email(request.GET.get("to", ""))
    found = OutgoingMail.objects.order_by("-created_at", "-pk")
    if to:
        found = found.filter(to=to) if "\0" not in to else found.none()
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "demo/mails.html", {"page": page, "to": to})


@require_safe
@csp_update({"frame-src": "'self'"})  # type: ignore[arg-type]
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One message, as text and as it looks."""
    _demo_only()
    found = get_object_or_404(OutgoingMail, pk=pk)
    documents = found.documents.order_by("pk")
    context = {"mail": found, "words": _words(found), "documents": documents}
    return render(request, "demo/mail.html", context)


@require_safe
@xframe_options_sameorigin
def mail_html(_: HttpRequest, pk: int) -> HttpResponse:
    """The HTML of a message on its own, shown in a frame that runs no script.

    It is of the page's own origin, so that the page can make the frame as high as the message.
    """
    _demo_only()
    found = get_object_or_404(OutgoingMail, pk=pk)
    # A link of the message leads out of the frame, as it would out of a mail program.
    html = _words(found).html.replace("<head>", '<head><base target="_top">', 1)
    response = HttpResponse(mark_safe(html))  # noqa: S308 - our own mail templates, framed
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox "
        "allow-popups allow-same-origin allow-top-navigation-by-user-activation"
    )
    return response


@require_safe
def mail_calendar(_: HttpRequest, pk: int) -> HttpResponse:
    """The attached calendar file."""
    _demo_only()
    found = get_object_or_404(OutgoingMail.objects.exclude(calendar=""), pk=pk)
    return HttpResponse(
        found.calendar,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="event.ics"'},
    )


@require_safe
def document(_: HttpRequest, mail_pk: int, pk: int) -> HttpResponse:
    """An attached PDF."""
    _demo_only()
    found = get_object_or_404(Document, pk=pk, mails=mail_pk)
    return HttpResponse(
        content_of(found),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{found.filename}"'},
    )


def _words(found: OutgoingMail) -> Words:
    """What it says, or why that cannot be shown."""
    try:
        return words_of(found)
    except NoWords as error:
        return Words(str(error), f"<head></head>{escape(str(error))}")


def _demo_only() -> None:
    if not (settings.LOCAL and the_body().is_demo):
        raise Http404
