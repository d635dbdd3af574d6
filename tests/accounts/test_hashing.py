"""One normal form of each password, by whichever way it comes in; old hashes until a sign-in."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from django.contrib.auth import hashers
from django.contrib.auth.hashers import MD5PasswordHasher, identify_hasher
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from portal import settings as production
from portal.accounts.hashing import InNormalForm, normal_form
from portal.accounts.models import User
from portal.accounts.password_rules import HardToGuess, LongEnough, UnlikeTheAccount
from portal.core.machine.serving import GIVE_BACK
from portal.core.mail.words import words_of
from portal.core.models import OutgoingMail
from portal.people.inviting import invite
from portal.people.models import Person
from tests import factories
from tests.accounts.test_password_rules import link_in
from tests.accounts.test_sign_in import code_of, sign_in
from tests.answering import answered

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ONE_SIGN = "Gr\u00fc\u00dfe aus der Caf\u00e9bar"
TWO_SIGNS = unicodedata.normalize("NFD", ONE_SIGN)
FULL_WIDTH = ONE_SIGN.replace("aus", "\uff41\uff55\uff53")
HARD_SPACES = ONE_SIGN.replace(" ", "\u00a0")
ALIKE = [ONE_SIGN, TWO_SIGNS, FULL_WIDTH, HARD_SPACES, ONE_SIGN.replace(" ", "\u1680")]
OTHERS = [ONE_SIGN.lower(), ONE_SIGN.replace("\u00e9", "e"), f" {ONE_SIGN}", f"{ONE_SIGN} "]


# --- The ways in -----------------------------------------------------------------------------
def by_invitation(password: str) -> str:
    person = factories.person("Ina", "Invited", has_account=False, email="ina@example.org")
    invite([person], actor="test", at=timezone.now())
    mail = words_of(OutgoingMail.objects.latest("pk")).text
    token = mail.partition("/invitation/")[2].partition("/")[0]
    Client().post(f"/invitation/{token}/", {"password": password})
    return "ina@example.org"


def by_sign_up(password: str) -> str:
    email, browser = "nell@example.org", Client()
    typed = {"first_name": "Nell", "last_name": "New", "email": email, "password1": password}
    answered(browser.post("/create-an-account/", typed))
    code = code_of(OutgoingMail.objects.latest("pk"))
    browser.post("/create-an-account/check/", {"code": code, "action": "verify"})
    return email


def by_changing_it(password: str) -> str:
    person = factories.person("Cora", "Change")
    typed = {"oldpassword": factories.PASSWORD, "password1": password}
    factories.client_of(person).post("/account/password/", typed)
    return person.email


def by_setting_the_first(password: str) -> str:
    person = factories.person("Fay", "First")
    person.user.set_unusable_password()
    person.user.save()
    factories.client_of(person).post("/account/password/new/", {"password1": password})
    return person.email


def by_the_link_of_the_mail(password: str) -> str:
    person, browser = factories.person("Rita", "Reset"), Client()
    answered(browser.post("/forgotten/", {"email": person.email}))
    page = browser.get(link_in(OutgoingMail.objects.latest("pk")), follow=True)
    browser.post(page.redirect_chain[-1][0], {"password1": password})
    return person.email


def by_django(password: str) -> str:
    email = "dee@example.org"
    User.objects.create_user(email, password)
    return email


# By the form and field that it comes in by; tests/house/test_password_fields.py holds that there
# is no other.
SETTING = {
    "InvitationForm.password": by_invitation,
    "CreateAccountForm.password1": by_sign_up,
    "ChangePasswordForm.password1": by_changing_it,
    "SetPasswordForm.password1": by_setting_the_first,
    "NewPasswordForm.password1": by_the_link_of_the_mail,
    "": by_django,
}


@pytest.mark.parametrize("way", SETTING.values(), ids=lambda way: way.__name__)
def test_however_it_was_typed_when_set_it_fits_however_it_is_typed(
    way: Callable[[str], str],
) -> None:
    email = way(TWO_SIGNS)
    user = User.objects.get(email=email)
    assert [user.check_password(typed) for typed in ALIKE] == [True] * len(ALIKE)
    assert [user.check_password(typed) for typed in OTHERS] == [False] * len(OTHERS)


def signs_in(alice: Person, typed: str) -> bool:
    return sign_in(Client(), alice.email, typed).status_code == 302


def shows_that_it_is_them(alice: Person, typed: str) -> bool:
    browser = factories.client_of(alice)
    return browser.post("/sign-in/again/", {"password": typed}).status_code == 302


def changes_it(alice: Person, typed: str) -> bool:
    sent = {"oldpassword": typed, "password1": "three quite new words"}
    return factories.client_of(alice).post("/account/password/", sent).status_code == 302


CHECKING = {
    "SignInForm.password": signs_in,
    "PasswordAgainForm.password": shows_that_it_is_them,
    "ChangePasswordForm.oldpassword": changes_it,
}


@pytest.mark.parametrize("typed", ALIKE)
@pytest.mark.parametrize("way", CHECKING.values(), ids=lambda way: way.__name__)
def test_wherever_it_is_checked_it_fits_however_it_is_typed(
    alice: Person, way: Callable[[Person, str], bool], typed: str
) -> None:
    alice.user.set_password(ONE_SIGN)
    alice.user.save()
    assert way(alice, OTHERS[0]) is False
    assert way(alice, typed) is True


def test_the_second_of_two_clicks_on_an_invitation_may_be_typed_otherwise() -> None:
    person = factories.person("Ina", "Invited", has_account=False, email="ina@example.org")
    invite([person], actor="test", at=timezone.now())
    mail = words_of(OutgoingMail.objects.latest("pk")).text
    path = f"/invitation/{mail.partition('/invitation/')[2].partition('/')[0]}/"
    Client().post(path, {"password": ONE_SIGN})
    assert Client().post(path, {"password": FULL_WIDTH}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("e\u0301e\u0301e\u0301abcd", LongEnough(10).get_error_message()),
        ("\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44" * 2, HardToGuess().get_error_message()),
        (
            "\uff41\uff4c\uff49\uff43\uff45\uff20example.org",
            UnlikeTheAccount().get_error_message(),
        ),
    ],
)
def test_what_is_judged_is_the_form_that_is_kept(alice: Person, typed: str, sentence: str) -> None:
    sent = {"oldpassword": factories.PASSWORD, "password1": typed}
    assert sentence in factories.client_of(alice).post("/account/password/", sent).text


def test_the_form_of_a_form_is_itself() -> None:
    assert {normal_form(each) for each in ALIKE} == {ONE_SIGN}
    assert normal_form(normal_form(TWO_SIGNS)) == ONE_SIGN


# --- Argon2id --------------------------------------------------------------------------------
@pytest.fixture
def as_installed(settings: Any) -> None:
    settings.PASSWORD_HASHERS = production.PASSWORD_HASHERS


def test_a_new_hash_is_of_argon2id_as_owasp_has_it(as_installed: None, alice: Person) -> None:
    alice.user.set_password(ONE_SIGN)
    assert alice.user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert alice.user.check_password(TWO_SIGNS)
    assert not alice.user.check_password(OTHERS[0])


def old_hash(password: str) -> str:
    """As Django made it before."""
    return hashers.PBKDF2PasswordHasher().encode(password, "a-salt-of-twenty-two-ch", 1_000_000)


def test_an_old_hash_opens_by_what_was_typed_and_is_made_anew(
    as_installed: None, alice: Person
) -> None:
    User.objects.filter(pk=alice.user_id).update(password=old_hash(TWO_SIGNS))
    assert not signs_in(alice, "not-the-password")
    assert User.objects.get(pk=alice.user_id).password == old_hash(TWO_SIGNS)
    assert signs_in(alice, TWO_SIGNS)
    alice.user.refresh_from_db()
    assert identify_hasher(alice.user.password).algorithm == "argon2"
    assert signs_in(alice, ONE_SIGN)


MEMORY = """
from concurrent.futures import ThreadPoolExecutor
from django.conf import settings
settings.configure()
from portal.accounts.hashing import Argon2Hasher

