"""The local Lambda in tests: its runtime, and folders of small functions."""

from pathlib import Path

from tests.support.lambda_runtime import Runtime, find_runtime
from tests.support.programs.required import missing


def require_runtime() -> Runtime:
    """Return the runtime; without it, skip the running test, or fail it where CI=true."""
    runtime = find_runtime()
    if runtime is None:
        missing("the Lambda runtime client is not installed (make lambda-runtime)")
    return runtime


def write_function(folder: Path, source: str, name: str = "app") -> Path:
    """Put one module into an artifact's folder; return the folder."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(source)
    return folder
