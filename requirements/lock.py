"""Rewrite the hashed requirement files of this folder from pyproject.toml, without naming a package host.

`make lock` runs it. The clients under test, the demo's packages and the audit tools are pinned here by name.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
HEADER = "# Written by `make lock`; do not edit.\n"
PINS = {
    # The first pip that asks for JSON (PEP 691) and runs on the newest Python that every tested pip runs on.
    "pip-oldest.txt": ["pip==22.2; python_version < '3.12'", "pip==23.2.1; python_version >= '3.12'"],
    "pip-newest.txt": ["pip==26.3"],
    # For an environment of their own: they ask for an older web3 than ours.
    "audit.txt": ["halmos==0.3.3", "slither-analyzer==0.11.6"],
    # An environment of its own: it holds on to an old boto3.
    "checkov.txt": ["checkov==3.3.30"],
    # What the Lambda runtime has besides the artifact: its client of the Runtime API, and an AWS SDK.
    "lambda-runtime.txt": ["awslambdaric==4.2.2", "boto3==1.44.5"],
    "client-poetry.txt": ["poetry==2.5.1"],
    "client-pdm.txt": ["pdm==2.29.4", "hishel<2"],  # it says hishel>=1.4 and does not start with 2
    "client-hatch.txt": ["hatch==1.18.2"],
    "client-twine.txt": ["twine==7.0.0"],
    "client-flit.txt": ["flit==4.2.0"],
    # The fastest dynamic index server in Python that the read benchmark compares with, as its documentation runs it.
    "bench.txt": ["proxpi==1.3.1", "gunicorn==27.0.1"],
    # What the mirror's end-to-end test carries over: a closure of pure and binary packages, with extras and markers.
    "mirror.txt": [
        "aiohttp==3.14.5",
        "cryptography==50.0.2",
        "flask==3.1.3",
        "httpx[http2]==0.28.1",
        "jsonschema[format]==4.26.0",
        "pydantic==2.14.4",
        "pytest==9.2.0",
        "python-dateutil==4.0.0",
        "pyyaml==6.0.4",
        "requests[socks]==2.34.2",
        "rich==15.0.0",
        "sqlalchemy==2.1.9",
    ],
    # tomli-w is installed from its sdist, so its build backend is published too; Pillow has several 1 MiB blocks.
    "demo.txt": ["requests==2.34.2", "rich==15.0.0", "pillow==12.3.0", "tomli-w==1.2.0", "flit-core==3.12.0"],
}

LAMBDA = ROOT / "infra" / "requirements.txt"
"""What the functions need besides dipmp_lib, which the artifact takes without its dependencies."""
LAMBDA_PINS = ["fastapi", "jinja2", "mangum", "pycryptodome"]

ACTION = HERE / "action.txt"
BUILD, IMAGE = HERE / "build.txt", HERE / "image.txt"
"""What the Dockerfile builds the wheel with, and what it puts beside the wheel."""
COLD = HERE / "bench-cold.txt"
"""What the benchmark of cold starts compares with: what the functions begin with, and requests."""
COLD_PINS = ["fastapi", "mangum", "requests"]
ONLY_FOR_PUBLISHERS = {"web3"}


def uv(*args: str, cwd: Path) -> None:
    """Run uv from this environment."""
    subprocess.run([sys.executable, "-m", "uv", *args], cwd=cwd, check=True)  # noqa: S603


def export() -> None:
    """dev.txt: every extra and development group; base.txt: what `pip install dipmp-pkg` brings."""
    common = ("export", "-q", "--no-header", "--no-annotate", "--no-emit-project", "--format", "requirements-txt")
    uv(*common, "--all-extras", "--group", "dev", "-o", str(HERE / "dev.txt"), cwd=ROOT)
    uv(*common, "--no-dev", "-o", str(HERE / "base.txt"), cwd=ROOT)
    (ROOT / "uv.lock").unlink()


def compile_pins(target: Path, pins: list[str], *more: str) -> None:
    """One hashed file for a list of pins, for every platform and every supported Python."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in.txt")
        source.write_text("\n".join(pins) + "\n")
        options = [
            "--universal",
            "--python-version",
            "3.11",
            "--generate-hashes",
            "--no-header",
            "--no-annotate",
            *more,
        ]
        uv("pip", "compile", "-q", *options, str(source), "-o", str(target), cwd=Path(folder))


def image_pins() -> list[str]:
    """The extras server and aws, and what any command of `dipmp` needs; of web3's weight a server has no use."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    pins = [*project["dependencies"], *extras["server"], *extras["aws"]]
    return [pin for pin in pins if _name(pin) not in {*ONLY_FOR_PUBLISHERS, project["name"]}]


def action_pins() -> list[str]:
    """What the GitHub Action publishes with: the base, AWS's SDK for the key, and the build backend."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    boto3 = [pin for pin in project["optional-dependencies"]["aws"] if _name(pin) == "boto3"]
    return [*project["dependencies"], *boto3, *build_pins()]


def build_pins() -> list[str]:
    """The build backend."""
    pins: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    return pins


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]


def main() -> None:
    """Write every file, each with the same header."""
    export()
    for name, pins in PINS.items():
        compile_pins(HERE / name, pins)
    constrained = {
        LAMBDA: LAMBDA_PINS,
        BUILD: build_pins(),
        ACTION: action_pins(),
        IMAGE: image_pins(),
        COLD: COLD_PINS,
    }
    for target, pins in constrained.items():
        compile_pins(target, pins, "--constraint", str(HERE / "dev.txt"))
    for path in (*(HERE / name for name in ("dev.txt", "base.txt", *PINS)), *constrained):
        path.write_text(HEADER + path.read_text())


if __name__ == "__main__":
    main()
