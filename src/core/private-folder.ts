import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

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
