import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs';
import { join, dirname } from 'node:path';

/** Bits by which a group or anybody may enter, list or change a folder. */
const OTHERS = 0o077;
/** On folders that everybody writes to, such as /tmp. */
const STICKY = 0o1000;

/**
 * Makes a folder that its owner alone can enter, or closes one that is there.
 *
 * @throws Error that says what to do, where the folder stays open to other users
 */
export function makePrivateFolder(path: string): void {
  // The folders above are nobody's secret: the mode would hold for them, too.
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const { mode } = statSync(path);
  if ((mode & OTHERS) === 0) return;
  const problem =
    (mode & STICKY) === 0 ? close(path) : 'it is shared, and closing it would shut out its users';
  if (problem === null) return;
  throw new Error(
    `DATA_DIR ${path} is open to other users of this machine and cannot be closed (${problem}): ` +
      'set DATA_DIR to a folder in it, which is then made, or to one on a file system that keeps permissions',
  );
}

/** Null where it is closed now; some file systems take the order and do nothing. */
function close(path: string): string | null {
  try {
    chmodSync(path, 0o700);
  } catch (error) {
    return (error as Error).message;
  }
  return (statSync(path).mode & OTHERS) === 0 ? null : 'its file system ignores chmod';
}

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
