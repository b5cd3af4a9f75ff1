"use strict";
// Builds the artifact when osls packages the service, so that `sls deploy` alone is a whole deployment.
//
// DIPMP_BUNDLE holds more options for `python -m infra.bundle`, such as --no-bytecode or --reuse. With DIPMP_BUNDLE=skip
// `sls package` compiles the template without an artifact that could run; `sls deploy` refuses that.

const { spawnSync } = require("child_process");
const fs = require("fs");
const path = require("path");

module.exports = class Bundle {
  constructor(serverless, _options, { log }) {
    this.serverless = serverless;
    this.log = log;
    this.hooks = { "before:package:createDeploymentArtifacts": () => this.build() };
  }

  build() {
    const options = (process.env.DIPMP_BUNDLE || "").split(/\s+/).filter(Boolean);
    if (options.includes("skip")) {
      if (this.serverless.processedInput.commands[0] !== "package") {
        throw new this.serverless.classes.Error("DIPMP_BUNDLE=skip is for `sls package` only: unset it to deploy");
      }
      return;
    }
    const { architecture, runtime } = this.serverless.service.provider;
    const artifact = path.join("build", `dipmp-${architecture}.zip`);
    const target = ["--arch", architecture, "--python", runtime.replace(/^python/, ""), "--out", artifact];
    this.log.notice(this.run(["-m", "infra.bundle", ...target, ...options]));
    this.serverless.service.package.artifact = artifact;
  }

  run(command) {
    const cwd = this.serverless.serviceDir;
    const own = path.join(cwd, ".venv", "bin", "python");
    const python = fs.existsSync(own) ? own : "python3";
    const { error, status, stdout, stderr } = spawnSync(python, command, { cwd, encoding: "utf8" });
    if (error || status !== 0) {
      const reason = error ? `${python} does not start: ${error.message}` : stderr.trim().replace(/^error: /, "");
      throw new this.serverless.classes.Error(`The artifact was not built: ${reason}`);
    }
    return stdout.trim();
  }
};
