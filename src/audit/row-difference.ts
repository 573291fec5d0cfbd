import type { CheckedToken, SecretRow } from './checked-tokens';
import type { ExpectedSecret } from './secret-replay';
import type { TokenReplay } from './token-replay';

/** The first column of a token whose row is not what its events say, or null. */
export function differingField(
  replay: TokenReplay,
  token: CheckedToken,
  trailBegan: Date | null,
): string | null {
  for (const [field, expected] of replay.fields) {
    if (JSON.stringify(shown(token[field])) !== JSON.stringify(expected)) return field;
  }
  return secretsDiffer(replay, token, trailBegan) ? 'secrets' : null;
}

/** Whether a token was made before the first event that is left, so that none need tell of it. */
export function isOlder(createdAt: Date, trailBegan: Date | null): boolean {
  return trailBegan !== null && createdAt < trailBegan;
}

function secretsDiffer(
  { secrets, isWhole }: TokenReplay,
  { secrets: rows }: CheckedToken,
  trailBegan: Date | null,
): boolean {
  const known = new Set(secrets.all.map(({ lookup_id }) => lookup_id));
  const unmatched = new Set(rows);
  for (const expected of secrets.all) {
    const row = rows.find((candidate) =>
      expected.lookup_id === undefined
        ? unmatched.has(candidate) && !known.has(candidate.lookup_id) && isRow(expected, candidate)
        : candidate.lookup_id === expected.lookup_id,
    );
    if (!row || !unmatched.delete(row) || !isRow(expected, row)) return true;
  }
  // What is left can only be of before the trail's beginning, and no longer in use where that is known.
  return [...unmatched].some(
    (row) =>
      isWhole ||
      !isOlder(new Date(`${row.created_at}Z`), trailBegan) ||
      (secrets.isCurrentKnown && row.retired_at === null),
  );
}

function isRow(expected: ExpectedSecret, row: SecretRow): boolean {
  return (
    (expected.format === undefined || expected.format === row.format) &&
    (expected.created_at === undefined || expected.created_at === instant(row.created_at)) &&
    expected.expires_at === instant(row.expires_at) &&
    expected.retired_at === instant(row.retired_at) &&
    (expected.former_expires_at === undefined ||
      expected.former_expires_at === instant(row.former_expires_at))
  );
}

/** A time as the API shows it; one that JavaScript has not, such as infinity, as it is. */
function instant(text: string | null): string | null {
  if (text === null) return null;
  const time = new Date(`${text}Z`);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

function shown(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'number' ? String(value) : value;
}
