"""API arguments from CloudFormation properties, for types whose two forms differ by more than spelling."""

import json
from collections.abc import Iterator

from tests.support.aws.moto_cloudformation.resource import Arguments


def distribution(properties: Arguments, name: str) -> Iterator[Arguments]:
    config = dict(properties["DistributionConfig"])
    config["IsIPV6Enabled"] = config.pop("IPV6Enabled", False)
    config["Origins"] = [_origin(origin) for origin in config["Origins"]]
    behaviors = [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", ())]
    config["DefaultCacheBehavior"], *others = map(_behavior, behaviors)
    if others:
        config["CacheBehaviors"] = others
    if "Logging" in config:
        config["Logging"] = {"Enabled": True, "IncludeCookies": False, "Prefix": ""} | config["Logging"]
    yield {"DistributionConfig": {"Comment": "", **config, "CallerReference": name}}


def _origin(origin: Arguments) -> Arguments:
    """Add the ports, which only the API requires."""
    if "CustomOriginConfig" not in origin:
        return origin
    return dict(origin) | {"CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443} | origin["CustomOriginConfig"]}


def _behavior(behavior: Arguments) -> Arguments:
    """Move CachedMethods into AllowedMethods, as the API has it."""
    outside = {name: value for name, value in behavior.items() if name not in ("AllowedMethods", "CachedMethods")}
    if "AllowedMethods" not in behavior:
        return outside
    cached = behavior.get("CachedMethods", ["GET", "HEAD"])
    methods = {"Items": behavior["AllowedMethods"], "CachedMethods": cached}
    return outside | {"AllowedMethods": methods}


def function(properties: Arguments, _: str) -> Iterator[Arguments]:
    yield {name: properties[name] for name in ("Name", "FunctionConfig", "FunctionCode")}


def bucket_policy(properties: Arguments, _: str) -> Iterator[Arguments]:
    yield {"Bucket": properties["Bucket"], "Policy": json.dumps(properties["PolicyDocument"])}


def topic_policy(properties: Arguments, _: str) -> Iterator[Arguments]:
    policy = json.dumps(properties["PolicyDocument"])
    for topic in properties["Topics"]:
        yield {"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": policy}


def queue_policy(properties: Arguments, _: str) -> Iterator[Arguments]:
    for queue in properties["Queues"]:
        yield {"QueueUrl": queue, "Attributes": {"Policy": json.dumps(properties["PolicyDocument"])}}


def metric_filter(properties: Arguments, name: str) -> Iterator[Arguments]:
    yield {"FilterName": name, **properties}
