import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Held on a data folder by the one process that uses it. */
export interface DataLock {
  release(): void;
}

/**
 * Takes the data folder for this process. A lock whose process is gone, or whose number now belongs to
 * another process, is taken over.
 *
 * @throws Error that names the process that holds the folder
 */
export function lockData(dataDir: string): DataLock {
  const path = join(dataDir, 'postgres.lock');
  const mine = `${process.pid} ${startOf(process.pid)}\n`;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, mine);
  try {
    for (let tries = 0; ; tries++) {
      try {
        linkSync(draft, path);
        return {
          release: () => {
            if (read(path) === mine) rmSync(path, { force: true });
          },
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tries > 5) throw error;
      }
      const held = read(path);
      const [pid = '', start = ''] = held.trim().split(' ');
      if (held !== '' && startOf(Number(pid)) === start) {
        throw new Error(
          `DATA_DIR ${dataDir} is in use by process ${pid}: stop it, or set another DATA_DIR`,
        );
      }
      // Only the lock that was looked at is removed, never one that was made in between.
      if (read(path) === held) rmSync(path, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** What tells a process from a later one of the same number; empty where there is none. */
function startOf(pid: number): string {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return '';
  }
  try {
    // Field 22 of proc(5): ticks since boot; counted after the name, which may hold spaces.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? 'alive');
  } catch {
    return 'alive';
  }
}

/** Milliseconds in which a server whose service was killed ends, before it is ended at once. */
const ORPHAN_TIMEOUT_MS = 5_000;

/** A live server's process, and where it listens. */
export interface Postmaster {
  readonly pid: number;
  /** Folder of its socket; null where it has none, as servers of earlier versions, or not yet. */
  readonly sockets: string | null;
}

/** The live server that holds a data folder; a number that now is another program's is nobody's. */
export function postmasterOf(data: string): Postmaster | null {
  try {
    // Lines of postmaster.pid: process, data folder, start, port, folder of the socket.
    const [first, , , , sockets] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(first);
    if (!pid) return null;
    process.kill(pid, 0);
    const isOurs =
      process.platform !== 'linux' || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(data);
    return isOurs
      ? { pid, sockets: sockets === undefined || sockets === '' ? null : sockets }
      : null;
  } catch {
    return null;
  }
}

/**
 * Ends the server that a killed service left, if it has not gone by itself. For the holder of the lock only.
 *
 * @throws Error that names the process, where it does not end
 */
export async function endOrphan(data: string): Promise<void> {
  const began = Date.now();
  let signal: NodeJS.Signals | null = 'SIGINT';
  for (let orphan = postmasterOf(data); orphan !== null; orphan = postmasterOf(data)) {
    if (signal) process.kill(orphan.pid, signal);
    signal = null;
    await delay(50);
    const waited = Date.now() - began;
    if (waited > 2 * ORPHAN_TIMEOUT_MS) {
      throw new Error(
        `PostgreSQL process ${orphan.pid} still uses ${data}: end it, or set another DATA_DIR`,
      );
    }
    if (waited > ORPHAN_TIMEOUT_MS) signal = 'SIGQUIT';
  }
}
