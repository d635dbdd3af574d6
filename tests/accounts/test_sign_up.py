"""“Create an account”: confirmed by a code, and nothing gained with another's address."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.utils import timezone

from portal.accounts.codes import WRONG_CODE
from portal.accounts.models import User
from portal.accounts.opening_accounts import forget_unclaimed
from portal.core.background.registry import JOBS
from portal.core.mail.words import words_of
from portal.core.models import OutgoingMail
from portal.people.inviting import invite
from portal.people.models import AccountClaim, Person
from tests import factories
from tests.accounts.test_sign_in import code_of, sign_in
from tests.answering import answered
from tests.concurrency.together import together

pytestmark = pytest.mark.django_db
TYPED = {
    "first_name": "Nell",
    "last_name": "New",
    "email": "nell@example.org",
    "password1": "three words together",
}


def ask_to_sign_up(client: Client, **typed: str):
    return client.post("/create-an-account/", {**TYPED, **typed})


def sign_up(client: Client, **typed: str):
    return answered(ask_to_sign_up(client, **typed))


def confirm(client: Client, email: str = "nell@example.org"):
    mail = OutgoingMail.objects.filter(to=email, kind="email_confirmation_signup").latest("pk")
    return client.post("/create-an-account/check/", {"code": code_of(mail), "action": "verify"})


def test_who_mistyped_the_address_signs_up_with_another(client: Client) -> None:
    sign_up(client, email="nell@exmaple.org")
    page = client.get("/create-an-account/check/").text
    other = re.search(r'href="([^"]+)">Use another address<', page)
    assert other
    assert "<h1>Create an account</h1>" in client.get(other[1]).text
    assert sign_up(client)["Location"] == "/create-an-account/check/"
    assert confirm(client)["Location"] == "/"
    assert Person.objects.get().email == "nell@example.org"


def test_who_has_an_account_signs_in_by_the_mail_that_says_so(
    client: Client, alice: Person
) -> None:
    sign_up(client, email=alice.email)
    mail = OutgoingMail.objects.get()
    assert mail.subject == "You already have an account"
    address = re.search(r"http://localhost:8000(/sign-in/\S*)", words_of(mail).text)
    assert address
    assert "<h1>Sign in</h1>" in client.get(address[1]).text
    sign_in(client, alice.email, factories.PASSWORD)
    assert client.session["_auth_user_id"] == str(alice.user_id)


def test_somebody_with_one_name_signs_up_by_it(client: Client) -> None:
    sign_up(client, first_name="", last_name="Prince")

    assert confirm(client)["Location"] == "/"
    person = Person.objects.get()
    assert (person.first_name, person.last_name) == ("", "Prince")
    assert "Hello, Prince" in client.get("/").text


def test_nobody_has_the_address_so_a_person_is_made(client: Client) -> None:
    assert sign_up(client)["Location"] == "/create-an-account/check/"
    assert not Person.objects.exists()
    assert confirm(client)["Location"] == "/"
    person = Person.objects.get()
    assert (person.first_name, person.last_name, person.email) == (
        "Nell",
        "New",
        "nell@example.org",
    )
    assert person.user == User.objects.get()
    assert "Hello, Nell" in client.get("/").text


def test_one_person_has_the_address_so_the_account_is_theirs(client: Client) -> None:
    known = factories.person("Nelly", "Known", email="nell@example.org", has_account=False)
    sign_up(client)
    known.refresh_from_db()
    assert known.user is None
    confirm(client)
    known.refresh_from_db()
    assert known.user == User.objects.get()
    assert Person.objects.count() == 1
    assert "Hello, Nelly" in client.get("/").text


def test_several_have_the_address_so_the_office_decides(client: Client, sam: Person) -> None:
    first = factories.person("Nelly", "One", email="nell@example.org", has_account=False)
    second = factories.person("Ned", "Two", email="nell@example.org", has_account=False)
    sign_up(client)
    confirm(client)
    claim = AccountClaim.objects.get()
    assert claim.user.email == "nell@example.org"
    assert not Person.objects.filter(user=claim.user).exists()
    for address in ("/", "/account/", "/account/activity/"):
        page = client.get(address).text
        assert "Your account is nearly ready" in page
        assert "Nelly" not in page
        assert "One" not in page
    office = factories.client_of(sam)
    form = office.get(f"/office/people/accountclaim/{claim.pk}/change/").text
    assert "Nelly One" in form
    assert "Ned Two" in form
    assert "Sam Stone" not in form
    office.post(f"/office/people/accountclaim/{claim.pk}/change/", {"person": second.pk})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.user, second.user) == (None, claim.user)
    assert not AccountClaim.objects.exists()
    assert OutgoingMail.objects.latest("pk").subject == "Your account is ready"
    assert "Hello, Ned" in client.get("/").text


def test_a_person_who_has_an_account_elsewhere_is_not_taken_over(client: Client) -> None:
    owner = factories.person("Olga", "Owner", email="olga@example.org")
    Person.objects.filter(pk=owner.pk).update(email="nell@example.org")
    sign_up(client)
    confirm(client)
    owner.refresh_from_db()
    assert owner.user.email == "olga@example.org"
    assert Person.objects.get(user__email="nell@example.org").pk != owner.pk


def test_before_the_code_an_account_can_do_nothing(client: Client) -> None:
    sign_up(client)
    assert client.get("/account/").status_code == 302
    assert "_auth_user_id" not in client.session
    other = Client()
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        answer = sign_in(other, TYPED["email"], TYPED["password1"])
    assert answer.status_code == 200
    assert not User.objects.exists()
    assert "_auth_user_id" not in other.session


def test_a_wrong_code_is_told_and_three_end_it(client: Client) -> None:
    sign_up(client)
    for _ in range(2):
        page = client.post("/create-an-account/check/", {"code": "WRONG", "action": "verify"})
        assert WRONG_CODE in page.text
    last = client.post("/create-an-account/check/", {"code": "WRONG", "action": "verify"})
    assert last["Location"] == "/create-an-account/"
    again = client.get("/create-an-account/").text
    assert "You entered a wrong code three times. Send this form again for a new one" in again
    assert 'value="Nell"' in again
    assert 'value="nell@example.org"' in again
    assert TYPED["password1"] not in again
    assert confirm(client)["Location"] == "/sign-in/"
    assert not Person.objects.exists()


def test_an_address_that_has_an_account_shows_the_same_page(client: Client, alice: Person) -> None:
    pages = []
    for email in ("nell@example.org", alice.email):
        page = Client().post("/create-an-account/", {**TYPED, "email": email}, follow=True)
        answered(page)
        assert page.redirect_chain == [("/create-an-account/check/", 302)]
        pages.append(re.sub(r'value="[\w-]{64}"', "", page.text.replace(email, "ADDRESS")))
    assert pages[0] == pages[1]
    mail = OutgoingMail.objects.get(to=alice.email)
    assert mail.subject == "You already have an account"
    assert OutgoingMail.objects.count() == 2
    assert User.objects.filter(email=alice.email).count() == 1
    alice.user.refresh_from_db()
    assert alice.user.check_password(factories.PASSWORD)


def test_an_address_that_has_an_account_costs_the_same_hashing(
    client: Client, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing takes half a second on purpose: without it, the time would tell."""
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    sign_up(client)
    new = len(hashed)
    sign_up(Client(), email=alice.email)

    assert new == 1
    assert hashed == [TYPED["password1"]] * 2


