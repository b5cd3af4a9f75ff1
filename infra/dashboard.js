"use strict";
// One page of graphs, for stages that want one (about 3 dollars a month each beyond an account's third).

const { FRONT } = require("./metrics.js");

const own = (metric, names, stat = "Sum") =>
  names.map((name) => ["dipmp", metric, "Function", `\${${name}LambdaFunction}`, { stat }]);
const lambda = (metric, stat) =>
  FRONT.map((name) => ["AWS/Lambda", metric, "FunctionName", `\${${name}LambdaFunction}`, { stat }]);
const api = (metric, stat) => ["AWS/ApiGateway", metric, "ApiId", "${HttpApi}", { stat }];

const GRAPHS = {
  "Requests to the API": [api("Count", "Sum"), api("4xx", "Sum"), api("5xx", "Sum")],
  "Latency (ms)": [api("Latency", "p50"), api("Latency", "p99")],
  "Instances at once": lambda("ConcurrentExecutions", "Maximum"),
  "Errors and throttles": [...lambda("Errors", "Sum"), ...lambda("Throttles", "Sum")],
  "Last known good pages": own("StaleServed", ["Simple", "SimpleOpen"]),
  "Chain": ["RpcFailed", "RpcDisagreement", "RpcBreakerOpened"].flatMap((metric) => own(metric, FRONT)),
  "Gateways": ["GatewayFailed", "GatewayLied"].flatMap((metric) => own(metric, FRONT)),
  "Sync: seconds behind": own("SyncLag", ["Sync"], "Maximum"),
  "Sync: problems and missing files": [...own("SyncProblems", ["Sync"]), ...own("MissingFiles", ["Sync"])],
};

module.exports = () => ({
  Resources: {
    Dashboard: {
      Type: "AWS::CloudWatch::Dashboard",
      Condition: "HasDashboard",
      Properties: {
        DashboardName: { Ref: "AWS::StackName" },
        DashboardBody: { "Fn::Sub": JSON.stringify({ widgets: Object.entries(GRAPHS).map(widget) }) },
      },
    },
  },
});

function widget([title, metrics], at) {
  const place = { x: (at % 3) * 8, y: Math.floor(at / 3) * 6, width: 8, height: 6 };
  return { type: "metric", ...place, properties: { title, metrics, region: "${AWS::Region}", period: 300 } };
}
