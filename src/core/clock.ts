/** Where the time comes from. Tests and hosts may set their own; SQL gets its times from here too. */
export abstract class Clock {
  /** The current time, at millisecond precision. */
  abstract now(): Date;
}

/** The system's clock. */
export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }
}

/** Milliseconds of an hour. */
export const HOUR_MS = 3_600_000;

/** Milliseconds of a day. */
export const DAY_MS = 24 * HOUR_MS;

/** A time some days later. */
export function daysAfter(start: Date, days: number): Date {
  return new Date(start.getTime() + days * DAY_MS);
}
