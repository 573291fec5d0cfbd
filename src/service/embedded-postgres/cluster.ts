import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SUPERUSER } from './connection';
import { runAs, type ServerUser } from './server-user';

/** A server's data, its programs and its account. */
export interface Cluster {
  /** Folder of PostgreSQL's programs. */
  readonly native: string;
  /** Folder of the data folder and of the server's log. */
  readonly home: string;
  /** PostgreSQL's data folder. */
  readonly data: string;
  /** Whom the server runs as; null for ourselves. */
  readonly user: ServerUser | null;
}

/**
 * Makes the data folder beside its place and moves it there when whole: a start that is cut off leaves
 * nothing half made.
 *
 * @throws Error with what initdb says
 */
export async function initialise(
  { native, home, data, user }: Cluster,
  password: string,
): Promise<void> {
  const draft = join(home, 'cluster.new');
  rmSync(draft, { recursive: true, force: true });
  const passwordFile = join(home, 'initdb.password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const output: Buffer[] = [];
  const child = spawn(
    join(native, 'bin', 'initdb'),
    [
      `--pgdata=${draft}`,
      `--username=${SUPERUSER.name}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ],
    { ...runAs(user), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => output.push(chunk));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  rmSync(passwordFile);
  if (code !== 0) {
    throw new Error(
      `The embedded PostgreSQL could not be prepared:\n${Buffer.concat(output).toString()}`,
    );
  }
  renameSync(draft, data);
}
