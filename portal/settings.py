"""The one settings file. Everything that differs between machines comes from the environment.

What the *body* wants (its name, bank, rules, colours) is not here: that is rows in the database
which staff edit. docs/deploying.md lists every variable; a value that cannot be right is refused
at start with a sentence.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from portal.core.machine.environment import Environment, host_of, is_local
from portal.core.machine.local_address import kept_address
from portal.core.machine.log import LOGGING  # noqa: F401 - what Django logs by
from portal.core.web import request_bounds
from portal.core.web.cookie_names import cookie_name

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(os.environ)
env.refuse_unknown()

# --- Where it is ---------------------------------------------------------------------------
DATA = env.folder(default=BASE_DIR / "var")
_url = env.address(default=kept_address(DATA))
PORTAL_URL = _url.geturl()
LOCAL = is_local(_url)

DEBUG = env.yes_or_no("PORTAL_DEBUG")
if DEBUG and not LOCAL:
    raise ImproperlyConfigured("PORTAL_DEBUG is for localhost only. Remove it.")

ALLOWED_HOSTS = [host_of(_url), *env.hosts()]
if LOCAL:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [] if LOCAL else [PORTAL_URL]

SECRET_KEY = env.secret_key(kept=DATA / "secret-key" if LOCAL else None)
SECRET_KEY_FALLBACKS = env.old_secret_keys()

# --- Database ------------------------------------------------------------------------------
DATABASES = {"default": env.database(default=f"sqlite:///{DATA / 'portal.sqlite3'}")}
_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = None
_database["CONN_HEALTH_CHECKS"] = True
SQLITE = _database["ENGINE"].endswith("sqlite3")
if SQLITE:
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: what is committed outlives a power cut, as what people are told of it does.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
    }
else:
    # A server that does not answer at all is away after seconds, not minutes.
    _database.setdefault("OPTIONS", {}).setdefault("connect_timeout", 10)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- What it is made of --------------------------------------------------------------------
INSTALLED_APPS = [
    "portal.core.office.site.OfficeConfig",  # Django's admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "phonenumber_field",
    "django_countries",
    *([] if SQLITE else ["procrastinate.contrib.django"]),
    "portal.core",
    "portal.accounts",
    "portal.people",
    "portal.organisations",
    "portal.billing",
    "portal.membership",
    "portal.events",
    "portal.home",
    "portal.demo",
]

MIDDLEWARE = [
    "portal.core.machine.middleware.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "portal.core.web.static.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.core.web.middleware.HealthMiddleware",
    "portal.core.machine.middleware.OutageMiddleware",
    "portal.core.machine.middleware.DemoMiddleware",
    "portal.core.web.middleware.FormCharsetMiddleware",
    "portal.core.web.middleware.BoundsMiddleware",
    "portal.core.web.middleware.NudgeLastMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.accounts.middleware.SignedInMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.accounts.middleware.StaffSecondStepMiddleware",
    "portal.core.web.middleware.BodyMissingMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "portal" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.core.web.context.portal",
                "portal.events.basket_count.in_heading",
            ],
            "builtins": ["portal.core.templatetags.portal"],
        },
    }
]
FORM_RENDERER = "portal.core.forms.rendering.PortalRenderer"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True
LANGUAGES = [("en-gb", "English")]

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "portal" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "portal.core.web.static.JoinedManifestStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- Accounts ------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
# The office's first: it says what an account may do, and nothing after it may say more.
AUTHENTICATION_BACKENDS = [
    "portal.accounts.permissions.OfficeBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "front"
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24
ACCOUNT_ADAPTER = "portal.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.SignInForm",
    "signup": "portal.accounts.forms.CreateAccountForm",
    "confirm_email_verification_code": "portal.accounts.forms.SignUpCodeForm",
    "request_login_code": "portal.accounts.forms.AskForCodeForm",
    "confirm_login_code": "portal.accounts.forms.SignInCodeForm",
    "reset_password": "portal.accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "portal.accounts.forms.NewPasswordForm",
    "change_password": "portal.accounts.forms.ChangePasswordForm",
    "set_password": "portal.accounts.forms.SetPasswordForm",
    "reauthenticate": "portal.accounts.forms.PasswordAgainForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
# How often a new code may be asked for on one page: more than the limits below ever let through.
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = 1000
# Codes work for 10 minutes from when their mail has gone (portal/accounts/codes.py), and a mail may
# wait: allauth, which counts from the request, is to leave the pages open for longer.
ACCOUNT_LOGIN_TIMEOUT = 60 * 60 * 2
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_LOGIN_TIMEOUT
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 60 * 5
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGOUT_REDIRECT_URL = "front"
# How many tries in how many seconds (portal/accounts/limits.py). A room of thirty shares a network.
# allauth's own counts know no devices, and cannot say how long to wait.
ACCOUNT_RATE_LIMITS = False
ATTEMPT_LIMITS = {
    "wrong_password": (5, 5 * 60),
    "second_step": (5, 5 * 60),
    "reset": (5, 15 * 60),
    "sign_in_code": (5, 10 * 60),
    "sign_up_code": (5, 10 * 60),
    "confirm_code": (5, 10 * 60),
    "lost_address": (3, 60 * 60),
    "new_link": (5, 15 * 60),
    "sign_ins_of_network": (300, 10 * 60),
    "sign_ups_of_network": (100, 10 * 60),
    "links_of_network": (100, 10 * 60),
    "codes_of_network": (100, 10 * 60),
    "code_tries_of_network": (200, 10 * 60),
    "searches_of_network": (100, 10 * 60),
    "new_passwords_of_network": (100, 10 * 60),
    "invitations_of_network": (100, 10 * 60),
}
MFA_ADAPTER = "portal.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "portal.accounts.second_step_forms.SecondStepForm",
    "reauthenticate": "portal.accounts.second_step_forms.SecondStepAgainForm",
    "activate_totp": "portal.accounts.second_step_forms.SetUpSecondStepForm",
}
# The first makes the hashes; the others check those that are older (portal/accounts/hashing.py).
PASSWORD_HASHERS = [
    "portal.accounts.hashing.Argon2Hasher",
    "portal.accounts.hashing.OldHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "portal.accounts.password_rules.UnlikeTheAccount",
        "OPTIONS": {
            "user_attributes": ("email", "signup_first_name", "signup_last_name", "signup_name")
        },
    },
    {"NAME": "portal.people.password_like_a_name.UnlikeThePerson"},
    {"NAME": "portal.accounts.password_rules.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "portal.accounts.password_rules.HardToGuess"},
]
SESSION_ENGINE = "portal.core.web.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- Security ------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "manifest-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
SECURE_SSL_REDIRECT = not LOCAL
SECURE_HSTS_SECONDS = 0 if LOCAL else 60 * 60 * 24 * 365
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL
SECURE_HSTS_PRELOAD = not LOCAL
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
SESSION_COOKIE_NAME = cookie_name("portal_session", local=LOCAL)
CSRF_COOKIE_NAME = cookie_name("portal_csrf", local=LOCAL)
LAST_ACCOUNT_COOKIE_NAME = cookie_name("portal_last", local=LOCAL)
DEVICE_COOKIE_NAME = cookie_name("portal_device", local=LOCAL)
MESSAGES_COOKIE_NAME = cookie_name("portal_messages", local=LOCAL)
THEME_COOKIE_NAME = cookie_name("portal_theme", local=LOCAL)
MESSAGE_STORAGE = "portal.core.web.message_cookie.Messages"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.accounts.views.signed_in_already.without_token"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = request_bounds.MOST_BODY
DATA_UPLOAD_MAX_NUMBER_FIELDS = request_bounds.MOST_FIELDS
DATA_UPLOAD_MAX_NUMBER_FILES = request_bounds.MOST_FILES
TRUSTED_PROXIES = env.proxies()
if not (LOCAL or TRUSTED_PROXIES):
    raise ImproperlyConfigured(
        "Set PORTAL_TRUSTED_PROXIES to the address of the proxy that handles TLS for the "
        "portal, such as 127.0.0.1. Without it every page would redirect to itself for ever."
    )
# ProxyMiddleware leaves this header to no other than a named proxy.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Cache (rate limits live here, so all processes must share it) --------------------------
CACHES = {
    "default": {
        "BACKEND": "portal.core.machine.cache.TellingCache",
        "LOCATION": "core_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- Mail ----------------------------------------------------------------------------------
# Without EMAIL_URL mail is written to DATA/mail; with the demo institute it always is.
_mail_server = env.mail_server()
EMAIL_CONFIGURED = bool(_mail_server)
if EMAIL_CONFIGURED:
    EMAIL_HOST = _mail_server["EMAIL_HOST"]
    EMAIL_PORT = _mail_server["EMAIL_PORT"]
    EMAIL_HOST_USER = _mail_server["EMAIL_HOST_USER"]
    EMAIL_HOST_PASSWORD = _mail_server["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS = _mail_server["EMAIL_USE_TLS"]
    EMAIL_USE_SSL = _mail_server["EMAIL_USE_SSL"]
EMAIL_BACKEND = "portal.core.mail.smtp.SmtpBackend"
EMAIL_TIMEOUT = 30
MAIL_FOLDER = DATA / "mail"

# --- Small things --------------------------------------------------------------------------
PHONENUMBER_DEFAULT_REGION = "GB"
PHONENUMBER_DB_FORMAT = "E164"
