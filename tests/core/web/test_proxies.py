"""Only a named proxy is believed about who a visitor is and whether they came by TLS."""

import pytest
from allauth.account.adapter import get_adapter
from django.test import RequestFactory

from portal.core.machine.middleware import ProxyMiddleware
from portal.core.web.proxies import read_proxies

pytestmark = pytest.mark.house

PROXIES = "127.0.0.1, 10.0.0.0/8, ::1"


def seen(settings, proxies=PROXIES, **meta):
    """The visitor's address as rate limits have it, and whether they came by TLS."""
    settings.TRUSTED_PROXIES = read_proxies(proxies)
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    got = []
    request = RequestFactory().get("/", **meta)
    ProxyMiddleware(got.append)(request)
    adapter = get_adapter(request)
    left = {
        name for name in request.META if "FORWARDED" in name and name != "HTTP_X_FORWARDED_PROTO"
    }
    assert got == [request]
    assert left == set()
    return adapter.get_client_ip(request), request.is_secure()


@pytest.mark.parametrize(
    ("peer", "said", "visitor"),
    [
        # a visitor without a proxy, or one behind a proxy that is not ours
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("203.0.113.9", "10.0.0.1, 127.0.0.1", "203.0.113.9"),
        # one named proxy
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.9.8.7", "198.51.100.1", "198.51.100.1"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:10.1.1.1", "198.51.100.1", "198.51.100.1"),
        # what the visitor has sent stands before what the proxy has
        ("127.0.0.1", "10.0.0.3, 127.0.0.1, 6.6.6.6, 198.51.100.1", "198.51.100.1"),
        # a chain of two, and of three
        ("127.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6,198.51.100.1,10.0.0.3,10.0.0.2", "198.51.100.1"),
        # ports, brackets, quotes
        ("127.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("127.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("127.0.0.1", '"[2001:db8::7]"', "2001:db8::7"),
        ("127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        # all of them ours; nothing said
        ("127.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        # what cannot be read: who wrote it is the last that is known
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "6.6.6.6, <script>, 10.0.0.2", "10.0.0.2"),
        ("127.0.0.1", ",,,", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1, ", "127.0.0.1"),
        ("127.0.0.1", "999.1.1.1", "127.0.0.1"),
        ("127.0.0.1", "[" * 500, "127.0.0.1"),
    ],
)
def test_the_visitor(settings, peer, said, visitor):
    meta = {"REMOTE_ADDR": peer} | ({} if said is None else {"HTTP_X_FORWARDED_FOR": said})

    assert seen(settings, **meta)[0] == visitor


@pytest.mark.parametrize(
    ("peer", "said", "is_secure"),
    [
        ("127.0.0.1", "https", True),
        ("127.0.0.1", "HTTPS", True),
        ("127.0.0.1", "http", False),
        ("127.0.0.1", "https, http", False),
        ("127.0.0.1", "http,https", True),
        ("127.0.0.1", "junk", False),
        ("203.0.113.9", "https", False),
    ],
)
def test_tls(settings, peer, said, is_secure):
    meta = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_PROTO": said}

    assert seen(settings, **meta)[1] is is_secure


def test_no_header_of_a_proxy_is_left_to_be_read_by_mistake(settings):
    meta = {
        "HTTP_X_FORWARDED_HOST": "evil.example",
        "HTTP_X_FORWARDED_PORT": "1",
        "HTTP_FORWARDED": "for=6.6.6.6",
        "HTTP_X_REAL_IP": "6.6.6.6",
        "HTTP_TRUE_CLIENT_IP": "6.6.6.6",
    }
    for peer in ("127.0.0.1", "203.0.113.9"):
        request = RequestFactory().get("/", REMOTE_ADDR=peer, **meta)
        settings.TRUSTED_PROXIES = read_proxies(PROXIES)
        ProxyMiddleware(lambda _: None)(request)
        assert set(meta) & set(request.META) == set()


def test_without_named_proxies_none_is_believed(settings):
    meta = {"HTTP_X_FORWARDED_FOR": "6.6.6.6", "HTTP_X_FORWARDED_PROTO": "https"}

    assert seen(settings, proxies="", REMOTE_ADDR="127.0.0.1", **meta) == ("127.0.0.1", False)


def test_a_proxy_that_is_not_named_is_told_once(settings, caplog):
    settings.TRUSTED_PROXIES = read_proxies("10.0.0.1")
    middleware = ProxyMiddleware(lambda _: None)
    for _ in range(3):
        middleware(RequestFactory().get("/", HTTP_X_FORWARDED_PROTO="https"))

    assert caplog.messages == [
        "127.0.0.1 sends the headers of a proxy, but PORTAL_TRUSTED_PROXIES does not name it. "
        "The headers are ignored."
    ]
