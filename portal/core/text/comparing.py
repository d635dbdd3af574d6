"""The form in which words are compared: what people see as the same is the same.

Two rows are compared, looked up and searched by a form that is worked out once and stored beside
the words (`ComparedField`), alike on both databases: the databases themselves do not agree on
capitals, and neither knows that Zoë is looked for as Zoe. Rules:

- Capitals and small letters are the same; so are letters with and without accents, and Latin
  letters with a stroke or joined (Ł, Ø, Æ, ß) and those that are typed for them.
- Each apostrophe is the typed one, each hyphen and dash the typed one, white space one space.
- Numbers and postcodes have no spaces.
- Organisations have no full stops, and “Limited” is “Ltd”.

The table is our own: what is stored and unique must not change with the version of a library.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField

_Row_co = TypeVar("_Row_co", bound=models.Model, covariant=True)
Form = Callable[[str], str]

# What decomposition leaves whole. Small letters: capitals are folded before.
_LETTERS = {
    "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ŋ": "n",
    "þ": "th", "ŧ": "t", "ĸ": "k", "ƀ": "b", "ɨ": "i", "ɫ": "l", "ə": "e",
}  # fmt: skip
_APOSTROPHES = "'`´ʹʻʼʽˈ‘’‚‛′＇"
_HYPHENS = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"
_TABLE = str.maketrans(
    _LETTERS
    | dict.fromkeys(_APOSTROPHES, "'")
    | dict.fromkeys(_HYPHENS, "-")
    | dict.fromkeys("“”„‟″", '"')
)
_LIMITED = re.compile(r"\blimited\b")


def as_words(text: str) -> str:
    """For what is searched in: names, titles, texts."""
    if text.isascii():
        return " ".join(text.casefold().translate(_TABLE).split())
    # Before decomposition, which would part some of these marks from their meaning, and after.
    apart = unicodedata.normalize("NFKD", text.translate(_TABLE).casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(bare.translate(_TABLE).split())


as_name = as_words


def as_number(text: str) -> str:
    """For membership numbers, order numbers and postcodes: without spaces."""
    return as_words(text).replace(" ", "")


def as_organisation(text: str) -> str:
    """For names of organisations: J. Smith Limited is J Smith Ltd."""
    words = as_words(text).replace(".", " ")
    return " ".join(_LIMITED.sub("ltd", words).split())


class ComparedField(_TextField):
    """The compared form of other columns of its row: worked out, never given.

    `source` names the columns. A model with such fields is a `ComparedRow`, its queryset a
    `ComparedQuerySet`; rows/bulk.py works them out too. So no way of writing leaves one behind.
    To the database and to migrations it is a TextField.
    """

    def __init__(
        self, *, source: str | tuple[str, ...], form: Form = as_words, **options: Any
    ) -> None:
        self.source = (source,) if isinstance(source, str) else source
        self.form = lru_cache(maxsize=4096)(form)
        options |= {"editable": False, "default": ""}
        super().__init__(**options)

    def clone(self) -> ComparedField:
        options = self.deconstruct()[3]
        return ComparedField(source=self.source, form=self.form.__wrapped__, **options)

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.TextField", args, options

    def worked_out(self, values: Iterable[Any]) -> str:
        """From the values of the source, in their order."""
        return self.form(" ".join(str(value or "") for value in values))

    def get_prep_value(self, value: Any) -> Any:
        """What is looked for, whatever its form: `filter(compared_name="ZOË")` finds Zoe."""
        return self.form(value) if isinstance(value, str) else super().get_prep_value(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002 - Django's
        value = self.worked_out(getattr(model_instance, name) for name in self.source)
        setattr(model_instance, self.attname, value)
        return value


def compared_fields(model: type[models.Model]) -> list[ComparedField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, ComparedField)]


class ComparedRow(models.Model):
    """A row with compared fields, which are saved with what they are worked out from."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        named = options.get("update_fields")
        if named is not None:
            fields = compared_fields(type(self))
            also = [field.name for field in fields if set(field.source) & set(named)]
            options["update_fields"] = [*named, *also]
        super().save(*args, **options)


class ComparedQuerySet(models.QuerySet[_Row_co]):
    def update(self, **values: Any) -> int:
        """The forms of what is given go with it.

        Raises TypeError where a form cannot be worked out: its source is given in part, or is not
        a text. Save the rows instead.
        """
        for field in compared_fields(self.model):
            given = [values[name] for name in field.source if name in values]
            if not given or field.name in values:
                continue
            if len(given) < len(field.source) or not all(isinstance(v, str) for v in given):
                raise TypeError(f"{field.source} goes with {field.name}: save the rows instead.")
            values[field.name] = field.worked_out(given)
        return super().update(**values)
