"""Markdown that staff write, as safe HTML: no raw HTML, no script, only links that lead out."""

from __future__ import annotations

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

HEADINGS = {"h2", "h3", "h4", "h5", "h6"}
TAGS = HEADINGS | {"p", "ul", "ol", "li", "strong", "em", "a", "blockquote", "br", "hr"}
_parser = MarkdownIt("commonmark", {"html": False})


@lru_cache(maxsize=512)
def to_html(text: str, level: int = 2) -> SafeString:
    """Headings begin at `level` (2 to 6), under the heading of the page or of its part.

    Who writes may begin with # or with ##: both are the highest.
    """
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(max(int(token.tag[1]) - 2, 0) + level, 6)}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener",
    )
    return mark_safe(clean)  # noqa: S308 - cleaned by nh3 one line above
