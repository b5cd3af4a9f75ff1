"use strict";
// What somebody has to look at; docs/runbook.md has a section for each. A metric that was never told is not breaching,
// but for SyncMissing, which waits for one.

const { FRONT, FUNCTIONS, own, lambda, api, waiting } = require("./metrics.js");

const MINUTES = 60;

module.exports = () => ({ Resources: Object.fromEntries(Object.entries(ALARMS).map(finished)) });

const ALARMS = {
  RpcDisagreement: {
    AlarmDescription: "RPC endpoints contradict each other: one of them lies, or is on another fork",
    ...sum(FUNCTIONS.map((name) => own(name, "RpcDisagreement")), 5),
    ...atLeast(1),
  },
  StaleServed: {
    AlarmDescription: "More than 1 % of answers were last known good pages, as the chain could not be asked",
    Metrics: [
      { Id: "percent", Label: "percent", Expression: "100 * SUM([s0, s1]) / SUM([r0, r1])" },
      ...terms("s", ["Simple", "SimpleOpen"].map((name) => own(name, "StaleServed")), 5),
      ...terms("r", ["Simple", "SimpleOpen"].map((name) => own(name, "Requests")), 5),
    ],
    ...above(1),
  },
  Http5xx: {
    AlarmDescription: "Clients were answered 5 times or more in 5 minutes that the server cannot",
    ...one(api("5xx"), "Sum", 5),
    ...atLeast(5),
  },
  LambdaErrors: {
    AlarmDescription: "A function failed instead of answering: a crash, a timeout or a wrong setting",
    ...sum(FUNCTIONS.map((name) => lambda(name, "Errors")), 5),
    ...atLeast(1),
  },
  Throttles: {
    AlarmDescription: "Requests were refused because all reserved instances of a function were at work",
    ...sum(FRONT.map((name) => lambda(name, "Throttles")), 5),
    ...atLeast(1),
  },
  LatencyP99: {
    AlarmDescription: "One request in a hundred took longer than 5 s for 15 minutes",
    ...one(api("Latency"), "p99", 5),
    ...above(5000),
    EvaluationPeriods: 3,
  },
  SyncMissing: {
    AlarmDescription: "No run of sync was completed in 15 minutes",
    ...one(own("Sync", "SyncCompleted"), "Sum", 15),
    ComparisonOperator: "LessThanThreshold",
    Threshold: 1,
    TreatMissingData: "breaching",
  },
  SyncLag: {
    AlarmDescription: "A registry was not confirmed for an hour: in an outage, its pages would be that old",
    ...one(own("Sync", "SyncLag"), "Maximum", 15),
    ...above(3600),
  },
  MissingFiles: {
    AlarmDescription: "Files that no gateway has",
    ...one(own("Sync", "MissingFiles"), "Sum", 15),
    ...atLeast(1),
    EvaluationPeriods: 2,
    DatapointsToAlarm: 1,
  },
  DeadLetters: {
    AlarmDescription: "A run of sync failed, or could not be begun: what was to be done is in the queue",
    ...one(waiting("DeadLetters"), "Maximum", 5),
    ...atLeast(1),
  },
};

const WITH_PINNED = ["SyncMissing", "SyncLag", "MissingFiles"];

function finished([name, properties]) {
  const alarm = {
    AlarmName: { "Fn::Sub": `\${AWS::StackName}-${name}` },
    EvaluationPeriods: 1,
    TreatMissingData: "notBreaching",
    AlarmActions: [{ Ref: "AlarmTopic" }],
    OKActions: [{ Ref: "AlarmTopic" }],
    ...properties,
  };
  const condition = WITH_PINNED.includes(name) ? { Condition: "HasPinned" } : {};
  return [`${name}Alarm`, { Type: "AWS::CloudWatch::Alarm", ...condition, Properties: alarm }];
}

function atLeast(threshold) {
  return { ComparisonOperator: "GreaterThanOrEqualToThreshold", Threshold: threshold };
}

function above(threshold) {
  return { ComparisonOperator: "GreaterThanThreshold", Threshold: threshold };
}

function one(metric, statistic, minutes) {
  const stat = statistic.startsWith("p") ? { ExtendedStatistic: statistic } : { Statistic: statistic };
  return { ...metric, ...stat, Period: minutes * MINUTES };
}

function sum(metrics, minutes) {
  return { Metrics: [{ Id: "sum", Label: "sum", Expression: "SUM(METRICS())" }, ...terms("m", metrics, minutes)] };
}

function terms(prefix, metrics, minutes) {
  const stat = { Stat: "Sum", Period: minutes * MINUTES };
  return metrics.map((each, at) => ({
    Id: `${prefix}${at}`,
    ReturnData: false,
    MetricStat: { Metric: each, ...stat },
  }));
}
