"""The subject of a message: folded once, in words that any server takes (RFC 2047, RFC 5322)."""

import email
import re
from email.header import decode_header, make_header

import pytest

from portal.core.mail.sending import compose
from portal.core.models import OutgoingMail, new_message_id

pytestmark = pytest.mark.django_db

WORD = re.compile(rb"=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?=")


def head_of(subject: str, *, sender: str = '"Institute" <office@example.org>') -> bytes:
    mail = OutgoingMail.objects.create(
        kind="invoice",
        to="alice@example.org",
        subject=subject,
        text="Words",
        sender=sender,
        message_id=new_message_id(),
    )
    whole: bytes = compose(mail).message().as_bytes()
    return whole.partition(b"\n\n")[0]


@pytest.mark.parametrize(
    "subject",
    [
        "Short",
        "Invoice 000001 from the Institute of Money Advisers and Others (reference IMA-000001-5)",
        "Order ORD-000001: " + "Grüße, “Élise” – Łódź " * 4,
        "Training: “Debt relief orders” – Wales",
        "你好" * 60,
        "x" * 200,
        "é" + " plain words that go on" * 9,
    ],
)
def test_it_is_folded_once_and_read_back_whole(subject: str) -> None:
    head = head_of(subject)

    assert re.search(rb"^Subject: \S", head, re.MULTILINE), head.decode()
    assert all(len(word) <= 75 for word in WORD.findall(head))
    assert all(len(each) <= 78 for each in head.split(b"\n")), head.decode()
    read = str(make_header(decode_header(email.message_from_bytes(head)["Subject"])))
    assert " ".join(read.split()) == subject.strip()


@pytest.mark.parametrize("name", ["Institut für Schuldnerberatung " * 3, "协会" * 30])
def test_so_is_the_name_of_who_sends(name: str) -> None:
    head = head_of("Short", sender=f'"{name.strip()}" <office@example.org>')

    assert all(len(word) <= 75 for word in WORD.findall(head)), head.decode()
    assert all(len(each) <= 78 for each in head.split(b"\n")), head.decode()
