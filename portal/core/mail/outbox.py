"""Writing mail: a row in the outbox, in the act's own transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string

from portal.core.background.registry import nudge
from portal.core.body.details import the_body
from portal.core.mail.words import Words, sealed
from portal.core.models import Document, OutgoingMail, new_message_id
from portal.core.web.links import absolute


def queue_mail(
    template: str,
    *,
    to: str,
    subject: str,
    context: Mapping[str, Any],
    written_at: datetime,
    reference: str = "",
    documents: Sequence[Document] = (),
    calendar: str = "",
    is_secret: bool = False,
    priority: OutgoingMail.Priority = OutgoingMail.Priority.USUAL,
) -> OutgoingMail:
    """Queue one message. `template` is such as "billing/emails/invoice": its .txt and .html.

    The templates get `body`, `subject`, `reference` and `portal_url` besides the context.
    `written_at` is the date on it. `priority`: what waits goes by it first, then by age; each
    app's emails.py says which. `is_secret`: the mail carries a link or code, so its words are
    sealed while it waits and wiped once it has gone (words.py).
    """
    body = the_body()
    words = _words(template, {**context, "body": body, "subject": subject, "reference": reference})
    mail = OutgoingMail.objects.create(
        kind=template.rsplit("/", 1)[-1],
        to=to,
        subject=" ".join(subject.split())[:250],
        text="" if is_secret else words.text,
        html="" if is_secret else words.html,
        sealed=sealed(words) if is_secret else "",
        sender=_mailbox(body.name, body.office_email),
        message_id=new_message_id(),
        calendar=calendar,
        is_secret=is_secret,
        priority=priority,
        created_at=written_at,
    )
    if documents:
        mail.documents.set(documents)
    nudge("send_mail")
    return mail


def _words(template: str, context: Mapping[str, Any]) -> Words:
    """The message as text and as HTML."""
    full = {**context, "portal_url": absolute("/")}
    text = render_to_string(f"{template}.txt", full).strip() + "\n"
    return Words(text, render_to_string(f"{template}.html", full))


def _mailbox(name: str, address: str) -> str:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>'
