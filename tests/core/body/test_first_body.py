"""The first row of a new installation."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal.core.body.first_body import AlreadyFounded, found_body
from portal.core.models import Body, BodyDetails

pytestmark = pytest.mark.django_db

DETAILS = {
    "name": "Institute of Testing",
    "short_name": "IT",
    "office_email": "office@example.org",
    "office_phone": "0113 496 0677",
    "registered_office": "1 Test Street\nLeeds",
}


@pytest.fixture
def no_body(db):
    BodyDetails.objects.all().delete()
    Body.objects.all().delete()


def test_the_body_is_named_once(no_body):
    details = found_body(**DETAILS, actor="test", at=timezone.now())

    assert BodyDetails.objects.get() == details
    assert details.body.staff_second_step
    assert not details.is_demo
    with pytest.raises(AlreadyFounded):
        found_body(**DETAILS, actor="test", at=timezone.now())


def test_a_wrong_address_of_the_office_is_refused(no_body):
    with pytest.raises(ValidationError):
        found_body(**DETAILS | {"office_email": "office"}, actor="test", at=timezone.now())

    assert not BodyDetails.objects.exists()


def test_the_command_tells_what_to_mend(no_body):
    with pytest.raises(CommandError, match=r"^Office email: ") as caught:
        call_command(
            "body", "Institute", short_name="I", email="x", phone="1", address="1 Street, Leeds"
        )

    assert caught.value.returncode == 2


def test_before_the_body_is_named_pages_say_how(no_body, client):
    response = client.get("/")

    assert response.status_code == 503
    assert "portal body --help" in response.content.decode()


@pytest.mark.parametrize("address", ["/nope/", "/favicon.ico", "/robots.txt"])
def test_before_the_body_is_named_an_unknown_address_says_so_too(no_body, client, address):
    response = client.get(address)

    assert response.status_code == 503
    assert "portal body --help" in response.content.decode()


@pytest.mark.parametrize("address", ["/", "/office/", "/training-and-events/"])
def test_before_the_body_is_named_staff_are_told_as_well(no_body, sam, client_of, address):
    assert client_of(sam).get(address).status_code == 503


def test_an_unknown_address_is_not_found(client):
    response = client.get("/nope/")

    assert response.status_code == 404
    assert "Page not found" in response.content.decode()
