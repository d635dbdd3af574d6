"""Markdown that staff write, as safe HTML: no raw HTML, no script, only links that lead out."""

from __future__ import annotations

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "a", "blockquote", "br", "hr"}
_parser = MarkdownIt("commonmark", {"html": False})


@lru_cache(maxsize=512)
def to_html(text: str) -> SafeString:
    """Headings begin at level 2: the page has its own first heading."""
    html = _parser.render(text)
    html = html.replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener",
    )
    return mark_safe(clean)  # noqa: S308 - cleaned by nh3 one line above
