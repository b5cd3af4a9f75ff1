"""CloudFront policies, which moto lacks, and distributions that keep their whole configuration."""

import copy
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudfront import models, urls
from moto.cloudfront.exceptions import CloudFrontException
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult, EmptyResult

VERSION = "{0}/2020-05-31"
POLICIES = ("cache", "origin-request", "response-headers")
Operation = Callable[[CloudFrontResponse], ActionResult]


def install() -> None:
    """Patch moto. To be called before the server reads its routes."""
    for policy in POLICIES:
        urls.url_paths[f"{VERSION}/{policy}-policy$"] = CloudFrontResponse.dispatch
        urls.url_paths[f"{VERSION}/{policy}-policy/(?P<policy_id>[^/]+)$"] = CloudFrontResponse.dispatch
        for verb, operation in _operations(policy.title().replace("-", "") + "Policy").items():
            setattr(CloudFrontResponse, f"{verb}_{policy.replace('-', '_')}_policy", operation)
    loose: Any = models
    loose.DistributionConfig = _complete(models.DistributionConfig)


def _operations(policy: str) -> Mapping[str, Operation]:
    """Return create, get, update and delete of one kind of policy, as methods of moto's responses."""
    policies: dict[str, dict[str, object]] = {}

    def put(key: str, config: object) -> ActionResult:
        policies[key] = {"Id": key, "LastModifiedTime": datetime.now(UTC), f"{policy}Config": config}
        return answer(key)

    def answer(key: str) -> ActionResult:
        if key not in policies:
            raise CloudFrontException(f"NoSuch{policy}", f"There is no {policy} {key}.")
        return ActionResult({policy: policies[key], "ETag": key})

    def create(self: CloudFrontResponse) -> ActionResult:
        return put(models.random_id(), self._get_param(f"{policy}Config"))

    def get(self: CloudFrontResponse) -> ActionResult:
        return answer(self._get_param("Id"))

    def update(self: CloudFrontResponse) -> ActionResult:
        return put(self._get_param("Id"), self._get_param(f"{policy}Config"))

    def delete(self: CloudFrontResponse) -> ActionResult:
        answer(self._get_param("Id"))
        del policies[self._get_param("Id")]
        return EmptyResult()

    return {"create": create, "get": get, "update": update, "delete": delete}


def _complete(checked: Callable[[dict[str, Any]], object]) -> type:
    """Return a DistributionConfig that moto checks and that keeps functions and access controls too."""

    class CompleteConfig:
        def __init__(self, config: dict[str, Any]) -> None:
            given = copy.deepcopy(config)
            checked(config)
            self.__dict__.update(given)
            self.caller_reference = given["CallerReference"]

    return CompleteConfig
