/** Milliseconds in which further signals are one with the first: npm passes on what its whole group was sent. */
const ECHO_MS = 2_000;

/** SIGTERM and SIGINT, told apart: the first one stops, a later one is impatience. */
export class StopSignals {
  private readonly stopping = new AbortController();
  private readonly hurrying = new AbortController();
  private firstAt: number | null = null;

  /** Aborts, with the signal's name as its reason, when the process is told to stop. */
  readonly stop: AbortSignal = this.stopping.signal;
  /** Aborts when it is told again, more than 2 s later. */
  readonly hurry: AbortSignal = this.hurrying.signal;

  /** From here on none of these signals ends the process by itself, however many come. */
  static handled(): StopSignals {
    const signals = new StopSignals();
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.on(name, () => {
        signals.take(name);
      });
    }
    return signals;
  }

  /** Takes a signal that came. */
  take(name: NodeJS.Signals): void {
    if (this.firstAt === null) {
      this.firstAt = performance.now();
      this.stopping.abort(name);
    } else if (performance.now() - this.firstAt > ECHO_MS) {
      this.hurrying.abort(name);
    }
  }
}
