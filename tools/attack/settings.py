"""The portal's settings, with a folder of static files that an update may change."""

from portal.settings import *  # noqa: F403
from portal.settings import DATA, STATICFILES_DIRS

CHANGED = DATA / "changed-static"
STATICFILES_DIRS = [*([CHANGED] if CHANGED.is_dir() else []), *STATICFILES_DIRS]
