'use strict';
// Required before a program, tells at its end the packages that it has loaded.
process.on('exit', () => {
  const packages = Object.keys(require.cache)
    .map((path) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
    .filter((name) => name !== undefined);
  process.stderr.write(`${JSON.stringify([...new Set(packages)])}\n`);
});
