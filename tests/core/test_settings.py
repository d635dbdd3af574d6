"""What the settings as they stand come to."""

import pytest
from django.test import Client


def test_a_host_that_is_not_ours_is_refused_without_a_line(capfd: pytest.CaptureFixture) -> None:
    answer = Client().get("/sign-in/", HTTP_HOST="scanner.example.org")

    assert answer.status_code == 400
    assert capfd.readouterr() == ("", "")
