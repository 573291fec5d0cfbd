#!/usr/bin/env node
'use strict';
// The command line, in a checkout and in the package. Builds if need be, and runs in this very process,
// so that a signal for npm reaches the service.
require('./ensure-built').ensureBuilt();
require('../dist/cli/cli.js');
