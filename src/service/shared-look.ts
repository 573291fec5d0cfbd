/** Milliseconds that what was seen may be shown. */
const FRESH_MS = 1_000;

/**
 * Looks at something at most once a second, however many ask: who comes while a look is under way shares it,
 * who comes later is told what it saw, for a second from its beginning.
 */
export class SharedLook<Sight> {
  private startedAt = -Infinity;
  private underWay: Promise<Sight> | null = null;
  private last: Promise<Sight> | null = null;

  constructor(private readonly look: () => Promise<Sight>) {}

  /** Has the next who asks look anew: what was seen is known to have changed. */
  forget(): void {
    this.last = null;
  }

  /** What is seen now, or was less than a second ago; a look that fails is shared as well. */
  see(): Promise<Sight> {
    if (this.underWay) return this.underWay;
    if (this.last && performance.now() - this.startedAt < FRESH_MS) return this.last;
    this.startedAt = performance.now();
    this.last = this.look().finally(() => {
      this.underWay = null;
    });
    this.underWay = this.last;
    return this.last;
  }
}
