import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makePrivateFolder } from '../config/data-folder';
import { serverBinaries } from './binaries';
import { endOrphan, lockData, postmasterOf, type DataLock } from './data-lock';
import { passwordIn, SERVICE, socketUrl, SUPERUSER } from './roles';
import { initialise, launch } from './server';
import { dataOf, homesOf, serverHome, serverUser } from './server-home';

/** Milliseconds a fast shutdown may take before the server is ended at once. */
const STOP_TIMEOUT_MS = 4_000;

/** A running server of our own. */
export interface EmbeddedPostgres {
  /** Connection string of its database. */
  readonly url: string;
  /**
   * Stops the server and waits for its end.
   *
   * @param timeoutMs milliseconds its sessions have to end before it is ended at once, to recover at the next start
   */
  stop(timeoutMs?: number): Promise<void>;
  /** Resolves when the server ends though nobody stopped it. */
  readonly exited: Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Folder that keeps the data from start to start. */
  readonly dataDir: string;
  /** Told what takes its time. */
  readonly log?: (message: string) => void;
  /** Gives the start up where it aborts; what was started is ended first. */
  readonly signal?: AbortSignal;
}

/**
 * Starts a real PostgreSQL for development and tests, on a Unix socket that no other user can reach, and
 * finds its data again at the next start. As root the server runs under another account.
 *
 * @throws Error that says what to do: package missing, folder in use, server does not start
 */
export async function startEmbeddedPostgres({
  dataDir: folder,
  log = () => undefined,
  signal,
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(folder);
  makePrivateFolder(dataDir);
  const lock = lockData(dataDir);
  try {
    const user = serverUser();
    const home = serverHome(dataDir, user);
    const cluster = { native: serverBinaries(user), home, data: dataOf(home), user };
    const passwords = {
      superuser: passwordIn(dataDir, SUPERUSER),
      service: passwordIn(dataDir, SERVICE),
    };
    if (!existsSync(cluster.data)) {
      log('Preparing the embedded PostgreSQL');
      await initialise(cluster, passwords.superuser);
    }
    await endOrphan(cluster.data);
    // Preparing takes seconds: nobody may be there any more to end what is launched now.
    signal?.throwIfAborted();
    const { child, url } = await launch(cluster, passwords, signal);
    return running(child, url, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Connection string of the server that a running service has started on this folder, or null. */
export function runningEmbeddedPostgres(folder: string): string | null {
  const dataDir = resolve(folder);
  if (!hasEmbeddedPostgres(dataDir)) return null;
  for (const home of homesOf(dataDir)) {
    const sockets = postmasterOf(dataOf(home))?.sockets;
    if (sockets) return socketUrl(sockets, SERVICE, passwordIn(dataDir, SERVICE));
  }
  return null;
}

/** Whether a service has ever kept its data in this folder. */
export function hasEmbeddedPostgres(folder: string): boolean {
  return existsSync(join(folder, SUPERUSER.passwordFile));
}

function running(child: ChildProcess, url: string, lock: DataLock): EmbeddedPostgres {
  let stopped = false;
  const ended = once(child, 'exit').then(() => {
    lock.release();
  });
  return {
    url,
    exited: new Promise((resolveExited) => {
      void ended.then(() => {
        if (!stopped) resolveExited();
      });
    }),
    async stop(timeoutMs = STOP_TIMEOUT_MS) {
      stopped = true;
      child.kill('SIGINT');
      const force = setTimeout(() => {
        // To the whole group: the server ends its sessions at once and recovers at the next start.
        process.kill(-(child.pid ?? 0), 'SIGQUIT');
      }, timeoutMs);
      await ended;
      clearTimeout(force);
    },
  };
}
