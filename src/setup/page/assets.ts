import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, sep } from 'node:path';
import { ownFolder } from '../../core/own-package';
import { CompressibleFile } from './compressible-file';

/** Where the build leaves the browser's program, below this package's folder. */
const BUILT = 'dist/setup-page';
/** The page's one library, as the page imports it. */
const LIBRARY = 'htm/preact/standalone.module.js';

/** What is served, and as what. Whatever else lies there is not. */
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
};

/** The browser's program as the build left it. */
export interface SetupPageAssets {
  /** The page, with `{{assets}}` and `{{api}}` where it says where those are. */
  readonly document: string;
  /** Tells this build's files from another's. */
  readonly hash: string;
  /** By their path below the folder of assets. */
  readonly files: ReadonlyMap<string, CompressibleFile>;
}

let loaded: SetupPageAssets | undefined;

/**
 * The setup page's files, read once: what a request says never becomes a path.
 *
 * @throws Error where there is no build
 */
export function setupPageAssets(): SetupPageAssets {
  return (loaded ??= load());
}

function load(): SetupPageAssets {
  const hash = createHash('sha256');
  const files = new Map<string, CompressibleFile>();
  const built = join(ownFolder(), BUILT);
  for (const [name, path] of [...assetsIn(built), [LIBRARY, libraryPath()] as const]) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const bytes = readFileSync(path);
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
    files.set(name, new CompressibleFile(type, bytes));
  }
  const document = readFileSync(join(built, 'index.html'), 'utf8');
  return { document, hash: hash.digest('hex').slice(0, 16), files };
}

/** Names and paths. */
function assetsIn(built: string): (readonly [string, string])[] {
  let names: string[];
  try {
    names = readdirSync(built, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    throw new Error('There is no build of the setup page: run npm run build', { cause: error });
  }
  return (
    names
      // It tells Node and TypeScript that the client is an ES module.
      .filter((name) => name !== 'package.json')
      .sort()
      .map((name) => [name.replaceAll(sep, '/'), join(built, name)] as const)
  );
}

/** Beside the folder's CommonJS, which alone `require` finds. */
function libraryPath(): string {
  return join(dirname(require.resolve('htm/preact')), 'standalone.module.js');
}
