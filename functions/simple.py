"""Lambda function of the index and the pages for people.

Loading it with wrong settings raises InvalidSettings.
"""

import os

from dipmp_lib.server.app import create_app
from dipmp_lib.server.aws_lambda import lambda_handler
from dipmp_lib.server.compose import build
from dipmp_lib.server.large_pages import LAMBDA_LIMIT
from dipmp_lib.server.settings import Settings
from functions import loaded

_services = build(Settings.from_env(os.environ))

handler = loaded(lambda_handler(create_app(_services, ["simple", "people"], max_response=LAMBDA_LIMIT)))
