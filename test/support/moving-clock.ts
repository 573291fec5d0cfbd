import { Clock } from '../../src/core/clock';

/** A clock that stands still until a test moves it. */
export class MovingClock extends Clock {
  private time: number;

  constructor(start = '2026-11-24T09:30:00.000Z') {
    super();
    this.time = Date.parse(start);
  }

  now(): Date {
    return new Date(this.time);
  }

  /** Moves on by this many milliseconds. */
  advance(milliseconds: number): void {
    this.time += milliseconds;
  }
}

export const SECOND = 1_000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
