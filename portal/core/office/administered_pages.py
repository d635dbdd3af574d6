"""Fields of an office page that only an administrator changes; other staff read them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest

from portal.core.office.administering import ADMINISTER
from portal.core.office.pages import OfficePage


class AdministeredPage(OfficePage):
    """The act decides (administering.py). The page shows what it would refuse as text."""

    administered: ClassVar[tuple[str, ...]] = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = tuple(super().get_readonly_fields(request, obj))
        if request.user.has_perm(ADMINISTER):
            return fields
        return fields + tuple(name for name in self.administered if name not in fields)

    def is_forged(self, request: HttpRequest) -> bool:
        """Whether a field was sent that the page does not offer to this person."""
        if request.user.has_perm(ADMINISTER):
            return False
        return any(name in request.POST for name in self.administered)
