"""The WSGI application, all of it loaded and taken out of garbage collection's way."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()
# The views are loaded now, not by whoever comes first, so that they are frozen too.
get_resolver().url_patterns  # noqa: B018 - loading is the point

gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
