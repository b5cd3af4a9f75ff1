"""`sls deploy`, `info`, a second `deploy` and `remove` of a stage, without an account: AWS is on loopback.

python -m tests.support.aws.rehearsal [STAGE] [NAME=VALUE …]     # values of the stage's parameters
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.support.aws.deployment import Deployment
from tests.support.aws.loopback import running_aws
from tests.support.aws.templates import SLS

STEPS = (("deploy", ()), ("info", ("--verbose",)), ("deploy", ()), ("remove", ()))


def main(arguments: Sequence[str]) -> int | str:
    """Run the steps up to the first that fails, with their output; return the exit code or an error message."""
    if not SLS.is_file():
        return "osls is not in node_modules: make node, which needs npm"
    stage, *given = arguments or ("dev",)
    params = dict(each.split("=", 1) for each in given)
    with tempfile.TemporaryDirectory(prefix="dipmp-rehearsal-") as folder, running_aws(Path(folder)) as aws:
        deployment = Deployment(aws, stage)
        for command, options in STEPS:
            sys.stdout.write(f"\n--- sls {' '.join((command, '--stage', stage, *options))}\n")
            sys.stdout.flush()
            code = deployment.sls(command, params, *options, show=True).returncode
            if code:
                return code
        kept = [*_tables(deployment), *_buckets(deployment)]
    sys.stdout.write(f"\n--- left behind, since they hold data: {', '.join(kept)}\n")
    return 0


def _tables(deployment: Deployment) -> list[str]:
    return [f"table {name}" for name in deployment.aws.client("dynamodb").list_tables()["TableNames"]]


def _buckets(deployment: Deployment) -> list[str]:
    return [f"bucket {bucket['Name']}" for bucket in deployment.aws.client("s3").list_buckets()["Buckets"]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
