"""What an office list can be asked for: its named filters, days, searches and column orders.

Django lets an address filter a list by any column, however hidden on the page: the count of what
is found would tell a password's hash letter by letter. Here only what the page itself offers is
asked of the database. All else is refused before any query, so that a right guess and a wrong one
have the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.exceptions import (
    DisallowedModelAdminLookup,
    DisallowedModelAdminToField,
)
from django.contrib.admin.filters import AllValuesFieldListFilter, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.core.text.comparing import as_words
from portal.core.text.email_address import tidy_email

_EDITED_ROW = re.compile(r"form-\d+-id")  # the key of a row that is edited in its list
# Longer words are nobody's name, and many of them more than SQLite can take in one question.
LONGEST_SEARCH = 100


class NotAnswered(Exception):
    """No list can be found for this address."""


class SearchForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[SEARCH_VAR] = forms.CharField(
            required=False,
            strip=False,
            max_length=LONGEST_SEARCH,
            error_messages={"max_length": f"Use {LONGEST_SEARCH} characters or fewer in a search."},
        )


class WordedFilter(AllValuesFieldListFilter):
    """A filter by the values of a column, each shown in words instead of the code's name for it."""

    def words(self, value: str) -> str:
        """What the office reads for a value of the column."""
        raise NotImplementedError

    def choices(self, changelist: Any) -> Iterator[Any]:
        everything, *values = super().choices(changelist)
        yield everything
        for value in values:
            yield value | {"display": self.words(str(value["display"]))}


class OfficeList(ChangeList):
    search_form_class = SearchForm

    def get_filters(self, request: HttpRequest) -> Any:
        """The filters, once nothing is asked but what one of them has taken, or a day.

        Raises DisallowedModelAdminLookup.
        """
        found = super().get_filters(request)
        left = set(found[2]) & set(self.get_filters_params())
        if not left <= set(days_of(self.date_hierarchy)):
            raise DisallowedModelAdminLookup("This list has no such filter.")
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


def is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19  # fits 64 bits


class OfficeListPage(admin.ModelAdmin):
    """The list of a page of the office."""

    list_per_page = 50

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[OfficeList]:
        return OfficeList

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only what begins as one of the filters does; OfficeList asks each what it takes."""
        filters = self.list_filter if request is None else self.get_list_filter(request)
        return lookup in days_of(self.date_hierarchy) or is_of(lookup, paths_of(filters))

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """An address is looked for as it is kept, words as they are compared (text/comparing.py).

        Columns without a form for comparing have the words as they stand: they are asked as well.
        """
        if not can_be_searched(search_term):
            return queryset.none(), False
        typed = search_term.split()
        words = [tidy_email(word) if "@" in word else as_words(word) for word in typed]
        found, may_repeat = super().get_search_results(request, queryset, " ".join(words))
        if words != [word.casefold() for word in typed]:
            found |= super().get_search_results(request, queryset, search_term)[0]
        return found, may_repeat

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list; the whole of it where it cannot be asked for that, whatever the answer."""
        edited = [str(value) for name, value in request.POST.items() if _EDITED_ROW.fullmatch(name)]
        if not all(is_key(key) for key in edited):
            self.message_user(
                request, "These rows no longer exist, so nothing was saved.", messages.ERROR
            )
            return redirect(request.path)
        try:
            return super().changelist_view(request, extra_context)
        except (NotAnswered, DisallowedModelAdminLookup, DisallowedModelAdminToField) as error:
            if not request.GET:
                raise
            if isinstance(error, NotAnswered) and PAGE_VAR in request.GET:
                return self._to_first_page(request)
            sentence = "This list has no such filter, so this is the whole list."
            self.message_user(request, sentence, messages.WARNING)
            return redirect(request.path)

    def _to_first_page(self, request: HttpRequest) -> HttpResponse:
        """The same list, with its filters and search, from its first page."""
        asked = request.GET.copy()
        page = "".join(asked.pop(PAGE_VAR))[:10]
        sentence = f"This list has no page “{page}”. This is its first page."
        self.message_user(request, sentence, messages.WARNING)
        return redirect(f"{request.path}?{asked.urlencode()}" if asked else request.path)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Raises NotAnswered for an address with a day or number that there cannot be.

        Django takes care of what does not fit a field, but not of what no database can ask for.
        """
        try:
            return super().get_changelist_instance(request)
        except (IncorrectLookupParameters, OverflowError, ValueError, DataError) as error:
            raise NotAnswered from error
