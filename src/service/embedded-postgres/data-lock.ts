import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

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
