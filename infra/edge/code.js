"use strict";
// The text of a CloudFront Function for the template; a .js file itself would be run while packaging.
const { readFileSync } = require("fs");
const { join } = require("path");

module.exports = () => readFileSync(join(__dirname, "accept.js"), "utf8");
