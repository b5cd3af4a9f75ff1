#!/usr/bin/env node
// The pinned solc package behind the command line of the native compiler, as far as forge and build.py use it:
// `solc.js --version` and `solc.js --standard-json < input`. Imports resolve against --base-path, then node_modules.
// `solc.js --lines` answers one standard-json input per line, because starting takes longer than compiling.
"use strict";

const fs = require("fs");
const path = require("path");
const readline = require("readline");
const solc = require("solc");

function importFrom(roots) {
  return (name) => {
    for (const root of roots) {
      const file = path.resolve(root, name);
      if (fs.existsSync(file)) return { contents: fs.readFileSync(file, "utf8") };
    }
    return { error: `${name} was not found in ${roots.join(", ")}` };
  };
}

function main(args) {
  if (args.includes("--version")) {
    console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
    return;
  }
  const at = args.indexOf("--base-path");
  const roots = [at < 0 ? __dirname : args[at + 1], path.join(__dirname, "..", "node_modules")];
  const compile = (input) => solc.compile(input, { import: importFrom(roots) });
  if (args.includes("--lines")) {
    readline.createInterface({ input: process.stdin }).on("line", (line) => process.stdout.write(`${compile(line)}\n`));
  } else if (args.includes("--standard-json")) {
    process.stdout.write(compile(fs.readFileSync(0, "utf8")));
  } else {
    console.error("usage: solc.js --version | --standard-json [--base-path DIR] | --lines");
    process.exitCode = 1;
  }
}

main(process.argv.slice(2));
