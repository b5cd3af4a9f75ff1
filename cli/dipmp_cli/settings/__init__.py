"""Settings in layers: the environment over `[tool.dipmp]` of a project over the user's configuration file."""

from .layers import Layers, open_layers, read_layers
from .setting import Secrets, Setting

__all__ = ["Layers", "Secrets", "Setting", "open_layers", "read_layers"]
