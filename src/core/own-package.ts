import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the manifest of this package says. */
interface OwnManifest {
  readonly version: string;
  readonly engines: { readonly node: string };
}

/** The folder of this package; a checkout's is the repository's. */
export function ownFolder(): string {
  return dirname(manifestPath());
}

/** This package's manifest. */
export function ownManifest(): OwnManifest {
  return JSON.parse(readFileSync(manifestPath(), 'utf8')) as OwnManifest;
}

/** By name: from `src`, `dist` and `lib` the way is not the same. */
function manifestPath(): string {
  return require.resolve('nest-scim-tokens/package.json');
}
