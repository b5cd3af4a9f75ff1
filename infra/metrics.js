"use strict";
// Metrics of the deployed stack, as alarms and the dashboard name them. docs/http-api.md describes those of `dipmp`.

const FRONT = ["Simple", "Files", "SimpleOpen", "FilesOpen"];
const FUNCTIONS = [...FRONT, "Sync"];

const reference = (name) => ({ Ref: `${name}LambdaFunction` });

/** A metric of dipmp's own, in the dimension of one function. */
const own = (name, metric) => ({
  Namespace: "dipmp",
  MetricName: metric,
  Dimensions: [{ Name: "Function", Value: reference(name) }],
});

/** A metric of the Lambda service. */
const lambda = (name, metric) => ({
  Namespace: "AWS/Lambda",
  MetricName: metric,
  Dimensions: [{ Name: "FunctionName", Value: reference(name) }],
});

/** A metric of the HTTP API. */
const api = (metric) => ({
  Namespace: "AWS/ApiGateway",
  MetricName: metric,
  Dimensions: [{ Name: "ApiId", Value: { Ref: "HttpApi" } }],
});

/** How many messages a queue holds. */
const waiting = (queue) => ({
  Namespace: "AWS/SQS",
  MetricName: "ApproximateNumberOfMessagesVisible",
  Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": [queue, "QueueName"] } }],
});

module.exports = { FRONT, FUNCTIONS, own, lambda, api, waiting };
