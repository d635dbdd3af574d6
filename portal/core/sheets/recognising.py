"""From bytes to text, or a sentence on what the file is instead of a CSV file."""

from __future__ import annotations

import io
import re
import zipfile

SAVE_AS_CSV = (
    "In your spreadsheet program save the list as “CSV UTF-8 (comma delimited)” and import that"
)
_SIGNATURES = [
    (b"%PDF-", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"SQLite format 3", "a database"),
    (b"{\\rtf", "a text document (.rtf)"),
]
_MARKUP = re.compile(rb"^\s*<(!doctype|html|\?xml|table)", re.IGNORECASE)
_ENCODED = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]")


class NotText(Exception):
    """The file is not text that can be read. Carries the sentence, and the line where known."""

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(sentence)
        self.line = line


def text_of(data: bytes) -> tuple[str, str]:
    """The text of a file and its encoding, “UTF-8” or “cp1252”. Raises NotText."""
    if not data.removeprefix(b"\xef\xbb\xbf").strip(b"\x00 \t\r\n,;"):
        raise NotText(f"The file is empty. {SAVE_AS_CSV}")
    if name := _other_format(data):
        raise NotText(f"This is {name}, not a CSV file. {SAVE_AS_CSV}")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotText(f"This is “Unicode text” (UTF-16), not CSV UTF-8. {SAVE_AS_CSV}")
    if (nul := data.find(b"\x00")) >= 0:
        raise NotText(
            f"The file contains NUL characters, so it is damaged or is not text. {SAVE_AS_CSV}",
            _line(data, nul),
        )
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as error:
        return _windows_text(data, error), "cp1252"


def _windows_text(data: bytes, error: UnicodeDecodeError) -> str:
    """cp1252, which older spreadsheets write, unless most of the file is UTF-8 after all."""
    marked = data.startswith(b"\xef\xbb\xbf")
    start = error.start + (3 if marked else 0)
    encoded = _ENCODED.findall(data)
    lone = len(_HIGH.findall(data)) - sum(len(letter) for letter in encoded)
    if marked or len(encoded) > lone:
        raise NotText(
            f"A letter is not UTF-8, but the rest of the file is. {SAVE_AS_CSV}", _line(data, start)
        )
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as broken:
        raise NotText(
            f"A letter is neither UTF-8 nor Windows text (cp1252). {SAVE_AS_CSV}",
            _line(data, broken.start),
        ) from None


def _other_format(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        return _zip_format(data)
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return name
    return "a web page or XML file" if _MARKUP.match(data[:200]) else ""


def _zip_format(data: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except zipfile.BadZipFile:
        names = []
    if any(name.startswith("xl/") for name in names):
        return "an Excel workbook (.xlsx)"
    if "content.xml" in names:
        return "an OpenDocument spreadsheet (.ods)"
    return "a compressed file"


def _line(data: bytes, position: int) -> int:
    before = data[:position]
    return before.count(b"\n") + 1 if b"\n" in data else before.count(b"\r") + 1
