"""The one step of action.yml: check the inputs, install dipmp from this checkout, publish with a key in AWS KMS.

Runs with the runner's Python and nothing but its standard library. GitHub's token for this job (OIDC) is written to a
file that only this user can read; AWS's SDK exchanges it for the role itself, and the file is gone when the step ends.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
AUDIENCE = "sts.amazonaws.com"
_PREFIX = "DIPMP_ACTION_"
_OLDEST = (3, 11)
_TOKEN_SECONDS = 30
_MAX_TOKEN = 65_536
_URL_LIST = r"https://[!-~]+(?:\s*,\s*https://[!-~]+)*"
_INPUTS = {
    "REGISTRY": r"(?:[a-z0-9-]{1,32}:)?0x[0-9a-fA-F]{40}",
    "CHAIN_ID": r"(?:[1-9][0-9]{0,18})?",
    "RPC": _URL_LIST,
    "KMS_KEY": r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(?:key|alias)/[A-Za-z0-9/_-]+",
    "AWS_ROLE": r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@/_-]+",
    "PINNERS": r"[!-~]+(?:\s*,\s*[!-~]+)*",
    "GATEWAYS": rf"(?:{_URL_LIST})?",
    "MAX_COST": r"[0-9]{1,9}(?:\.[0-9]{1,18})?",
    "FINALITY": r"latest|safe|finalized",
    "DRY_RUN": r"true|false",
}
Run = Callable[..., "subprocess.CompletedProcess[str]"]


class InputError(Exception):
    """What the workflow has to put right, one sentence a line."""


@dataclass(frozen=True)
class Inputs:
    """What the workflow said, checked: `values` by the names above, and the files."""

    values: Mapping[str, str]
    files: Sequence[Path]

    def __getitem__(self, name: str) -> str:
        return self.values[name]


def read_inputs(environment: Mapping[str, str], workspace: Path) -> Inputs:
    """Check every input. Raises InputError with all that is wrong; values are not repeated, they may be secrets."""
    values = {name: environment.get(_PREFIX + name, "").strip() for name in _INPUTS}
    problems = [
        f"the input {name.lower().replace('_', '-')} {'is missing' if not values[name] else 'does not have its form'}"
        for name, pattern in _INPUTS.items()
        if not re.fullmatch(pattern, values[name])
    ]
    patterns = [line.strip() for line in environment.get(_PREFIX + "FILES", "").splitlines() if line.strip()]
    files: list[Path] = []
    for pattern in patterns:
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            problems.append("the input files leads out of the workspace")
        else:
            files += [path for path in sorted(workspace.glob(pattern)) if path.is_file() and path not in files]
    if not files:
        problems.append("the input files matches nothing")
    if "ACTIONS_ID_TOKEN_REQUEST_URL" not in environment or "ACTIONS_ID_TOKEN_REQUEST_TOKEN" not in environment:
        problems.append("the job has no permission for a token: give it `permissions: id-token: write`")
    if sys.version_info < _OLDEST:
        problems.append("the runner's python3 is older than 3.11: run actions/setup-python before")
    if problems:
        raise InputError("\n".join(problems))
    return Inputs(values, files)


def identity_token(environment: Mapping[str, str]) -> str:
    """Ask GitHub for this job's token, made out to AWS. Raises InputError, which shows no token."""
    url = environment["ACTIONS_ID_TOKEN_REQUEST_URL"]
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and parts.hostname != "127.0.0.1":
        raise InputError("the URL for this job's token is not https")
    joint = "&" if parts.query else "?"
    request = urllib.request.Request(  # noqa: S310 - https, as just checked
        f"{url}{joint}audience={AUDIENCE}",
        headers={"Authorization": f"bearer {environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_TOKEN_SECONDS) as answer:  # noqa: S310
            value = json.loads(answer.read(_MAX_TOKEN))["value"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise InputError(f"GitHub gave no token for this job ({type(error).__name__})") from None
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", value):
        raise InputError("GitHub's answer holds no token")
    return value


def install(folder: Path, run: Run) -> Path:
    """Install dipmp from this checkout, with the very dependencies that its lock files name; return its program."""
    python = folder / "venv" / "bin" / "python"
    pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    locked = (*pip, "--no-deps", "--require-hashes", "--only-binary", ":all:")
    requirements = ROOT / "requirements"
    commands: Sequence[Sequence[str]] = (
        (sys.executable, "-m", "venv", str(folder / "venv")),
        (*locked, "-r", str(requirements / "action.txt")),
        (*pip, "--no-deps", "--no-build-isolation", "--no-index", str(ROOT)),
    )
    for command in commands:
        # The token that asks for tokens is no affair of what is installed.
        run(command, check=True, env=_without_tokens(os.environ))
    return folder / "venv" / "bin" / "dipmp"


def publish(program: Path, inputs: Inputs, token: Path, environment: Mapping[str, str], run: Run) -> str:
    """Run `dipmp publish`; return its JSON document. Raises CalledProcessError."""
    command = [str(program), "publish", *map(str, inputs.files), "--json", "--yes"]
    command += ["--signer", f"kms:{inputs['KMS_KEY']}", "--registry", inputs["REGISTRY"], "--wait"]
    command += ["--max-cost", inputs["MAX_COST"], "--finality", inputs["FINALITY"]]
    command += ["--chain-id", inputs["CHAIN_ID"]] if inputs["CHAIN_ID"] else []
    command += ["--dry-run"] if inputs["DRY_RUN"] == "true" else []
    chain, _, _ = inputs["REGISTRY"].rpartition(":")
    variable = f"DIPMP_RPC_{chain.upper().replace('-', '_')}" if chain else "ETH_GATEWAY"
    # URLs may hold keys of providers, and command lines can be read by others: they go by the environment.
    settings = {
        variable: inputs["RPC"],
        "DIPMP_PINNER": inputs["PINNERS"],
        "IPFS_GATEWAY": inputs["GATEWAYS"],
        "AWS_ROLE_ARN": inputs["AWS_ROLE"],
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
        "AWS_ROLE_SESSION_NAME": f"dipmp-{environment.get('GITHUB_RUN_ID', 'run')}"[:64],
        "AWS_REGION": inputs["KMS_KEY"].split(":")[3],
    }
    done = run(command, check=True, stdout=subprocess.PIPE, text=True, env=_without_tokens(environment) | settings)
    return done.stdout


def _without_tokens(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in environment.items() if not name.startswith(("ACTIONS_", _PREFIX))}


def write_outputs(document: str, environment: Mapping[str, str]) -> None:
    """Give the document and the install command on, and leave a summary. Nothing in them can end a value early."""
    result = json.loads(document)
    install_command = " ".join(result["install"].split())
    lines = f"result={json.dumps(result)}\ninstall={install_command}\n"
    for variable, text in (("GITHUB_OUTPUT", lines), ("GITHUB_STEP_SUMMARY", f"    {install_command}\n")):
        if environment.get(variable):
            with Path(environment[variable]).open("a", encoding="utf-8") as stream:
                stream.write(text)


def main(environment: Mapping[str, str], run: Run = subprocess.run) -> int:
    """Do it all; return the exit code."""
    workspace = Path(environment.get("GITHUB_WORKSPACE", "."))
    try:
        inputs = read_inputs(environment, workspace)
        with tempfile.TemporaryDirectory(prefix="dipmp-") as name:
            folder = Path(name)
            program = install(folder, run)
            token = folder / "token"
            with open(os.open(token, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:  # noqa: PTH123
                stream.write(identity_token(environment))
            write_outputs(publish(program, inputs, token, environment, run), environment)
    except InputError as error:
        for line in str(error).splitlines():
            print(f"::error::{line}")  # noqa: T201 - how a step talks to GitHub
        return 2
    except subprocess.CalledProcessError as error:
        print(f"::error::{Path(error.cmd[0]).name} ended with {error.returncode}; see above")  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
