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
const DECLARATIONS = join(root, 'dist', 'index.d.ts');
/** Names the process that builds: two at once would empty each other's folder. */
const LOCK = join(root, 'node_modules', '.scim-tokens-build');
const LOOK_AGAIN_MS = 100;

/**
 * Builds where something changed since the last build. In production nothing is ever built. Types are checked
 * where declarations are asked for: a start does not wait for that.
 */
function ensureBuilt({ declarations = false } = {}) {
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
    join(root, 'setup-page'),
    ...['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) =>
      join(root, name),
    ),
  ]);
  const isDone = () => isBuiltFrom(state) && (!declarations || existsSync(DECLARATIONS));
  if (isDone() || alone(() => isDone() || build(state, declarations))) return;
  fail('The build failed');
}

function isBuiltFrom(state) {
  return existsSync(MAIN) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === state;
}

/** Whether it went well. */
function build(state, declarations) {
  process.stderr.write('Building…\n');
  if (!isBuiltFrom(state)) {
    // As nest build does, which takes a second longer.
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    if (!compile('tsconfig.build.json')) return false;
    const { buildSetupPage } = require('./build-setup-page');
    if (!buildSetupPage({ checked: false })) return false;
    writeFileSync(STAMP, state);
  }
  return (
    !declarations ||
    (compile('setup-page/tsconfig.client.json') && compile('tsconfig.declarations.json'))
  );
}

function compile(project) {
  const tsc = require.resolve('typescript/bin/tsc');
  // Whatever the compiler says belongs on stderr: stdout is for what was asked for.
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], {
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