def megabytes(name):
    rows = open("/proc/self/status").read().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith(name)) / 1024

hasher = Argon2Hasher()
with ThreadPoolExecutor(4) as threads:
    list(threads.map(lambda _: len("warm"), range(4)))
    before = megabytes("VmRSS")
    list(threads.map(lambda _: hasher.encode("a password", hasher.salt()), range(12)))
    print(megabytes("VmHWM") - before, megabytes("VmRSS") - before)
"""


def memory(**env: str) -> tuple[float, float]:
    """MB that hashing in four threads takes at most, and that is kept after it."""
    command = [sys.executable, "-c", MEMORY]
    ours = {**os.environ, **env}
    said = subprocess.run(command, env=ours, check=True, capture_output=True, text=True).stdout
    most, after = map(float, said.split())
    return most, after


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_many_at_once_take_the_memory_of_one_and_give_it_back() -> None:
    most, after = memory(**GIVE_BACK)
    assert 18 < most < 30
    assert after < 8


# --- Old hashes, and what a wrong password costs ---------------------------------------------
class Counted(MD5PasswordHasher):
    spent: ClassVar[list[str]] = []

    def encode(self, password: str, salt: str) -> str:
        self.spent.append(self.algorithm)
        return super().encode(password, salt)


class Now(InNormalForm, Counted):
    algorithm = "now"


class Before(Counted):
    algorithm = "before"


class LongBefore(Counted):
    algorithm = "long-before"


@pytest.fixture
def three_ways(settings: Any, alice: Person, bob: Person) -> Iterator[None]:
    """Alice has a hash of today, Bob an old one; nobody has one of the oldest."""
    names = [f"{__name__}.{kind.__name__}" for kind in (Now, Before, LongBefore)]
    settings.PASSWORD_HASHERS = names
    for person, hasher in ((alice, Now()), (bob, Before())):
        made = hasher.encode(factories.PASSWORD, hasher.salt())
        User.objects.filter(pk=person.user_id).update(password=made)
    yield
    Counted.spent.clear()


def spent_on(email: str) -> list[str]:
    Counted.spent.clear()
    assert sign_in(Client(), email, "not-the-password").status_code == 200
    return sorted(Counted.spent)


@pytest.mark.usefixtures("three_ways")
def test_a_wrong_password_costs_the_same_whoever_it_is(alice: Person, bob: Person) -> None:
    charlie = factories.charlie()
    charlie.user.set_unusable_password()
    charlie.user.save()
    closed = factories.person("Cleo", "Closed")
    User.objects.filter(pk=closed.user_id).update(is_active=False)
    people = [alice.email, bob.email, charlie.email, closed.email, "nobody@example.org"]
    assert [spent_on(email) for email in people] == [["before", "now"]] * 5


@pytest.mark.usefixtures("three_ways")
def test_once_the_last_old_one_is_made_anew_it_costs_no_more_than_one(
    alice: Person, bob: Person
) -> None:
    assert signs_in(bob, factories.PASSWORD)
    people = [alice.email, bob.email, "nobody@example.org"]
    assert [spent_on(email) for email in people] == [["now"]] * 3


@pytest.mark.usefixtures("three_ways")
def test_a_right_one_costs_what_it_has_to(alice: Person, bob: Person) -> None:
    for person, spent in ((alice, ["now"]), (bob, ["before", "now"]), (bob, ["now"])):
        Counted.spent.clear()
        assert signs_in(person, factories.PASSWORD)
        assert sorted(Counted.spent) == spent


@pytest.mark.usefixtures("three_ways")
@pytest.mark.parametrize(
    "way",
    [shows_that_it_is_them, lambda bob, typed: bob.user.check_password(typed)],
)
def test_who_is_signed_in_stays_so_though_their_hash_is_old(
    bob: Person, way: Callable[[Person, str], bool]
) -> None:
    browser = factories.client_of(bob)
    bob.user.refresh_from_db()
    assert way(bob, factories.PASSWORD)
    assert browser.get("/account/").status_code == 200
    assert User.objects.get(pk=bob.user_id).password.startswith("before$")


@pytest.mark.usefixtures("three_ways")
def test_who_has_an_old_hash_and_signs_in_is_in_at_the_next_page_too(bob: Person) -> None:
    browser = Client()
    sign_in(browser, bob.email, factories.PASSWORD)
    assert browser.get("/account/").status_code == 200


def test_no_command_sets_a_password(capsys: pytest.CaptureFixture[str]) -> None:
    """Django's own do by way of the account, which `by_django` above walks."""
    call_command("staff_add", "pat@example.org", first_name="Pat", last_name="Poe", all=True)
    assert not User.objects.get(email="pat@example.org").has_usable_password()
