import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder } from '../../core/private-folder';

/** Bytes of entropy in a key made for development. */
const KEY_BYTES = 32;

/**
 * A key that development keeps in `DATA_DIR`, made at the first start. Written whole or not at all, so
 * that two starts at once agree on one.
 */
export function developmentKey(dataDir: string, name: string): string {
  makePrivateFolder(dataDir);
  const path = join(dataDir, name);
  const key = read(path);
  if (key === null) return make(path);
  chmodSync(path, 0o600);
  return key;
}

/** The key that {@link developmentKey} made, or one that nobody keeps: for commands that only look. */
export function peekDevelopmentKey(dataDir: string, name: string): string {
  return read(join(dataDir, name)) ?? newKey();
}

function newKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

function read(path: string): string | null {
  try {
    // As root the folder is that of the database server's account: its keys are not ours.
    const user = process.getuid?.();
    if (user !== undefined && statSync(path).uid !== user) {
      throw new Error(`${path} belongs to another user: remove it, or set another DATA_DIR`);
    }
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function make(path: string): string {
  const key = newKey();
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${key}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return read(path) ?? key;
  } finally {
    rmSync(draft, { force: true });
  }
}
