import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of entropy in a key made for development. */
const KEY_BYTES = 32;

/**
 * A key that development keeps in `DATA_DIR`, made at the first start. Written whole or not at all, so
 * that two starts at once agree on one.
 */
export function developmentKey(dataDir: string, name: string): string {
  const path = join(dataDir, name);
  return read(path) ?? make(dataDir, path);
}

function read(path: string): string | null {
  try {
    const key = readFileSync(path, 'utf8').trim();
    chmodSync(path, 0o600);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function make(dataDir: string, path: string): string {
  mkdirSync(dataDir, { recursive: true });
  const key = randomBytes(KEY_BYTES).toString('base64url');
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
