import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { LogEntry } from '../core/log-entry';
import type { Clock } from '../core/clock';
import { isTenantId } from '../core/tenant-id';
import type { ScimTokenRefusedError } from '../core/refusal';
import type { SecretState } from '../verification/secret-state';
import type { Presentation, UsageBuffer } from './usage-buffer';
import type { UsageRepository } from './usage.repository';

/** Most uses that one statement writes. */
const BATCH = 5_000;

/** Milliseconds that the last uses have to be written in, and between two tries. */
const STOP_TIMEOUT_MS = 2_000;
const RETRY_MS = 250;

/** Told the ids of the tokens whose use was just written. */
export type FlushListener = (tokenIds: readonly string[]) => Promise<void>;

/**
 * Writes uses and failures behind the requests, every few seconds. Nothing here makes a request wait, or
 * fail.
 */
export class UsageWriter {
  private readonly logger = new Logger(UsageWriter.name);
  private readonly listeners: FlushListener[] = [];
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();

  /** @param everyMs milliseconds between two flushes */
  constructor(
    private readonly buffer: UsageBuffer,
    private readonly repository: UsageRepository,
    private readonly clock: Clock,
    private readonly everyMs: number,
  ) {}

  /** Notes an accepted value. */
  used(state: SecretState, at: number, presentation: Presentation): void {
    this.buffer.use(state, at, presentation);
  }

  /** Notes an accepted value that enforcing its token's networks would have refused. */
  letThrough(state: SecretState, at: number, presentation: Presentation): void {
    this.buffer.letThrough(state, at, presentation);
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
      const kind = { reason: refusal.reason, hint };
      this.buffer.fail(owner.tenantId, owner.tokenId, kind, at, presentation);
    }
    if (isTenantId(tenantId) && tenantId !== owner?.tenantId) {
      this.buffer.fail(tenantId, null, refusal, at, presentation);
    }
  }

  /** Adds someone who wants to look at tokens whose use was just written. */
  afterFlush(listener: FlushListener): void {
    this.listeners.push(listener);
  }

  /** Begins to flush. */
  start(): void {
    this.timer = setInterval(() => void this.flush(), this.everyMs);
    this.timer.unref();
  }

  /** Stops, and writes what is left; rows that others hold just then are tried again, for a while. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    const deadline = performance.now() + STOP_TIMEOUT_MS;
    await this.flush({ all: true });
    while (!this.buffer.isEmpty && performance.now() < deadline) {
      await delay(RETRY_MS);
      await this.flush({ all: true });
    }
    if (!this.buffer.isEmpty) this.logger.error('The last uses of some tokens are lost');
  }

  /**
   * Writes what is due. A flush that fails leaves everything for the next one.
   *
   * @param options `all`: also what was written less than a minute ago
   */
  flush({ all = false } = {}): Promise<void> {
    this.running = this.running.then(() => this.write(all));
    return this.running;
  }

  private async write(all: boolean): Promise<void> {
    try {
      await this.writeFailures();
      await this.writeReports();
      await this.writeUses(all);
    } catch (error) {
      this.logger.warn(
        new LogEntry('Uses of tokens could not be written; they are kept', { err: error }),
      );
    }
  }

  private async writeUses(all: boolean): Promise<void> {
    for (;;) {
      const now = this.clock.now().getTime();
      const uses = this.buffer.dueUses(now, BATCH, all);
      if (uses.length === 0) return;
      const { written, gone } = await this.repository.writeUses(uses);
      const done = uses.filter(({ secretId }) => written.has(secretId));
      this.buffer.wroteUses(done, now);
      this.buffer.dropUses(gone);
      await this.tell(done.map(({ tokenId }) => tokenId));
      // Rows that others hold are left for the next flush: to ask again at once would be to wait for them.
      if (uses.length < BATCH || done.length + gone.size < uses.length) return;
    }
  }

  private async writeFailures(): Promise<void> {
    const failures = this.buffer.takeFailures();
    if (failures.length === 0) return;
    try {
      await this.repository.writeFailures(failures);
    } catch (error) {
      this.buffer.returnFailures(failures);
      throw error;
    }
  }

  private async writeReports(): Promise<void> {
    const reports = this.buffer.takeReports();
    if (reports.length === 0) return;
    try {
      await this.repository.writeReports(reports);
    } catch (error) {
      this.buffer.returnReports(reports);
      throw error;
    }
  }

  private async tell(tokenIds: readonly string[]): Promise<void> {
    if (tokenIds.length === 0) return;
    for (const listener of this.listeners) await listener(tokenIds);
  }
}
