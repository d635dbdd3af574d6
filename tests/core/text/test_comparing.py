"""What people see as the same is the same, alike on both databases."""

from __future__ import annotations

import unicodedata

import pytest

from portal.core.text.comparing import as_number, as_organisation, as_words

SAME = [
    ("Zoë Brontë", "ZOE BRONTE", "zoe\u0308 bronte\u0308"),
    ("Seán O'Brien", "SEÁN O’BRIEN", "sean o`brien", "Sean Oʼbrien", "Sean O´Brien"),
    ("Łukasz Żak", "lukasz zak", "ŁUKASZ ŻAK"),
    ("Übung", "ÜBUNG", "ubung"),
    ("Anne-Marie", "ANNE–MARIE", "anne‑marie", "Anne—Marie", "Anne−Marie"),
    ("İbrahim Işık", "ibrahim isik", "IBRAHIM ISIK"),
    ("Straße", "STRASSE", "strasse"),
    ("Bjørn Ærø", "bjorn aero", "BJØRN ÆRØ"),
    ("Þórður", "thordur", "ÞÓRÐUR"),
    ("Phạm Thị Đào", "pham thi dao"),
    ("ﬁnance", "Finance"),
    ("  Mary\u00a0 Ann ", "mary ann"),
    ("Иван", "ИВАН"),
    ("Ἀθηνᾶ", "ΑΘΗΝΑ"),
]
OTHER = [("Anne-Marie", "Anne Marie"), ("O'Brien", "OBrien"), ("Ian", "Jan"), ("王伟", "王薇")]


@pytest.mark.parametrize("written", SAME, ids=lambda written: written[0])
def test_written_otherwise_it_is_the_same(written: tuple[str, ...]) -> None:
    assert {as_words(text) for text in written} == {as_words(written[0])}
    assert as_words(as_words(written[0])) == as_words(written[0])
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert as_words(unicodedata.normalize(form, written[0])) == as_words(written[0])


@pytest.mark.parametrize("pair", OTHER, ids=lambda pair: pair[0])
def test_what_differs_differs(pair: tuple[str, str]) -> None:
    assert as_words(pair[0]) != as_words(pair[1])


def test_numbers_and_postcodes_have_no_spaces() -> None:
    assert as_number("MEM 0123") == as_number("mem0123") == "mem0123"
    assert as_number("M–77") == as_number("M-77")
    assert as_number("D02 X285") == as_number("d02x285")
    assert as_number("00123") != as_number("123")


def test_organisations_have_no_full_stops_and_limited_is_ltd() -> None:
    same = ("J. Smith & Co. Limited", "j smith & co ltd", "J.Smith & Co Ltd.")
    assert {as_organisation(name) for name in same} == {"j smith & co ltd"}
    assert as_organisation("Unlimited Advice") == "unlimited advice"
    assert as_organisation("Fern Advice") != as_organisation("Fern Advice Ltd")
