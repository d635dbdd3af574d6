"""The WSGI application, all of it loaded and taken out of garbage collection's way."""

import gc
import os

# Nothing that is loaded here ever becomes garbage: looking for it only makes the start slower.
gc.disable()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import get_resolver  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()
# The views too are loaded now, not by whoever comes first.
get_resolver().url_patterns  # noqa: B018 - loading is the point

gc.freeze()
gc.set_threshold(50_000, 20, 50)
gc.enable()
