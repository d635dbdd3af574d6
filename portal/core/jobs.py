"""The jobs of core."""

from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone

from portal.core.background.registry import job
from portal.core.machine import clock
from portal.core.mail import forgetting
from portal.core.mail.sending import send_due_mail


@job(every=timedelta(minutes=1), waits_for_others=True)
def send_mail() -> None:
    send_due_mail()


@job(every=timedelta(hours=1))
def watch_clock() -> None:
    clock.may_forget(at=timezone.now())


@job(every=timedelta(hours=24), forgets=True)
def forget_words_of_mail() -> None:
    forgetting.forget_words(at=timezone.now())


@job(every=timedelta(hours=12), forgets=True)
def clear_expired_sessions() -> None:
    call_command("clearsessions")
