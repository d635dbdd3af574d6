"""The countdown of places held: seen at each minute, said aloud near its end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import portal

SCRIPT = Path(portal.__file__).parent / "static" / "js" / "countdown.js"
NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
BOX = """
<p data-countdown="Your place is no longer held."><span>Your place is held until
<time datetime="{until}">12:30pm</time>.</span></p>
"""


def test_it_speaks_at_five_minutes_at_one_and_at_the_end(new_page):
    page = new_page()
    page.clock.install(time=NOW)
    page.set_content(BOX.format(until=(NOW + timedelta(minutes=30)).isoformat()))
    page.add_script_tag(content=SCRIPT.read_text(), type="module")
    live = page.locator("[role=status]")
    live.wait_for(state="attached")
    said = []
    for _ in range(32):
        page.clock.run_for(60_000)
        words = live.text_content()
        if words and words not in said:
            said.append(words)

    assert said == [
        "5 minutes left to order what is held for you.",
        "One minute left to order what is held for you.",
        "Your place is no longer held.",
    ]
    assert live.get_attribute("aria-live") == "polite"
    assert page.locator("p span").first.text_content() == "Your place is no longer held."
