"""What the office's pages share: lists of any address, names on one line."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.core.body.first_body import found_body
from portal.core.dates import today
from portal.core.models import BodyDetails
from portal.core.rows.history import record

pytestmark = pytest.mark.django_db

HUGE = "9" * 23
LISTS = {
    "events/event": "starts",
    "events/order": "placed_at",
    "events/registration": "registered_at",
    "billing/invoice": "issued_on",
    "billing/payment": "received_on",
    "core/historyentry": "at",
}


@pytest.mark.parametrize(("page", "field"), LISTS.items())
@pytest.mark.parametrize(
    "asked",
    [
        "{0}__year=" + HUGE,
        "{0}__year=9999",
        "{0}__year=1",
        "{0}__year=0",
        "{0}__year=-5",
        "{0}__year=two",
        "{0}__year=2026&{0}__month=13",
        "{0}__year=2026&{0}__month=2&{0}__day=31",
        "{0}__day=" + HUGE,
        "{0}__gte=" + HUGE,
        "id__gt=" + HUGE,
        "p=" + HUGE,
        "q=%00",
    ],
)
def test_a_list_answers_to_a_day_or_number_that_there_cannot_be(sam, client_of, page, field, asked):
    answer = client_of(sam).get(f"/office/{page}/?{asked.format(field)}", follow=True)

    assert answer.status_code == 200
    assert "Something’s wrong with your database" not in answer.content.decode()


def test_a_list_is_still_asked_by_day(sam, client_of):
    record("looked", sam, actor=sam, at=timezone.now())
    office = client_of(sam)

    def found(day):
        asked = f"at__year={day.year}&at__month={day.month}&at__day={day.day}&act=looked"
        return office.get(f"/office/core/historyentry/?{asked}").context["cl"].result_count

    assert found(today()) == 1
    assert found(today() - timedelta(days=1)) == 0


@pytest.mark.parametrize("name", ["name", "short_name"])
def test_a_name_stands_on_one_line(sam, client_of, body, name):
    """With two, no mail could bear it in its subject."""
    page = f"/office/core/bodydetails/{body.pk}/change/"
    office = client_of(sam)
    form = office.get(page).context["adminform"].form
    given = {key: form.initial.get(key, "") for key in form.fields}

    kept = office.post(page, {**given, name: "Institute\r\nBcc: all@example.org"})

    assert "Write this on one line." in kept.content.decode()
    assert "Bcc" not in getattr(BodyDetails.objects.get(), name)
    assert office.post(page, {**given, name: "Institute", "corrects": "on"}).status_code == 302


def test_a_body_is_not_founded_with_a_name_of_two_lines():
    BodyDetails.objects.all().delete()

    with pytest.raises(ValidationError) as refused:
        found_body(
            name="Institute\nof two lines",
            short_name="IT",
            office_email="office@example.org",
            office_phone="0113 496 0677",
            registered_office="12 Row\nLeeds",
            actor="portal body",
            at=timezone.now(),
        )

    assert set(refused.value.error_dict) == {"name", "legal_name"}


@pytest.mark.parametrize("key", ["x", "9" * 30])
def test_an_action_on_rows_that_there_cannot_be_is_told(sam, client_of, key):
    given = {"action": "send_new_invitation", "_selected_action": [key]}

    page = client_of(sam).post("/office/people/person/", given, follow=True)

    assert page.status_code == 200
    assert "Choose rows from the list, then an action." in page.text


@pytest.mark.parametrize("page", admin.site._registry.values(), ids=str)
def test_the_history_of_a_row_is_only_looked_at(sam, client_of, page):
    """A form sent there came to a row that is locked where it is changed, outside a transaction."""
    path = f"/office/{page.opts.app_label}/{page.opts.model_name}/1/history/"

    assert client_of(sam).post(path).status_code == 405
