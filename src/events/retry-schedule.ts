/** Seconds between a try and the next one; after the last of them hourly. */
const FIRST_DELAYS = [5, 30, 120, 600, 3600] as const;
const HOURLY = 3600;
/** Hourly tries before a notice is given up: three days. */
const HOURLY_TRIES = 72;
/** Most tries of a notice. */
export const MAX_TRIES = 1 + FIRST_DELAYS.length + HOURLY_TRIES;
/** By how much a delay varies in both directions, so that a thousand notices do not return at once. */
const JITTER = 0.1;

/**
 * Milliseconds until the next try, or null where there is none.
 *
 * @param tries tries begun so far, at least 1
 * @param random a number from 0 to 1
 */
export function retryDelay(tries: number, random = Math.random()): number | null {
  if (tries >= MAX_TRIES) return null;
  const seconds = FIRST_DELAYS[tries - 1] ?? HOURLY;
  return Math.round(seconds * 1000 * (1 + JITTER * (2 * random - 1)));
}
