'use strict';
const { createHash } = require('node:crypto');
const { spawnSync } = require('node:child_process');
const { existsSync, readFileSync, readdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const STAMP = join(root, 'dist', '.sources');
const MAIN = join(root, 'dist', 'main.js');

/** Builds where something changed since the last build. In production nothing is ever built. */
function ensureBuilt() {
  if (process.env.NODE_ENV === 'production') {
    if (existsSync(MAIN)) return;
    fail(
      'There is no build: run npm run build (with the development dependencies installed) first',
    );
  }
  const sources = join(root, 'src');
  // The published package holds a build and no sources.
  if (!existsSync(sources)) return;
  const state = hashOf([
    sources,
    ...['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'].map((name) =>
      join(root, name),
    ),
  ]);
  if (existsSync(MAIN) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === state) return;
  process.stderr.write('Building…\n');
  const cli = require.resolve('@nestjs/cli/bin/nest.js');
  // Whatever the compiler says belongs on stderr: stdout is for what was asked for.
  const { status, signal } = spawnSync(process.execPath, [cli, 'build'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (signal) process.exit(1);
  if (status !== 0) fail('The build failed');
  writeFileSync(STAMP, state);
}

module.exports = { ensureBuilt };

function hashOf(paths) {
  const hash = createHash('sha256');
  const add = (path) => {
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  };
  for (const path of paths) {
    if (!existsSync(path)) continue;
    if (path.endsWith('src')) for (const file of filesIn(path)) add(file);
    else add(path);
  }
  return hash.digest('hex');
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesIn(path) : [path];
    });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
