"""What a mail said is forgotten some days after it went; that it went is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core.mail.forgetting import forget_words
from portal.core.mail.sending_again import send_again
from portal.core.mail.words import NoWords, words_of
from portal.core.models import Body, BodyDetails, OutgoingMail

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def mail(body: object) -> OutgoingMail:
    return OutgoingMail.objects.create(
        kind="order", to="a@x.org", subject="Your order", text="Words", html="<p>Words</p>",
        calendar="BEGIN:VCALENDAR", sender="x", message_id="<1@x>",
    )  # fmt: skip


def kept() -> list[str]:
    row = OutgoingMail.objects.get()
    return [row.text, row.html, row.calendar]


@pytest.mark.parametrize("ended", ["sent_at", "given_up_at"])
def test_the_words_go_and_the_fact_stays(mail: OutgoingMail, ended: str) -> None:
    Body.objects.update(forget_mail_days=10)
    now = timezone.now()
    OutgoingMail.objects.update(**{ended: now})
    assert forget_words(at=now + 10 * DAY) == 0
    assert kept() == ["Words", "<p>Words</p>", "BEGIN:VCALENDAR"]
    assert forget_words(at=now + 10 * DAY + timedelta(seconds=1)) == 1
    assert kept() == ["", "", ""]
    row = OutgoingMail.objects.get()
    assert (row.to, row.subject, getattr(row, ended)) == ("a@x.org", "Your order", now)
    assert forget_words(at=now + 100 * DAY) == 0


def test_what_waits_keeps_its_words_however_old(mail: OutgoingMail) -> None:
    assert forget_words(at=timezone.now() + 1000 * DAY) == 0
    assert kept()[0] == "Words"


def test_what_has_no_words_is_not_sent_again(mail: OutgoingMail) -> None:
    now = timezone.now()
    OutgoingMail.objects.update(sent_at=now)
    forget_words(at=now + 1000 * DAY)
    done = send_again([mail.pk], actor="sam", at=now)
    assert (done.again, done.left_out) == (0, 1)
    with pytest.raises(
        NoWords, match=r"The words of this email have been deleted\. Send a new message"
    ):
        words_of(OutgoingMail.objects.get())


def test_without_a_body_nothing_goes() -> None:
    BodyDetails.objects.all().delete()
    Body.objects.all().delete()
    assert forget_words(at=timezone.now()) == 0
