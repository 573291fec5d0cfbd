/** Longest cursor that is looked at, in characters: a position holds at most a name. */
const CURSOR_MAX = 4096;

/** Writes a position in a list as an opaque text for URLs. */
export function writeCursor(position: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(position), 'utf8').toString('base64url');
}

/** Reads what {@link writeCursor} wrote, or returns null for anything that it would write otherwise. */
export function readCursor(cursor: unknown): readonly unknown[] | null {
  if (typeof cursor !== 'string' || cursor.length > CURSOR_MAX) return null;
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(position)) return null;
    return writeCursor(position as string[]) === cursor ? (position as unknown[]) : null;
  } catch {
    return null;
  }
}
