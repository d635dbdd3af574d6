"""The portal's own settings, with what tests need different: a folder of their own that goes when
they end, a fast hasher, and nothing taken from the machine's environment but DATABASE_URL."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

for _name in [n for n in os.environ if n.startswith("PORTAL_") or n == "EMAIL_URL"]:
    del os.environ[_name]
os.environ["PORTAL_DATA"] = str(_folder)
os.environ["PORTAL_SECRET_KEY"] = "tests-only-" * 6

from portal.settings import *  # noqa: E402, F403
from portal.settings import DATABASES, SQLITE, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["tests.hashing.FastHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Static files are found where they lie: nothing is collected and nothing is scanned at start.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
(_folder / "static").mkdir()

DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
if SQLITE:
    # A file, so that threads and processes meet in it as they do for real.
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "tests.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF"
    )
