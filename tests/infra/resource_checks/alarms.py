"""Checks of alarms, dashboard, topics and queues."""

import json

from tests.infra.resource_checks.policies import refuses_without_tls
from tests.support.aws.deployment import DeployedResource, Deployment


def topic(on: Deployment, seen: DeployedResource) -> None:
    attributes = on.aws.client("sns").get_topic_attributes(TopicArn=seen.physical)["Attributes"]
    assert attributes["DisplayName"] == f"dipmp {on.stage}"


def topic_policy(on: Deployment, seen: DeployedResource) -> None:
    attributes = on.aws.client("sns").get_topic_attributes(TopicArn=seen.physical)["Attributes"]
    policy = json.loads(attributes["Policy"])
    refuses_without_tls(policy)
    assert {"Service": "cloudwatch.amazonaws.com"} in [each["Principal"] for each in policy["Statement"]]


def subscription(on: Deployment, seen: DeployedResource) -> None:
    found = on.aws.client("sns").get_subscription_attributes(SubscriptionArn=seen.physical)["Attributes"]
    assert (found["Protocol"], found["Endpoint"]) == ("email", "operator@example.org")


def queue(on: Deployment, seen: DeployedResource) -> None:
    client = on.aws.client("sqs")
    found = client.get_queue_attributes(QueueUrl=seen.physical, AttributeNames=["All"])["Attributes"]
    assert (found["MessageRetentionPeriod"], found["SqsManagedSseEnabled"]) == ("1209600", "true")


def queue_policy(on: Deployment, seen: DeployedResource) -> None:
    client = on.aws.client("sqs")
    found = client.get_queue_attributes(QueueUrl=seen.physical, AttributeNames=["Policy"])["Attributes"]
    policy = json.loads(found["Policy"])
    refuses_without_tls(policy)
    assert {"Service": "events.amazonaws.com"} in [each["Principal"] for each in policy["Statement"]]


def alarm(on: Deployment, seen: DeployedResource) -> None:
    (found,) = on.aws.client("cloudwatch").describe_alarms(AlarmNames=[seen.physical])["MetricAlarms"]
    assert found["AlarmActions"] == [on.outputs()["AlarmTopicArn"]]
    assert found["TreatMissingData"] == ("breaching" if "SyncMissing" in seen.logical else "notBreaching")


def dashboard(on: Deployment, seen: DeployedResource) -> None:
    body = json.loads(on.aws.client("cloudwatch").get_dashboard(DashboardName=seen.physical)["DashboardBody"])
    assert len(body["widgets"]) >= 2