def test_who_was_invited_and_has_no_account_gets_to_it_by_asking_for_a_code(
    client: Client,
) -> None:
    factories.person("Nelly", "Known", email="nell@example.org", has_account=False)
    answered(client.post("/sign-in/code/", {"email": "nell@example.org"}))
    assert OutgoingMail.objects.get().kind == "invitation"


def test_a_squatter_keeps_nothing_when_the_holder_signs_up(client: Client) -> None:
    squatter = Client()
    sign_up(squatter, password1="the squatter's own words", first_name="Mallory")
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        sign_up(client)
        confirm(client)
    assert Person.objects.get().first_name == "Nell"
    assert User.objects.get().check_password(TYPED["password1"])
    assert "_auth_user_id" not in squatter.session
    squatter.get("/sign-in/")
    assert squatter.get("/account/").status_code == 302


@pytest.mark.parametrize("times", [1, 9])
def test_a_squatter_who_signs_up_again_spoils_no_code_and_gets_nothing(
    client: Client, times: int
) -> None:
    sign_up(client)
    squatter = Client()
    for _ in range(times):
        sign_up(squatter, password1="the squatter's own words", first_name="Mallory")
    mail = OutgoingMail.objects.filter(kind="email_confirmation_signup").earliest("pk")
    check = "/create-an-account/check/"
    assert client.post(check, {"code": code_of(mail), "action": "verify"})["Location"] == "/"
    assert "Hello, Nell" in client.get("/").text
    assert User.objects.get().check_password(TYPED["password1"])
    for code in (code_of(mail), "WRONG"):
        squatter.post(check, {"code": code, "action": "verify"})
    squatter.get("/sign-in/")
    assert squatter.get("/account/").status_code == 302
    assert sign_in(squatter, TYPED["email"], "the squatter's own words").status_code == 200


