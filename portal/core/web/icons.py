"""`{% icon "check" %}`: a drawing of our own, 24 units square, followed by words or hidden words.

A tag and no include, since a list has forty of them.
"""

from __future__ import annotations

from django.utils.html import format_html

_PATHS = {
    "pencil": (
        "m4 20 1-4.5L16.5 4a1.8 1.8 0 0 1 2.5 0l1 1a1.8 1.8 0 0 1 0 2.5L8.5 19 4 20ZM14.5 6l3.5 3.5"
    ),
    "plus": "M12 5v14M5 12h14",
    "calendar": (
        "M5 5.5h14a1 1 0 0 1 1 1V19a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6.5a1 1 0 0 1 "
        "1-1ZM4 10h16M8 3.5v4M16 3.5v4"
    ),
    "download": "M12 4v11M7.5 11 12 15.5l4.5-4.5M4.5 19.5h15",
    "print": (
        "M7 9V4h10v5M7 17H4.5v-6.5A1.5 1.5 0 0 1 6 9h12a1.5 1.5 0 0 1 1.5 1.5V17H17M7 14h10v6H7v-6Z"
    ),
    "check": "m4.5 12.5 5 5L19.5 7",
    "warning": "M12 4 2.8 19.5h18.4L12 4ZM12 10v4.5M12 17v.1",
    "info": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 11v5M12 8v.1",
    "clock": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 7.5V12l3 2",
    "place": (
        "M12 21c4.5-5 7-8.5 7-11.5a7 7 0 1 0-14 0C5 12.5 7.5 16 12 21ZM12 12a2.5 "
        "2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z"
    ),
    "chevron": "m9.5 6 6 6-6 6",
}
ICONS = {
    name: format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<path d="{}" /></svg>',
        path,
    )
    for name, path in _PATHS.items()
}


def icon(name: str) -> str:
    """Raises KeyError for a name that there is not."""
    return ICONS[name]
