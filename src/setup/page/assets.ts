import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { CompressibleFile } from './compressible-file';

/** Where the build leaves the browser's program, seen from `dist` as from `src`. */
const BUILT = join(__dirname, '../../../dist/setup-page');

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
  for (const [name, type] of assetsBuilt()) {
    const bytes = readFileSync(join(BUILT, name));
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
    files.set(name.replaceAll(sep, '/'), new CompressibleFile(type, bytes));
  }
  const document = readFileSync(join(BUILT, 'index.html'), 'utf8');
  return { document, hash: hash.digest('hex').slice(0, 16), files };
}

/** Names and types. */
function assetsBuilt(): [string, string][] {
  let names: string[];
  try {
    names = readdirSync(BUILT, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    throw new Error('There is no build of the setup page: run npm run build', { cause: error });
  }
  return names.sort().flatMap((name) => {
    // It tells Node and TypeScript that the client is an ES module.
    const type = name === 'package.json' ? undefined : TYPES[extname(name)];
    return type === undefined ? [] : [[name, type] as [string, string]];
  });
}
