"""Checkout: the review, **Submit order**, and all that can come between."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.billing.models import Invoice, InvoiceSeries, SupplierDetails
from portal.core.money import Money
from portal.events.models import Basket, Hold, Order, RegistrationOption
from portal.events.order_review import review
from tests import factories
from tests.accounts.test_sign_in import sign_in
from tests.events.acts import expire, hold, submit
from tests.events.test_registering import field, save
from tests.people.test_lost_forms import lose_session

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
CHECKOUT = "/checkout/"
FULL = "This event is now full. Nothing has been ordered."


@pytest.fixture
def option():
    return factories.option(factories.event(title="A course"), "Member", price=Money(13000))


def look(browser):
    response = browser.get(CHECKOUT)
    assert response.status_code == 200
    return response.content.decode()


def press(browser, html, **changed):
    return browser.post(
        CHECKOUT,
        {
            "basket": field(html, "basket"),
            "reviewed": field(html, "reviewed"),
            "purchase_order": "",
            **changed,
        },
    )


def test_the_review(client_of, alice, option):
    alice.purchase_order_number = "PO-77"
    alice.save()
    hold(option, alice, special_requirements="Vegan")

    html = look(client_of(alice))

    assert "A course" in html
    assert "Vegan" in html
    assert "£130.00" in html
    assert "VAT at 20%" in html
    assert "£26.00" in html
    assert "£156.00" in html
    assert html.count(f'href="/training-and-events/{option.event.code}/registration/"') == 2
    assert field(html, "purchase_order") == "PO-77"
    assert "Your details have PO-77. Another number here is for this order." in html
    billed = html.split('id="billed"')[1].split("</p>")[0]
    assert "Ms Alice Archer" in billed
    assert "1 Test Street<br>Leeds<br>LS1 4AP" in billed
    assert "Submit order" in html


def test_who_has_no_address_is_told_before_ordering(client_of, charlie, option):
    charlie.addresses.all().delete()
    hold(option, charlie)

    browser = client_of(charlie)
    html = look(browser)

    assert "We have no address for your invoice yet." in html
    assert 'href="/account/address/?next=/checkout/"' in html
    assert "Submit order" not in html
    assert 'name="purchase_order"' not in html


def test_no_order_without_an_address(client_of, alice, option):
    hold(option, alice)
    browser = client_of(alice)
    html = look(browser)
    alice.addresses.all().delete()
    before = InvoiceSeries.objects.get().next_number

    html = press(browser, html).content.decode()

    assert "Add your address before you order. It goes on your invoice." in html
    assert not Order.objects.exists()
    assert InvoiceSeries.objects.get().next_number == before


def test_a_free_order_needs_none(client_of, alice):
    hold(factories.option(factories.event(), price=Money(0)), alice)
    alice.addresses.all().delete()
    browser = client_of(alice)

    assert "/confirmation/" in press(browser, look(browser)).url


def test_a_number_in_the_details_is_no_markup(client_of, alice, option):
    alice.purchase_order_number = "<b>7</b>"
    alice.save()
    hold(option, alice)

    assert "<b>7" not in look(client_of(alice))


def test_vat_by_rate(client_of, alice, option):
    from portal.events.models import EventTax, Kind

    EventTax.objects.filter(kind=Kind.CONFERENCE).update(tax_code="E")
    exempt = factories.event("hall", kind=Kind.CONFERENCE)
    hold(option, alice)
    hold(factories.option(exempt, price=Money(10000)), alice)

    html = look(client_of(alice))

    assert "VAT at 20%" in html
    assert re.search(r">\s*Exempt\s*<", html)
    assert "£256.00" in html


def test_submitting_leads_to_the_confirmation(client_of, alice, option):
    hold(option, alice)
    browser = client_of(alice)

    response = press(browser, look(browser), purchase_order="PO-9")

    placed = Order.objects.get()
    assert (response.status_code, response.url) == (
        302,
        f"/orders/{placed.number}/confirmation/",
    )
    assert placed.invoice.own_purchase_order.number == "PO-9"
    assert placed.booked_by == alice


def test_the_heading_forgets_the_basket(client_of, alice, option):
    hold(option, alice)
    browser = client_of(alice)
    assert browser.session["basket_count"] == 1

    press(browser, look(browser))

    assert "basket_count" not in browser.session


def test_pressing_twice(client_of, alice, option):
    hold(option, alice)
    browser = client_of(alice)
    html = look(browser)

    first, second = press(browser, html), press(browser, html)

    assert first.url == second.url
    assert (Order.objects.count(), Invoice.objects.count()) == (1, 1)


def test_pressing_again_after_back_with_a_bad_number(client_of, alice, option):
    """What was ordered is ordered: not an error, nor the basket that was begun meanwhile."""
    hold(option, alice)
    browser = client_of(alice)
    html = look(browser)
    first = press(browser, html)
    save(browser, factories.option(factories.event("another"), "Place").event, "Place")

    second = press(browser, html, purchase_order="9" * 41)

    assert (second.status_code, second.url) == (302, first.url)
    assert browser.session["basket_count"] == 1
    assert Order.objects.count() == 1


def test_the_last_place_went_meanwhile(client_of, alice, bob):
    option = factories.option(factories.event(), places=1)
    basket = expire(hold(option, alice, special_requirements="Vegan"))
    browser = client_of(alice)
    html = look(browser)
    assert FULL not in html
    hold(option, bob)

    html = press(browser, html, purchase_order="PO-9").content.decode()

    assert "<title>Error: Review your order" in html
    assert html.count(FULL) == 2
    assert f'href="#line-{basket.holds.get().pk}"' in html
    assert "Vegan" in html
    assert field(html, "purchase_order") == "PO-9"
    assert not Order.objects.exists()


def test_which_of_several_is_full(client_of, alice, bob, option):
    full = factories.option(factories.event("full", title="Full course"), places=1)
    hold(option, alice)
    expire(hold(full, alice))
    browser = client_of(alice)
    html = look(browser)
    hold(full, bob)

    html = press(browser, html).content.decode()

    assert f"Full course: {FULL}" in html
    assert f"A course: {FULL}" not in html


def test_a_basket_that_changed_is_shown_again(client_of, alice, option):
    hold(option, alice)
    browser = client_of(alice)
    html = look(browser)
    RegistrationOption.objects.update(price=Money(14000))

    html = press(browser, html).content.decode()

    assert "Your basket has changed since you looked at it" in html
    assert "£168.00" in html
    assert not Order.objects.exists()
    assert press(browser, html).status_code == 302
    assert Invoice.objects.get().gross == Money(16800)


def test_a_basket_that_was_emptied_in_another_tab(client_of, alice, option):
    hold(option, alice)
    browser = client_of(alice)
    html = look(browser)
    Hold.objects.all().delete()

    response = press(browser, html)

    assert (response.status_code, response.url) == (302, "/basket/")
    assert "Your basket has changed" in browser.get("/basket/").content.decode()


def test_a_purchase_order_number_that_is_too_long(client_of, alice, option):
    hold(option, alice)
    browser = client_of(alice)

    html = press(browser, look(browser), purchase_order="9" * 41).content.decode()

    assert html.count("Purchase order number must be 40 characters or less") == 2
    assert "9" * 41 in html
    assert not Order.objects.exists()


def test_a_free_order(client_of, alice):
    hold(factories.option(factories.event(), price=Money(0)), alice)
    browser = client_of(alice)
    html = look(browser)

    assert "There is nothing to pay, so we will not send an invoice." in html
    assert "Billed to" not in html
    assert press(browser, html).status_code == 302
    assert not Invoice.objects.exists()


def test_spaces_in_the_purchase_order_number_are_tidied(client_of, alice, option):
    hold(option, alice)
    browser = client_of(alice)

    press(browser, look(browser), purchase_order=" PO   9 ")

    assert Invoice.objects.get().own_purchase_order.number == "PO 9"


def test_a_payer_without_an_email_address(client_of, alice, option):
    browser = client_of(alice)
    hold(option, alice)
    assert "It is emailed to alice@" in look(browser)
    type(alice).objects.filter(pk=alice.pk).update(email="")

    html = look(browser)

    assert "You find it in your account, under Activity." in html
    assert "emailed to" not in html


def test_where_billing_is_not_ready(client_of, alice, option, caplog):
    hold(option, alice)
    browser = client_of(alice)
    html = look(browser)
    reviewed = review(Basket.objects.get(), at=timezone.now()).fingerprint
    SupplierDetails.objects.update(valid_from=timezone.now().date() + timedelta(days=1))

    html = press(browser, html, reviewed=reviewed).content.decode()

    assert "Orders can’t be taken just now" in html
    assert "Nothing has been ordered, and what you chose stays in your basket." in html
    assert "There are no supplier details" in caplog.text
    assert not Order.objects.exists()


def test_nothing_in_the_basket(client_of, alice):
    response = client_of(alice).get(CHECKOUT)

    assert (response.status_code, response.url) == (302, "/basket/")


@pytest.mark.parametrize("basket", ["", "x", "999999", "9" * 30])
def test_no_such_basket(client_of, alice, option, basket):
    hold(option, alice)
    browser = client_of(alice)

    assert press(browser, look(browser), basket=basket).status_code == 404


def test_a_stranger_finds_nothing(client_of, client, alice, charlie, option):
    basket = hold(option, alice)
    html = look(client_of(alice))

    assert press(client_of(charlie), html).status_code == 404
    assert client.get(CHECKOUT).status_code == 302
    submit(basket)
    assert press(client_of(charlie), html).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_review_asks_the_same_questions_for_one_and_three(
    client_of, alice, number, django_assert_num_queries
):
    for n in range(number):
        hold(factories.option(factories.event(f"event-{n}"), places=9), alice)
    browser = client_of(alice)

    with django_assert_num_queries(8):  # as the basket, and the address
        look(browser)


def test_the_whole_way_takes_seven_requests(client_of, alice, option):
    browser = client_of(alice)
    event = f"/training-and-events/{option.event.code}/"
    register = f"{event}registration/"

    assert f'href="{register}"' in browser.get(event).content.decode()
    html = browser.get(register).content.decode()
    answers = {"option": option.pk, "agree": "on", "wording": field(html, "wording")}
    basket = browser.post(register, answers).url
    assert 'href="/checkout/"' in browser.get(basket).content.decode()
    confirmation = press(browser, look(browser)).url
    assert "Order confirmation" in browser.get(confirmation).content.decode()


def test_who_was_signed_out_at_submit_order_comes_back_to_the_whole_review(client, alice):
    """Total and terms are read again before anything binds, and what was typed is there."""
    hold(factories.option(factories.event(title="Debt relief"), price=Money(5000)), alice)
    lose_session(client, alice)
    sent = {"basket": Basket.objects.get().pk, "reviewed": "x", "purchase_order": "PO 77"}

    led = client.post("/checkout/", sent)
    sign_in(client, "alice@example.org", factories.PASSWORD, next="/checkout/")
    pages = [client.get("/checkout/") for _ in range(2)]

    assert led["Location"] == "/sign-in/?next=/checkout/"
    for page in pages:
        html = page.text
        assert "<h1>Review your order</h1>" in html
        assert "Nothing has been ordered yet" in html
        assert "Total to pay" in html
        assert "£60.00" in html
        assert factories.TERMS in html
        assert "Send it now" not in html
        assert 'value="PO 77"' in html
    assert not Order.objects.exists()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', pages[1].text))
    ordered = client.post("/checkout/", {**hidden, "purchase_order": "PO 77"})
    assert ordered.url == f"/orders/{Order.objects.get().number}/confirmation/"
    assert Order.objects.get().invoice.own_purchase_order.number == "PO 77"
    assert "Nothing has been ordered yet" not in client.get("/checkout/", follow=True).text
