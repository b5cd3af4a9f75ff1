"""Lambda function of the file routes. Loading it with wrong settings raises InvalidSettings."""

import os

from dipmp_lib.server.app import create_app
from dipmp_lib.server.aws_lambda import lambda_handler
from dipmp_lib.server.compose import build
from dipmp_lib.server.settings import Settings
from functions import loaded

handler = loaded(lambda_handler(create_app(build(Settings.from_env(os.environ)), ["files"])))
