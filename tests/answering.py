"""Pages keep who asked for a mail; jobs answer. Tests let the jobs run in between."""

from __future__ import annotations

from typing import TypeVar

from django.utils import timezone

from portal.accounts.asking_for_mail import answer_mail_requests
from portal.accounts.models import MailRequest
from portal.people.inviting import answer_invitation_requests
from portal.people.models import InvitationRequest

T = TypeVar("T")


def answered(page: T) -> T:
    """The answer of a page, after the jobs have written the mails that it asked for."""
    answer_mail_requests(at=timezone.now())
    answer_invitation_requests(at=timezone.now())
    assert not MailRequest.objects.exists()
    assert not InvitationRequest.objects.exists()
    return page
