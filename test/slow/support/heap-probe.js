'use strict';
// Preloaded into the service: on SIGUSR2 it collects all garbage and writes how much of the heap is in use.
const { setImmediate } = require('node:timers');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('SIGUSR2', () => {
  // Twice: what the first run finalises, the second one frees.
  collect();
  setImmediate(() => {
    collect();
    process.stderr.write(`heap ${process.memoryUsage().heapUsed}\n`);
  });
});
