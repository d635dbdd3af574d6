"""Mail as `.eml` files in a folder: with the demo institute, or before EMAIL_URL is set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class FolderBackend(BaseEmailBackend):
    """One file per Message-ID, so that a repeat replaces itself; never half a file."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MAIL_FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            content = message.message()
            name = re.sub(r"[^A-Za-z0-9@.-]", "", content["Message-ID"]).split("@")[0]
            title = re.sub(r"\W+", "-", str(message.subject)).strip("-")[:60]
            partial = folder / f".{name}.part"
            partial.write_bytes(content.as_bytes(linesep="\r\n"))  # type: ignore[call-arg]
            partial.replace(folder / f"{name}-{title}.eml")
        return len(email_messages)
