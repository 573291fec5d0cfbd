import type { StoredToken } from '../core/token';

/**
 * What an UPDATE of the tokens' table sets besides version and time. A new end is announced anew. What turns a
 * token off, on, or back from its end takes with it what was found of its health: nobody could use it, or can.
 *
 * @param now placeholder of the time
 * @param use takes a value as a parameter, and returns its placeholder
 */
export function assignments(
  columns: Readonly<Partial<StoredToken>>,
  now: string,
  use: (value: unknown) => string,
): string[] {
  const { enabled, expires_at: end } = columns;
  const sets = Object.entries(columns).map(([column, value]) => `${column} = ${use(value)}`);
  const change = (condition: string, column: string, to: string): void => {
    sets.push(`${column} = CASE WHEN ${condition} THEN ${to} ELSE ${column} END`);
  };
  if (end !== undefined) {
    change(`expires_at IS DISTINCT FROM ${use(end)}`, 'expiry_set_at', now);
  }
  const turns = [
    ...(enabled === undefined ? [] : [`enabled <> ${use(enabled)}`]),
    ...(end === undefined ? [] : [`expires_at <= ${now}`]),
  ].join(' OR ');
  if (turns !== '') {
    change(turns, 'health_state', 'NULL');
    change(turns, 'health_since', now);
    change(turns, 'live_since', now);
  }
  return sets;
}
