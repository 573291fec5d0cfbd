'use strict';
const { createHash } = require('node:crypto');
const { spawnSync } = require('node:child_process');
const {
  existsSync,
  linkSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const STAMP = join(root, 'dist', '.sources');
const MAIN = join(root, 'dist', 'main.js');
/** What the package holds in the place of `dist`. */
const LIB = join(root, 'lib');
/** The last to be written there. */
const DECLARATIONS = join(LIB, 'index.d.ts');
/** Names the process that builds: two at once would empty each other's folder. */
const LOCK = join(root, 'node_modules', '.scim-tokens-build');
const LOOK_AGAIN_MS = 100;

/**
 * Builds where something changed since the last build. In production nothing is ever built. Types are checked
 * where the package is asked for: a start does not wait for that.
 */
function ensureBuilt({ forPackage = false } = {}) {
  if (process.env.NODE_ENV === 'production') {
    if (existsSync(MAIN)) return;
    fail(
      'There is no build: run npm run build (with the development dependencies installed) first',
    );
  }
  const sources = join(root, 'src');
  // What was deployed holds a build and no sources.
  if (!existsSync(sources)) return;
  const state = hashOf([
    sources,
    join(root, 'setup-page'),
    ...['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/roll-up.js'].map(
      (name) => join(root, name),
    ),
  ]);
  const isDone = () => isBuiltFrom(state) && (!forPackage || existsSync(DECLARATIONS));
  if (isDone() || alone(() => isDone() || build(state, forPackage))) return;
  fail('The build failed');
}

function isBuiltFrom(state) {
  return existsSync(MAIN) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === state;
}

/** Whether it went well. */
function build(state, forPackage) {
  process.stderr.write('Building…\n');
  const tsc = require.resolve('typescript/bin/tsc');
  if (!isBuiltFrom(state)) {
    // As nest build does, which takes a second longer.
    for (const folder of [join(root, 'dist'), LIB])
      rmSync(folder, { recursive: true, force: true });
    if (!run(tsc, '-p', 'tsconfig.build.json')) return false;
    const { buildSetupPage } = require('./build-setup-page');
    if (!buildSetupPage({ checked: false })) return false;
    writeFileSync(STAMP, state);
  }
  return (
    !forPackage ||
    (run(tsc, '-p', 'setup-page/tsconfig.client.json') && run(join(__dirname, 'roll-up.js')))
  );
}

function run(...command) {
  // Whatever a compiler says belongs on stderr: stdout is for what was asked for.
  const { status } = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  return status === 0;
}

/** Does something while no other process does; one that died over it does not count. */
function alone(work) {
  const own = `${LOCK}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    while (!takeLock(own)) {
      if (isHeld()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_AGAIN_MS);
      else rmSync(LOCK, { force: true });
    }
    try {
      return work();
    } finally {
      rmSync(LOCK);
    }
  } finally {
    rmSync(own);
  }
}

/** A link, so that nobody ever reads a lock without its holder's number in it. */
function takeLock(own) {
  try {
    linkSync(own, LOCK);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isHeld() {
  try {
    return process.kill(Number(readFileSync(LOCK, 'utf8')), 0);
  } catch (error) {
    // Somebody else's process lives, too.
    return error.code === 'EPERM';
  }
}

module.exports = { ensureBuilt };

function hashOf(paths) {
  const hash = createHash('sha256');
  const add = (path) => {
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  };
  for (const path of paths) {
    if (!existsSync(path)) continue;
    if (statSync(path).isDirectory()) for (const file of filesIn(path)) add(file);
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
