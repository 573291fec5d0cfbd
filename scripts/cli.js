#!/usr/bin/env node
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

// The command line, in a checkout and in the package. Runs in this very process, so that a signal for npm reaches
// the service. A checkout builds if need be; the package has been built, and lacks what builds.
const builder = join(__dirname, 'ensure-built.js');
if (existsSync(builder)) {
  require(builder).ensureBuilt();
  require('../dist/cli/cli.js');
} else {
  require('../lib/cli.js');
}
