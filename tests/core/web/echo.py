"""A server whose pages tell what a request came to: behind the gateway, as the portal's are.

`python tests/core/web/echo.py PORT`
"""

import json
import sys

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from portal.core.web.gateway import Gateway


def application(environ, start):
    if environ["PATH_INFO"] == "/much":
        start("200 OK", [("Content-Type", "text/plain")])
        return (b"%08d" % number * 1000 for number in range(1000))
    body = b"" if environ["PATH_INFO"] == "/unread" else environ["wsgi.input"].read()
    seen = {key: value for key, value in environ.items() if not key.startswith("wsgi.")}
    start("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(seen | {"body": len(body)}).encode()]


def load(_):
    return Gateway(application, threads=2)


if __name__ == "__main__":
    Granian(
        "echo",
        port=int(sys.argv[1]),
        interface=Interfaces.RSGI,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve(target_loader=load)
