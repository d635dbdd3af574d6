"""Every address is kept and asked for in its one spelling (portal/core/text/email_address.py)."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.test import RequestFactory
from django.utils.module_loading import import_string

import portal
from portal.accounts.models import User
from portal.core.text.email_address import CanonicalEmailField, EmailAddressField

pytestmark = pytest.mark.house


def ours():
    return [m for m in apps.get_models() if m.__module__.startswith("portal.")]


def kept():
    return {
        f"{model.__name__}.{field.name}": type(field)
        for model in ours()
        for field in model._meta.concrete_fields
        if isinstance(field, models.EmailField) or "email" in field.name
    }


def forms_of_the_portal():
    found = set()
    for module in pkgutil.walk_packages(portal.__path__, "portal."):
        if module.name.rpartition(".")[2] in {"wsgi", "__main__", "tasks"}:
            continue
        for _, thing in inspect.getmembers(import_module(module.name), inspect.isclass):
            if issubclass(thing, forms.BaseForm) and thing.__module__.startswith("portal."):
                found.add(thing)
    return found


def test_every_address_of_a_row_is_a_canonical_one():
    assert len(kept()) >= 6
    assert set(kept().values()) == {CanonicalEmailField}


def test_every_address_of_a_form_is_a_canonical_one():
    fields = {
        f"{form.__name__}.{name}": type(field)
        for form in forms_of_the_portal()
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.EmailField)
        and not form.__module__.startswith("portal.accounts.forms")
    }
    assert set(fields.values()) <= {EmailAddressField}


FORMS = {**settings.ACCOUNT_FORMS, **settings.MFA_FORMS}
CODE_ALONE = {"activate_totp"}  # and it makes a secret, for which it needs a request


@pytest.mark.parametrize("name", sorted(FORMS.keys() - CODE_ALONE))
def test_every_address_of_signing_in_is_a_canonical_one(name):
    form_class = import_string(FORMS[name])
    more = {}
    if name in {"change_password", "set_password", "reauthenticate", "authenticate"}:
        more = {"user": User()}
    asked = form_class(**more).fields
    found = {each: type(field) for each, field in asked.items() if each in {"email", "login"}}
    assert set(found.values()) <= {EmailAddressField}
    assert bool(found) is (name in {"login", "signup", "request_login_code", "reset_password"})


def test_every_address_of_the_office_is_a_canonical_one():
    request = RequestFactory().get("/office/")
    request.user = AnonymousUser()
    found = {}
    for model, page in admin.site._registry.items():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.EmailField) and model in ours():
                form_field = page.formfield_for_dbfield(field, request)
                found[f"{model.__name__}.{field.name}"] = type(form_field)
    assert len(found) >= 3
    assert set(found.values()) == {EmailAddressField}