def test_the_second_of_two_clicks_leads_to_a_page_whose_code_works(client: Client) -> None:
    """The first answer, and its session, never reach the browser."""
    sign_up(Client())
    assert sign_up(client)["Location"] == "/create-an-account/check/"
    assert OutgoingMail.objects.count() == 2
    assert confirm(client)["Location"] == "/"
    assert Person.objects.get().user == User.objects.get()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_account_and_each_has_a_code(body: object) -> None:
    browsers = [Client() for _ in range(4)]
    done = together([partial(ask_to_sign_up, browser) for browser in browsers])
    assert {answer["Location"] for answer in done} == {"/create-an-account/check/"}
    answered(done)
    kinds = set(OutgoingMail.objects.values_list("kind", flat=True))
    assert kinds == {"email_confirmation_signup"}
    assert OutgoingMail.objects.count() == 4
    codes = [code_of(mail) for mail in OutgoingMail.objects.order_by("pk")]

    def enter(browser: Client, code: str):
        return browser.post("/create-an-account/check/", {"code": code, "action": "verify"})

    done = together(
        [partial(enter, each, code) for each, code in zip(browsers, codes, strict=True)]
    )
    assert sorted(answer["Location"] for answer in done) == ["/", *["/sign-in/"] * 3]
    assert User.objects.verified().count() == User.objects.count() == 1
    assert Person.objects.get().user == User.objects.get()


def test_a_newer_account_at_the_address_ends_what_waits(client: Client) -> None:
    known = factories.person("Nelly", "Known", email="nell@example.org", has_account=False)
    sign_up(client)
    mail = OutgoingMail.objects.get(kind="email_confirmation_signup")
    invite([known], actor="test", at=timezone.now())
    letter = words_of(OutgoingMail.objects.latest("pk")).text
    token = letter.partition("/invitation/")[2].partition("/")[0]
    Client().post(f"/invitation/{token}/", {"password": "her own new words"})
    typed = {"code": code_of(mail), "action": "verify"}
    page = client.post("/create-an-account/check/", typed, follow=True)
    assert page.redirect_chain == [("/sign-in/", 302)]
    assert "An account with this address has been created since" in page.text
    assert "_auth_user_id" not in client.session
    assert User.objects.get().check_password("her own new words")


