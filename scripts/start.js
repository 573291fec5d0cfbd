'use strict';
// Builds if need be and runs the service in this very process, so that a signal for npm reaches it.
require('./ensure-built').ensureBuilt();
require('../dist/main.js');
