"""What the database would refuse of a form is told in a sentence, not by a name in code."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin import site
from django.db.models import BaseConstraint, Model, UniqueConstraint

from portal.core.office.pages import ReadOnly

pytestmark = pytest.mark.house


def typed_in_the_office() -> list[type[Model]]:
    pages: list[Any] = [page for page in site._registry.values() if not isinstance(page, ReadOnly)]
    return list({model for page in pages for model in (page.model, *_rows(page))})


def _rows(page: Any) -> list[type[Model]]:
    return [inline.model for inline in page.inlines]


def says_it(constraint: BaseConstraint) -> bool:
    """Django has a sentence for columns that are unique together: it names them."""
    if isinstance(constraint, UniqueConstraint) and constraint.fields and not constraint.condition:
        return True
    own = constraint.violation_error_message != constraint.default_violation_error_message
    return own and str(constraint.violation_error_message).endswith(".")


def test_each_has_its_sentence() -> None:
    mute = [
        f"{model._meta.label}: {constraint.name}"
        for model in typed_in_the_office()
        for constraint in model._meta.constraints
        if not says_it(constraint)
    ]

    assert mute == []
    assert len(typed_in_the_office()) > 10


def test_one_without_is_found() -> None:
    plain = UniqueConstraint(fields=["end"], name="one")
    bare = UniqueConstraint("end", name="one")

    assert says_it(plain)
    assert not says_it(bare)
