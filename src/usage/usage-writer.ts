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
import type { ScimTokenRefusedError } from '../core/refusal';
import {
  UsageBuffer,
  type Count,
  type Presentation,
  type Tally,
  type UsedSecret,
} from './usage-buffer';
import { UsageRepository } from './usage.repository';

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
@Injectable()
export class UsageWriter implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(UsageWriter.name);
  private readonly listeners: FlushListener[] = [];
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly buffer: UsageBuffer,
    private readonly repository: UsageRepository,
    private readonly clock: Clock,
    @Inject(ResolvedScimTokensOptions)
    private readonly options: Pick<ResolvedScimTokensOptions, 'usageFlushSeconds'>,
  ) {}

  /** Notes an accepted value. */
  used(secret: UsedSecret, at: number, presentation: Presentation): void {
    this.buffer.use(secret, at, presentation);
  }

  /** Notes an accepted value that enforcing its token's networks would have refused. */
  letThrough(secret: UsedSecret, at: number, presentation: Presentation): void {
    this.buffer.letThrough(secret, at, presentation);
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
    const deadline = performance.now() + STOP_TIMEOUT_MS;
    await this.flush({ all: true });
    while (!this.buffer.isEmpty && performance.now() < deadline) {
      await delay(RETRY_MS);
      await this.flush({ all: true });
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
   * @param options `all`: also what was written less than a minute ago
   */
  flush({ all = false } = {}): Promise<void> {
    this.running = this.running.then(() => this.write(all));
    return this.running;
  }

  private async write(all: boolean): Promise<void> {
    try {
      const { buffer, repository } = this;
      await writeAll(buffer.failures, (failures) => repository.writeFailures(failures));
      await writeAll(buffer.reports, (reports) => repository.writeReports(reports));
      await this.writeUses(all);
    } catch (error) {
      this.logger.warn(
        new LogEntry(
          'Uses of tokens could not be written: they are kept, and the next flush tries again',
          {
            err: error,
          },
        ),
      );
    }
  }

  private async writeUses(all: boolean): Promise<void> {
    for (;;) {
      const now = this.clock.now().getTime();
      const uses = this.buffer.dueUses(now, BATCH, all);
      if (uses.length === 0) return;
      const { written, gone } = await this.repository.writeUses(uses);
      const done = uses.filter(({ id }) => written.has(id));
      this.buffer.wroteUses(done, now);
      this.buffer.dropUses(gone);
      await this.tell(done.map(({ tokenId }) => tokenId));
      // Rows that others hold are left for the next flush: to ask again at once would be to wait for them.
      if (uses.length < BATCH || done.length + gone.size < uses.length) return;
    }
  }

  private async tell(tokenIds: readonly string[]): Promise<void> {
    if (tokenIds.length === 0) return;
    for (const listener of this.listeners) await listener(tokenIds);
  }
}

/** Writes what was counted, or puts it back. */
async function writeAll<Item extends Count>(
  counts: Tally<Item>,
  write: (items: readonly Item[]) => Promise<void>,
): Promise<void> {
  const items = counts.take();
  if (items.length === 0) return;
  try {
    await write(items);
  } catch (error) {
    for (const item of items) counts.add(item);
    throw error;
  }
}
