"""What a list of the office may be asked: by its named filters, by day, by search, by column.

Django lets an address filter a list by any column, however hidden on the page: the count of what
is found would tell a password's hash letter by letter. Here only what the page itself offers is
asked of the database. All else is refused before any query, so that a right guess and a wrong one
have the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.filters import SimpleListFilter
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.http import HttpRequest

# Longer words are nobody's name, and many of them more than SQLite can take in one question.
LONGEST_SEARCH = 100


class SearchForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[SEARCH_VAR] = forms.CharField(
            required=False,
            strip=False,
            max_length=LONGEST_SEARCH,
            error_messages={"max_length": f"Search with {LONGEST_SEARCH} characters or less."},
        )


class OfficeList(ChangeList):
    search_form_class = SearchForm

    def get_filters(self, request: HttpRequest) -> Any:
        """The filters, once nothing is asked but what one of them has taken, or a day.

        Raises DisallowedModelAdminLookup.
        """
        found = super().get_filters(request)
        left = set(found[2]) & set(self.get_filters_params())
        if not left <= set(days_of(self.date_hierarchy)):
            raise DisallowedModelAdminLookup("No filter of this list takes this.")
        return found


def days_of(date_hierarchy: str | None) -> list[str]:
    """The parameters by which a list is asked for a year, month or day."""
    return [f"{date_hierarchy}__{part}" for part in ("year", "month", "day")]


def paths_of(list_filter: Any) -> Iterator[str]:
    """What parameters of the filters begin with: a field's path, or the filter's own name."""
    for declared in list_filter:
        if isinstance(declared, type) and issubclass(declared, SimpleListFilter):
            yield str(declared.parameter_name)
        else:
            yield str(declared[0] if isinstance(declared, (list, tuple)) else declared)


def is_of(parameter: str, paths: Iterator[str]) -> bool:
    return any(parameter == path or parameter.startswith(f"{path}__") for path in paths)


def can_be_searched(words: str) -> bool:
    return len(words) <= LONGEST_SEARCH and "\0" not in words
