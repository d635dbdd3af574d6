"""The portal's settings, with the yardstick among the addresses."""

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "tools.bench.urls"