def test_no_code_signs_in_to_an_account_that_nobody_has_confirmed(client: Client) -> None:
    sign_up(Client(), password1="the squatter's own words")
    answered(client.post("/sign-in/code/", {"email": TYPED["email"]}))
    answered(client.post("/forgotten/", {"email": TYPED["email"]}))
    kinds = list(OutgoingMail.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["email_confirmation_signup", "unknown_account", "unknown_account"]


def test_a_flag_of_staff_survives_a_sign_up_with_the_address(client: Client) -> None:
    User.objects.create_user("nell@example.org", None, is_staff=True)
    sign_up(client)
    assert User.objects.get().is_staff
    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"last_name": ""}, "Enter your last name"),
        ({"first_name": "N" * 101}, "First name must be 100 characters or less"),
        ({"email": ""}, "Enter your email address"),
        ({"email": "nell"}, "Enter an email address in full, such as name@example.org"),
        ({"password1": ""}, "Enter a password"),
        ({"password1": "short"}, "Password must be 10 characters or more"),
        ({"password1": "password123"}, "Choose a password that is harder to guess"),
        ({"password1": "nell@example"}, "Choose a password that is less like your name"),
        (
            {"password1": "Dora Elliott 1", "first_name": "Dora", "last_name": "Elliott"},
            "Choose a password that is less like your name",
        ),
        ({"password1": "password" * 2}, "Choose a password that is harder to guess"),
        ({"password1": " Letmein  letmein "}, "Choose a password that is harder to guess"),
        ({"password1": " " * 10}, "Choose a password of 5 or more different characters"),
        ({"password1": "aAbbccddddd"}, "Choose a password of 5 or more different characters"),
    ],
)
def test_each_error_says_what_to_do(client: Client, typed: dict[str, str], sentence: str) -> None:
    page = sign_up(client, **typed)
    assert page.status_code == 200
    assert page.text.count(sentence) == 2
    assert not User.objects.exists()


def test_no_page_of_signing_in_says_please_or_invalid(
    client: Client, client_of: Callable[[Person], Client], alice: Person
) -> None:
    signed_in = client_of(alice)
    pages = [
        client.get(address).text
        for address in ("/sign-in/", "/create-an-account/", "/forgotten/", "/sign-in/code/")
    ]
    pages += [signed_in.get(address).text for address in ("/account/password/", "/sign-out/")]
    for page in pages:
        assert not re.search(r"\b(please|invalid|this field)\b", page, re.I)


def test_a_sign_up_that_nobody_confirms_is_forgotten(client: Client, alice: Person) -> None:
    made = User.objects.create_user("nora@example.org", "some words of another").created_at

    assert forget_unclaimed(at=made + timedelta(days=7)) == 0
    assert forget_unclaimed(at=made + timedelta(days=7, seconds=1)) == 1
    assert list(User.objects.all()) == [alice.user]
    assert JOBS["forget_unclaimed"].every == timedelta(days=1)


def test_who_confirms_second_is_led_to_signing_in(client: Client) -> None:
    """Both read the address's mail; the account keeps the first's name and password."""
    sign_up(client)
    second = Client()
    sign_up(second, password1="words of the second one", first_name="Ned")
    first_mail, second_mail = OutgoingMail.objects.order_by("pk")
    check = "/create-an-account/check/"
    client.post(check, {"code": code_of(first_mail), "action": "verify"})
    answer = second.post(check, {"code": code_of(second_mail), "action": "verify"})
    assert answer["Location"] == "/sign-in/"
    assert "_auth_user_id" not in second.session
    assert Person.objects.get().first_name == "Nell"
    assert User.objects.get().check_password(TYPED["password1"])


@pytest.mark.parametrize("again", ["the code", "a new code"])
def test_a_sign_up_goes_on_though_something_else_was_begun_in_this_browser(
    client: Client, again: str
) -> None:
    answered(client.post("/create-an-account/", TYPED))
    answered(client.post("/sign-in/code/", {"email": "other@example.org"}))
    if again == "a new code":
        answered(client.post("/create-an-account/check/", {"action": "resend"}))
    assert confirm(client)["Location"] == "/"
    assert User.objects.get(email=TYPED["email"]).check_password(TYPED["password1"])
