'use strict';
require('./ensure-built').ensureBuilt();
require('../dist/cli/docs.js');
