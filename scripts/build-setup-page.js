'use strict';
const { spawnSync } = require('node:child_process');
const { cpSync, readdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const SOURCES = join(root, 'setup-page');
const BUILT = join(root, 'dist', 'setup-page');

/**
 * Builds the setup page into `dist/setup-page`: the compiler's output, and beside it what is served as it is.
 *
 * @returns {boolean} whether it went well
 */
function buildSetupPage({ checked = true } = {}) {
  const options = checked ? [] : ['--noCheck'];
  const tsc = require.resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', SOURCES, ...options], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) return false;
  for (const name of readdirSync(SOURCES)) {
    if (/\.(html|css)$|^texts$/.test(name)) {
      cpSync(join(SOURCES, name), join(BUILT, name), { recursive: true });
    }
  }
  // Node and TypeScript go by it, where a host imports the client that the page has.
  writeFileSync(join(BUILT, 'package.json'), '{"type":"module"}\n');
  return true;
}

module.exports = { buildSetupPage };

if (require.main === module) process.exit(buildSetupPage() ? 0 : 1);
