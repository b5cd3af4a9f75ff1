"""Lambda function that a schedule runs, one at a time. Loading it with wrong settings raises InvalidSettings."""

import os
import sys

from dipmp_lib.server.metrics import JsonLines
from dipmp_lib.server.settings import Settings
from dipmp_lib.server.sync.compose import build_sync, sync_handler
from functions import loaded

_settings = Settings.from_env(os.environ)
_lines = JsonLines(sys.stdout, _settings.function or "sync")

handler = loaded(sync_handler(build_sync(_settings, _lines), _lines))
