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
