"""The guide's walk, by the labels of its pages: from the office's CSV files to the PDF.

Once as most people have it, once at 320 px without script.
"""

import csv
import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.conftest import enter_rules

NEXT_MONTH = date.today() + timedelta(days=40)  # noqa: DTZ011 - the files are the office's
PASSWORD = "correct horse battery"
PEOPLE = (
    "membership_number,title,first_name,last_name,email,phone,mobile,address_line_1,"
    "address_line_2,address_line_3,town,county,postcode,country,organisation,organisation_type,"
    "role_type,category,member_since,renewal_date,certmap_date,bulletin,share_with_employer,"
    "event_news,purchase_order"
).split(",")
EVENTS = (
    "code,title,kind,starts,ends,place,online_link,overview,funding_link,terms,cpd_category,"
    "cpd_points,sessions,option,price,audience,places,covers,choose,pool"
).split(",")


def write(path, columns, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(dict.fromkeys(columns, "") | row for row in rows)
    return str(path)


def fill(site):
    """What the office does: enter its rules, import its people and its events, invite."""
    enter_rules(site)
    member = {
        "title": "Ms",
        "address_line_1": "Fern House",
        "town": "Leeds",
        "postcode": "ls14ap",
        "organisation": "Fern Advice",
        "organisation_type": "Citizens Advice",
        "role_type": "Money adviser / caseworker",
        "category": "Accredited",
        "member_since": "2020-04-01",
        "renewal_date": str(date.today() + timedelta(days=90)),  # noqa: DTZ011
        "certmap_date": "01/06/2021",
        "bulletin": "yes",
        "share_with_employer": "no",
        "event_news": "yes",
        "purchase_order": "PO-7788",
    }
    people = [
        {"membership_number": "100", "first_name": "Alice", "last_name": "Archer"},
        {"membership_number": "102", "first_name": "Dana", "last_name": "Dale"},
    ]
    rows = [row | member | {"email": f"{row['first_name'].lower()}@example.org"} for row in people]
    people_file = write(site.folder / "people.csv", PEOPLE, rows)
    event = {
        "code": "debt-relief-orders",
        "title": "Debt relief orders",
        "kind": "training",
        "starts": f"{NEXT_MONTH} 09:30",
        "ends": f"{NEXT_MONTH} 16:00",
        "place": "Leeds",
        "overview": "What an order does, and **who** may have one.",
        "funding_link": "https://www.example.org/funding",
        "terms": "Cancelling is free up to 28 days before.",
        "cpd_points": "6",
    }
    options = [
        {"option": "Member", "price": "90.00", "audience": "member", "places": "20"},
        {"option": "Non-member", "price": "150.00", "audience": "non-member"},
    ]
    events_file = write(site.folder / "events.csv", EVENTS, [event | row for row in options])
    site.portal("import", "people", people_file, "--verified")
    site.portal("import", "events", events_file)


@pytest.fixture(scope="module")
def site(new_site):
    with new_site(fill) as made:
        yield made


@pytest.mark.parametrize(
    ("name", "family", "width", "script"),
    [("Alice", "Archer", 1280, True), ("Dana", "Dale", 320, False)],
    ids=["wide, with script", "320 px, without script"],
)
def test_from_the_invitation_to_the_invoice_as_a_pdf(site, new_page, name, family, width, script):
    page = new_page(width=width, java_script_enabled=script)
    email = f"{name.lower()}@example.org"
    role = page.get_by_role

    def on(heading):
        """We are on the page of this name, and nothing of it is beside the screen."""
        expect(role("heading", level=1, name=heading)).to_be_visible()
        overflow = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{page.url} is {overflow} px too wide"

    # 2. Accessing the portal: the invitation, a password, signing in.
    assert f"{email} has been invited." in site.portal("invite", "--email", email)
    invitation = site.mail_to(email, "").get_body(("plain",)).get_content()
    page.goto(re.search(rf"{site.url}/invitation/\S+", invitation)[0])
    on("Set your password")
    expect(page.get_by_text(email)).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    role("button", name="Set password and sign in").click()
    on(f"Hello, {name}")
    if width < 768:
        role("button", name="Menu", exact=True).click()
    role("button", name="Sign out").click()
    role("link", name="Sign in").first.click()
    on("Sign in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    role("button", name="Sign in").click()

    # 7. Booking an event.
    role("link", name="Training and events").first.click()
    on("Training and events")
    role("link", name="Debt relief orders").click()
    on("Debt relief orders")
    expect(role("link", name="Read more about funding")).to_have_attribute(
        "href", "https://www.example.org/funding"
    )
    role("link", name="Register myself").click()
    on("Register for Debt relief orders")
    role("button", name="Save responses").click()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_text("There is a problem")).to_be_visible()
    page.get_by_label("Special requirements").fill("Step-free access, please")
    page.get_by_label("I agree to the terms and conditions").check()
    role("button", name="Save responses").click()
    expect(page.get_by_label("Special requirements")).to_have_value("Step-free access, please")
    role("radio", name="Member", exact=False).first.check()
    page.get_by_label("I agree to the terms and conditions").check()
    role("button", name="Save responses").click()
    on("Your basket")
    role("link", name="Proceed to checkout").click()
    on("Review your order")
    expect(page.get_by_label("Purchase order number")).to_have_value("PO-7788")
    page.get_by_label("Purchase order number").fill("PO-9911")
    role("button", name="Submit order").click()
    on("Order confirmation")
    role("link", name=re.compile(r"^ORD-\d+")).click()
    on(re.compile(r"^Order ORD-\d+"))
    expect(page.get_by_text("Step-free access, please")).to_be_visible()
    number = role("link", name=re.compile(r"^\d{6}$")).inner_text()
    role("link", name=number).click()

    # 5. Accessing invoices: the summary, the print screen, the PDF.
    on(f"Invoice {number}")
    expect(page.get_by_text("PO-9911")).to_be_visible()
    expect(page.get_by_text("£108.00 to pay by")).to_be_visible()
    with page.expect_download() as download:
        role("link", name="Download PDF").click()
    assert download.value.suggested_filename == f"invoice-{number}.pdf"
    read_invoice(download.value.path().read_bytes(), number, f"{name} {family}")
    role("link", name="Print").first.click()
    on(f"Invoice {number}")
    with page.expect_download() as download:
        role("link", name="Export to PDF").click()
    read_invoice(download.value.path().read_bytes(), number, f"{name} {family}")

    # The mails: the order, and the invoice with its PDF.
    site.mail_to(email, "Order ORD-")
    (attached,) = site.mail_to(email, f"Invoice {number}").iter_attachments()
    read_invoice(attached.get_content(), number, f"{name} {family}")

    # 5 and 6. Activity: open, then paid; the event.
    role("link", name="Activity").first.click()
    on("Activity")
    open_invoices = page.get_by_role("table", name="Open invoices")
    expect(open_invoices.get_by_role("link", name=number, exact=True)).to_be_visible()
    upcoming = page.get_by_role("table", name="Upcoming events")
    expect(upcoming.get_by_role("link", name="Debt relief orders").first).to_be_visible()
    site.portal("payment", number, "108.00", str(date.today()))  # noqa: DTZ011
    page.reload()
    expect(page.get_by_text("No open invoices")).to_be_visible()
    paid = page.get_by_role("table", name="Paid invoices")
    expect(paid.get_by_role("link", name=number, exact=True)).to_be_visible()


def read_invoice(pdf, number, payer):
    """The text of the PDF says who owes what, and how it is paid."""
    assert pdf.startswith(b"%PDF-")
    document = PdfReader(BytesIO(pdf))
    text = " ".join(" ".join(page.extract_text() for page in document.pages).split())
    for said in (
        f"Invoice {number}",
        payer,
        "PO-9911",
        "Debt relief orders",
        "£90.00",
        "£18.00",
        "£108.00",
        "20%",
        "GB 123 4567 82",
        "12-34-56",
        "12345678",
    ):
        assert said in text, f"“{said}” is not in: {text}"
    reference = re.search(rf"IT-{number}-\w+", text)
    assert reference, text
    assert len(reference[0]) <= 18
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert document.trailer["/Root"]["/Lang"] == "en-GB"
