"""Setting documents: the same data and time give the same bytes; what was sent is kept."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pikepdf
import pytest
from pypdf import PdfReader

from portal.core.documents import rendering
from portal.core.models import Document

AT = datetime(2030, 6, 1, 12, 30, tzinfo=UTC)
TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: data.title)
#set text(font: "Atkinson Hyperlegible Next", lang: "en", region: "GB")
= #data.title
"""


@pytest.fixture(autouse=True)
def templates(tmp_path, monkeypatch):
    """A folder with one template of its own, and no compilers kept from elsewhere."""
    (tmp_path / "letter.typ").write_text(TEMPLATE)
    monkeypatch.setattr(rendering, "TEMPLATES", tmp_path)
    monkeypatch.setattr(rendering, "_kept", type(rendering._kept)())


def letter(title: str = "A letter", *, at: datetime = AT) -> bytes:
    return rendering.render_pdf("letter.typ", {"title": title}, stamped_at=at)


def test_the_data_are_on_it():
    [page] = PdfReader(io.BytesIO(letter("Grüße & “quotes” £5"))).pages

    assert page.extract_text() == "Grüße & “quotes” £5"


def test_the_same_data_and_time_give_the_same_bytes():
    assert letter() == letter()
    assert letter() != letter(at=AT.replace(minute=31))
    assert letter() != letter("Another")


def test_it_bears_the_time_given():
    with pikepdf.open(io.BytesIO(letter())) as pdf:
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20300601123000")


def test_it_claims_the_standards_and_carries_its_typeface():
    with pikepdf.open(io.BytesIO(letter())) as pdf:
        metadata = pdf.open_metadata()
        claims = [metadata.get(f"pdf{c}") for c in ("aid:part", "aid:conformance", "uaid:part")]
        fonts = {str(o.FontName) for o in pdf.objects if _is(o, "/FontDescriptor")}
        embedded = [o for o in pdf.objects if _is(o, "/FontDescriptor") and "/FontFile3" not in o]

    assert claims == ["3", "A", "1"]
    assert all("AtkinsonHyperlegibleNext" in font for font in fonts)
    assert all("/FontFile2" in o for o in embedded)


def _is(obj: pikepdf.Object, kind: str) -> bool:
    return isinstance(obj, pikepdf.Dictionary) and obj.get("/Type") == kind


def test_threads_do_not_disturb_each_other():
    titles = [f"Letter {n}" for n in range(12)]
    alone = [letter(title) for title in titles]

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(letter, titles))

    assert together == alone


def test_a_compiler_is_made_once_for_a_thread():
    letter()
    first = rendering._compiler("letter.typ")
    letter("Another")

    assert rendering._compiler("letter.typ") is first


@pytest.mark.django_db
def test_a_document_is_set_once_and_kept():
    document = Document.objects.create(
        filename="letter.pdf", template="letter.typ", data={"title": "As sent"}, stamped_at=AT
    )

    sent = rendering.content_of(document)

    assert sent == letter("As sent")
    Document.objects.update(data={"title": "Something else"})
    assert rendering.content_of(Document.objects.get()) == sent


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Łukasz Ωmega Ђ שלום", "Łukasz Ωmega Ђ שלום"),
        ("PO 中文 7", "PO ?? 7"),
        ("李 🎉", "? ?"),
    ],
)
def test_a_character_that_no_typeface_has_is_a_question_mark(typed, shown):
    [page] = PdfReader(io.BytesIO(letter(typed))).pages

    assert set(page.extract_text().split()) == set(shown.split())


def test_a_mistake_in_a_template_is_not_hidden(tmp_path):
    (tmp_path / "broken.typ").write_text("#nothing-of-this-name")

    with pytest.raises(Exception, match="unknown variable"):
        rendering.render_pdf("broken.typ", {}, stamped_at=AT)
