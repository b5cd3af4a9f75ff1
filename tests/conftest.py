"""Settings for every test."""

import os

from hypothesis import settings

# How long one example takes says more about the machine than about the code.
settings.register_profile("dipmp", deadline=None)
settings.load_profile("dipmp")

# No test reads this machine's own configuration of dipmp: nothing is below a device.
os.environ["XDG_CONFIG_HOME"] = f"{os.devnull}/config"
