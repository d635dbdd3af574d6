import pytest

from tests.membership import people_files


@pytest.fixture
def lists(db: None) -> None:
    people_files.lists()
