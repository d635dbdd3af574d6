"""Writing mail: a row in the outbox, in the act's own transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string

from portal.core.background.registry import nudge
from portal.core.body.details import the_body
from portal.core.mail.words import Words, as_kept
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
    """Queue one message, in the words of `template`, such as "billing/emails/invoice".

    `written_at` is the date on it. What waits goes by `priority`, then by age; each app's emails.py
    says which. `is_secret`: it carries a link or code (words.py).
    """
    about = {**context, "subject": subject, "reference": reference}
    mail = _written(template, about, is_secret=is_secret)
    mail.to, mail.calendar = to, calendar
    mail.priority, mail.created_at = priority, written_at
    mail.save()
    mail.documents.add(*documents)
    nudge("send_mail")
    return mail


def _written(template: str, context: Mapping[str, Any], *, is_secret: bool) -> OutgoingMail:
    """The message that the .txt and .html of a template make, not saved and to nobody yet.

    The templates get `body` and `portal_url` besides the context.
    """
    body = the_body()
    full = {**context, "body": body, "portal_url": absolute("/")}
    text = render_to_string(f"{template}.txt", full).strip() + "\n"
    words = Words(text, render_to_string(f"{template}.html", full))
    return OutgoingMail(
        kind=template.rsplit("/", 1)[-1],
        subject=" ".join(context["subject"].split())[:250],
        sender=_mailbox(body.name, body.office_email),
        message_id=new_message_id(),
        is_secret=is_secret,
        **as_kept(words, is_secret=is_secret),
    )


def _mailbox(name: str, address: str) -> str:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>'
