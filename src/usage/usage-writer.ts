import { setTimeout as delay } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Clock } from '../core/clock';
import { LogEntry } from '../core/log-entry';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { isTenantId } from '../core/tenant-directory';
import type { ScimTokenRefusedError, TokenOwner } from '../core/refusal';
import {
  UsageBuffer,
  type Count,
  type Presentation,
  type Tally,
  type Use,
  type UsedSecret,
} from './usage-buffer';
import { UsageRepository } from './usage.repository';
import { WriteBatches, type OfTenant } from './write-batches';

/** Most uses that one statement writes. */
const BATCH = 5_000;

/** Milliseconds that the last uses have to be written in, those for another try, and between two. */
const STOP_TIMEOUT_MS = 5_000;
const STOP_TRIES_MS = 2_000;
const RETRY_MS = 250;

/**
 * Told the ids of the tokens whose use was just written; returns those whose next use is not to wait for its
 * minute.
 */
export type FlushListener = (tokenIds: readonly string[]) => Promise<readonly string[]>;

/**
 * Writes uses and failures behind the requests, every few seconds. Nothing here makes a request wait, or
 * fail.
 */
@Injectable()
export class UsageWriter implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(UsageWriter.name);
  private readonly listeners: FlushListener[] = [];
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();
  /** Whether first uses are about to be written. */
  private isSoon = false;

  constructor(
    private readonly buffer: UsageBuffer,
    private readonly repository: UsageRepository,
    private readonly batches: WriteBatches,
    private readonly clock: Clock,
    @Inject(ResolvedScimTokensOptions)
    private readonly options: Pick<ResolvedScimTokensOptions, 'usageFlushSeconds'>,
  ) {}

  /** Notes an accepted value. */
  used(secret: UsedSecret, at: number, presentation: Presentation): void {
    const isFirst = this.buffer.use(secret, at, presentation);
    if (isFirst && !this.isSoon) this.writeSoon();
  }

  /** Notes an accepted value that enforcing its token's networks would have refused. */
  letThrough(token: TokenOwner, at: number, presentation: Presentation): void {
    this.buffer.letThrough(token, at, presentation);
  }

  /**
   * Notes a refused value, for those who may know: the tenant of the route, and the token's own. Neither
   * learns of the other.
   */
  refused(
    refusal: ScimTokenRefusedError,
    at: number,
    { tenantId, ...presentation }: Presentation & { readonly tenantId?: string | undefined },
  ): void {
    const { owner } = refusal;
    if (owner) {
      const hint = refusal.reason === 'tenant_mismatch' ? 'used_elsewhere' : refusal.hint;
      const kind = { reason: refusal.reason, hint, claims: refusal.claims };
      this.buffer.fail(owner.tenantId, owner.tokenId, kind, at, presentation);
    }
    if (isTenantId(tenantId) && tenantId !== owner?.tenantId) {
      const { reason, hint } = refusal;
      this.buffer.fail(tenantId, null, { reason, hint, claims: null }, at, presentation);
    }
  }

  /** Adds someone who wants to look at tokens whose use was just written. */
  afterFlush(listener: FlushListener): void {
    this.listeners.push(listener);
  }

  /** Begins to flush. */
  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), this.options.usageFlushSeconds * 1000);
    this.timer.unref();
  }

  /**
   * Writes what is left, once the last request is answered and before the data source ends. Rows that others
   * hold just then are tried again, for a while.
   */
  async onApplicationShutdown(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    const began = performance.now();
    const last = { all: true, until: began + STOP_TIMEOUT_MS };
    await this.flush(last);
    while (!this.buffer.isEmpty && performance.now() - began < STOP_TRIES_MS) {
      await delay(RETRY_MS);
      await this.flush(last);
    }
    if (!this.buffer.isEmpty) {
      this.logger.error(
        'The last uses of some tokens could not be written and are lost: let the database outlast this process',
      );
    }
  }

  /**
   * Writes what is due. A flush that fails leaves everything for the next one.
   *
   * @param options `all`: also what was written less than a minute ago; `until`: by `performance.now()`, when
   * it begins no further statement
   */
  flush({ all = false, until = Infinity } = {}): Promise<void> {
    this.running = this.running.then(() => this.write(all, until));
    return this.running;
  }

  /**
   * Whether something was never used, all instances go by: a value that was not may end at once. Begins behind
   * the request, and takes along what comes until it does.
   */
  private writeSoon(): void {
    this.isSoon = true;
    const write = async (): Promise<void> => {
      this.isSoon = false;
      while (await this.writeUses(() => this.buffer.takeFirstUses(BATCH), Infinity));
    };
    setImmediate(() => {
      this.running = this.running.then(() => this.attempt(Infinity, write));
    });
  }

  private async write(all: boolean, until: number): Promise<void> {
    const { buffer, repository } = this;
    const { failures, reports } = buffer;
    await this.attempt(until, () =>
      this.writeCounts(failures, (rows) => repository.writeFailures(rows), until),
    );
    await this.attempt(until, () =>
      this.writeCounts(reports, (rows) => repository.writeReports(rows), until),
    );
    await this.attempt(until, async () => {
      while (await this.writeUses((now) => buffer.dueUses(now, BATCH, all), until));
    });
  }

  /** By itself: a row that the database does not take must not hold back the others. */
  private async attempt(until: number, write: () => Promise<void>): Promise<void> {
    if (performance.now() >= until) return;
    try {
      await write();
    } catch (error) {
      this.logger.warn(
        new LogEntry(
          'Uses of tokens could not be written: they are kept, and the next flush tries again',
          { err: error },
        ),
      );
    }
  }

  /** Writes what was counted, and puts back what could not be written. */
  private async writeCounts<Item extends Count & OfTenant>(
    counts: Tally<Item>,
    write: (items: readonly Item[]) => Promise<void>,
    until: number,
  ): Promise<void> {
    const taken = counts.take();
    let left = new Set(taken);
    try {
      const known = await this.batches.ofKnownTenants(taken);
      left = new Set(known);
      for (const batch of await this.batches.of(known)) {
        if (performance.now() >= until) break;
        await write(batch);
        for (const item of batch) left.delete(item);
      }
    } finally {
      for (const item of left) counts.add(item);
    }
  }

  /** @returns whether there may be more */
  private async writeUses(next: (now: number) => Use[], until: number): Promise<boolean> {
    const now = this.clock.now().getTime();
    const uses = next(now);
    const written: Use[] = [];
    let settled = 0;
    try {
      for (const batch of await this.batches.of(uses)) {
        if (performance.now() >= until) break;
        const { written: held, gone } = await this.repository.writeUses(batch);
        const done = batch.filter(({ id }) => held.has(id));
        this.buffer.wroteUses(done, now);
        this.buffer.dropUses(gone);
        written.push(...done);
        settled += done.length + gone.size;
      }
    } finally {
      await this.tell(written);
    }
    // Rows that others hold are left for the next flush: to ask again at once would be to wait for them.
    return uses.length === BATCH && settled === BATCH;
  }

  private async tell(written: readonly Use[]): Promise<void> {
    if (written.length === 0) return;
    const tokenIds = written.map(({ tokenId }) => tokenId);
    for (const listener of this.listeners) {
      this.buffer.hurry(written, new Set(await listener(tokenIds)));
    }
  }
}
