"""AWS on loopback as a program: `python -m tests.support.aws.moto_cloudformation.serve PORT`; 0 takes a free port.

SIGINT ends it.
"""

import contextlib
import json
import os
import signal
import sys

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from tests.support.aws.moto_cloudformation import cloudfront, completion, patches
from tests.support.aws.moto_cloudformation.kinds import KINDS
from tests.support.aws.moto_cloudformation.resource import register

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}


def main() -> None:
    """Print the URL as JSON, and serve."""
    for kind in KINDS:
        register(kind)
    cloudfront.install()
    patches.install()
    completion.install()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell runs in the background inherits it ignored
    server = make_server("127.0.0.1", int(sys.argv[1]), DomainDispatcherApplication(create_backend_app), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    # Resources of stacks are made through this same server.
    os.environ.update(CREDENTIALS, AWS_ENDPOINT_URL=url)
    sys.stdout.write(json.dumps({"url": url}) + "\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    main()
