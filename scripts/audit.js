'use strict';
require('./ensure-built').ensureBuilt();
require('../dist/cli/audit.js');
