"""The stages under test: the two of the repository, and one with every option on."""

from tests.support.aws.templates import Template, package

PIN = "0xb9d99e1235FDA780bef7198cE2bb4321BBe8Fea6"
_AWS = "123456789012"
_UUID = "00000000-0000-4000-8000-000000000000"
OPTIONS = {
    "pinned": PIN,
    "secretsKey": f"arn:aws:kms:eu-central-1:{_AWS}:key/{_UUID}",
    "denylist": "denylists/example.deny",
    "reservedPinned": "20",
    "reservedOpen": "5",
    "alarmEmail": "operator@example.org",
    "dashboard": "true",
    "snapStart": "true",
    "domain": "pkg.example.org",
    "certificate": f"arn:aws:acm:us-east-1:{_AWS}:certificate/{_UUID}",
    "hostedZone": "Z0000000000000",
    "webAcl": f"arn:aws:wafv2:us-east-1:{_AWS}:global/webacl/dipmp/{_UUID}",
}
STAGES = ("dev", "prod", "everything")


def template(stage: str) -> Template:
    """Return the compiled template of one of STAGES."""
    if stage == "everything":
        return package(stage, *(f"{name}={value}" for name, value in OPTIONS.items()))
    return package(stage)
