import { availableParallelism } from 'node:os';
import { Semaphore } from 'async-mutex';
import { ServiceUnavailableError } from '../core/errors';

/** bcrypts at a time: each fills a core for some 50 ms, and one core is left to answer requests. */
const CONCURRENCY = Math.max(1, Math.min(2, availableParallelism() - 1));
/** Most hashes that wait, some 3 seconds of work; who comes later is told to come back. */
const MAX_WAITING = 60;
/** Checks under one lookup id: one runs and two wait, so that whoever hammers one id holds up nobody else. */
const MAX_PER_KEY = 3;

/**
 * Every bcrypt of the process passes here: it runs off the event loop, but on threads that file and DNS
 * work needs too.
 */
export class BcryptQueue {
  private readonly slots = new Semaphore(CONCURRENCY);
  private readonly keys = new Map<string, { readonly turn: Semaphore; users: number }>();
  private inside = 0;
  private checks = 0;

  /** Hashes and checks that run or wait. */
  get length(): number {
    return this.inside + this.checks;
  }

  /**
   * Runs the hash of a value that is being minted.
   *
   * @throws ServiceUnavailableError where too many wait already
   */
  async hash<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.inside >= MAX_WAITING) throw new ServiceUnavailableError();
    this.inside += 1;
    try {
      return await this.slots.runExclusive(work);
    } finally {
      this.inside -= 1;
    }
  }

  /**
   * Runs the check of a presented value: one at a time under a lookup id.
   *
   * @throws ServiceUnavailableError where too many wait already, under this id or altogether. Not a
   *   refusal: an identity provider gives up on a good token that is refused.
   */
  async check<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const entry = this.keys.get(key) ?? { turn: new Semaphore(1), users: 0 };
    if (entry.users >= MAX_PER_KEY || this.checks >= MAX_WAITING) {
      throw new ServiceUnavailableError();
    }
    this.keys.set(key, entry);
    entry.users += 1;
    this.checks += 1;
    try {
      return await entry.turn.runExclusive(() => this.slots.runExclusive(work));
    } finally {
      this.checks -= 1;
      entry.users -= 1;
      if (entry.users === 0) this.keys.delete(key);
    }
  }
}
