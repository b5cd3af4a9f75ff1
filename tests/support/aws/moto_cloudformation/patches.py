"""Patches of moto where it differs from CloudFormation and S3 and a deployment would fail."""

from typing import Any

from moto.awslambda.models import LambdaVersion
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.utils import validate_template_cfn_lint
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

# Methods are replaced below, which their types do not allow.
_backend: Any = CloudFormationBackend
_bucket: Any = FakeBucket
_version: Any = LambdaVersion


def install() -> None:
    """Patch moto in this process."""
    _backend.validate_template = _errors_only
    _bucket.get_permission = _neutral
    _give_versions_ids()


def _errors_only(_: CloudFormationBackend, template: str) -> list[Any]:
    """Return cfn-lint's errors; moto refuses templates for warnings too, AWS does not."""
    return [finding for finding in validate_template_cfn_lint(template) if finding.rule.id.startswith("E")]


def _neutral(*_: object) -> PermissionResult:
    """Store bucket policies without enforcing them: moto ignores conditions, so "deny without TLS" would deny all."""
    return PermissionResult.NEUTRAL


def _give_versions_ids() -> None:
    """Give AWS::Lambda::Version its Ref (the ARN with the version) and its attribute Version."""
    create = _version.create_from_cloudformation_json.__func__

    def created(
        cls: type,
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: str,
    ) -> LambdaVersion:
        version = create(cls, resource_name, cloudformation_json, account_id, region_name)
        function = cloudformation_json["Properties"]["FunctionName"].rpartition(":")[2]
        version.physical_resource_id = (
            f"arn:aws:lambda:{region_name}:{account_id}:function:{function}:{version.version}"
        )
        return version  # type: ignore[no-any-return]

    _version.create_from_cloudformation_json = classmethod(created)
    _version.has_cfn_attr = classmethod(lambda _, attr: attr == "Version")
    _version.get_cfn_attribute = lambda self, _: str(self.version)
