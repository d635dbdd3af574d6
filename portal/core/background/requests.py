"""Requests from pages that look nobody up. Each is a row, which a job answers and deletes.

Rules (docs/decisions/0014-pages-that-look-nobody-up.md):
- Answer and row go in one transaction: no request is lost, and none is answered twice.
- One that fails stays and is tried again. After a day it is too late: whoever asked has asked
  again.
- A fault of the machine is the worker's to wait for, not the request's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import models, transaction

from portal.core.background.registry import is_stopping
from portal.core.machine.faults import fault_of
from portal.core.rows.locking import lock

log = logging.getLogger("portal.jobs")

M = TypeVar("M", bound=models.Model)
TOO_LATE = timedelta(days=1)


def answer_each(
    model: type[M], answer: Callable[[M], object], *, at: datetime, forgets: bool
) -> int:
    """Answer and forget each request of this model (it has `asked_at`); returns how many.

    What is too old to be answered is forgotten, and stays where it is not to (`forgets`).
    """
    requests: models.QuerySet[Any] = model._default_manager.all()
    if forgets:
        requests.filter(asked_at__lt=at - TOO_LATE).delete()
    in_time = requests.filter(asked_at__gte=at - TOO_LATE)
    answered = 0
    for pk in list(in_time.order_by("pk").values_list("pk", flat=True)):
        if is_stopping():
            break
        try:
            answered += _answer_one(requests.filter(pk=pk), answer)
        except Exception as error:
            if fault_of(error):
                raise
            log.exception("%s %s got no answer. It will be tried again.", model.__name__, pk)
    return answered


@transaction.atomic
def _answer_one(request: models.QuerySet[Any], answer: Callable[[Any], object]) -> int:
    """0 where another worker has answered it."""
    found = lock(request)
    for each in found:
        each.delete()
        answer(each)
    return len(found)
