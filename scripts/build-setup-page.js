'use strict';
const { spawnSync } = require('node:child_process');
const { cpSync, mkdirSync, readdirSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const root = join(__dirname, '..');
const SOURCES = join(root, 'setup-page');
const BUILT = join(root, 'dist', 'setup-page');

/** What the page loads of its one library, and the terms under which that is handed on. */
const LIBRARY = {
  'htm/preact/standalone.module.js': 'htm/preact/standalone.module.js',
  'htm/LICENSE': 'htm/LICENSE',
  'preact/LICENSE': 'htm/preact/LICENSE',
};

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
  for (const [from, to] of Object.entries(LIBRARY)) {
    mkdirSync(dirname(join(BUILT, to)), { recursive: true });
    cpSync(join(root, 'node_modules', from), join(BUILT, to));
  }
  // Node and TypeScript go by it, where a host imports the client that the page has.
  writeFileSync(join(BUILT, 'package.json'), '{"type":"module"}\n');
  return true;
}

module.exports = { buildSetupPage };

if (require.main === module) process.exit(buildSetupPage() ? 0 : 1);
