import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

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
