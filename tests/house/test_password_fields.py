"""Every field that takes a password is walked by tests/accounts/test_hashing.py, and only hashers
and validators that know the normal form are installed (portal/accounts/hashing.py)."""

from __future__ import annotations

import pytest
from django import forms
from django.conf import settings
from django.utils.module_loading import import_string

from portal import settings as production
from portal.accounts.hashing import InNormalForm
from portal.accounts.models import User
from portal.accounts.password_rules import HardToGuess, OfNormalForm
from tests.accounts.test_hashing import CHECKING, SETTING
from tests.house.test_email_addresses import forms_of_the_portal

pytestmark = pytest.mark.house


def fields_of(form_class):
    """Those that a form has once it is made, where it can be made with an account alone."""
    for arguments in ({}, {"user": User()}):
        try:
            return form_class(**arguments).fields
        except (TypeError, KeyError, AttributeError, ValueError):
            continue
    return getattr(form_class, "base_fields", {})


def test_every_field_of_a_password_is_walked():
    found = {
        f"{form.__name__}.{name}"
        for form in forms_of_the_portal()
        for name, field in fields_of(form).items()
        if isinstance(field.widget, forms.PasswordInput) or "password" in name
    }
    assert found == {*SETTING, *CHECKING} - {""}


def test_only_what_knows_the_normal_form_makes_hashes():
    for path in (production.PASSWORD_HASHERS[0], settings.PASSWORD_HASHERS[0]):
        assert issubclass(import_string(path), InNormalForm)


def test_every_validator_judges_the_normal_form():
    kinds = {import_string(each["NAME"]) for each in settings.AUTH_PASSWORD_VALIDATORS}
    assert {kind for kind in kinds if not issubclass(kind, OfNormalForm)} == {HardToGuess}
