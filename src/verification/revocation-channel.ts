import { createHash, randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Client, type ClientConfig, type Notification, type Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import { LogEntry } from '../core/log-entry';
import { runUnlogged } from '../database/own-statements';
import { qualifiedTables } from '../database/table-names';
import type { VerificationMemory } from './verification-memory';

/** Milliseconds in which a notification to ourselves must come back. */
const ECHO_TIMEOUT_MS = 1_000;
/** Most milliseconds between two proofs of hearing. */
const PROOF_EVERY_MS = 2_000;
/** Milliseconds before a lost connection is made anew. */
const RECONNECT_MS = 250;
const CONNECT_TIMEOUT_MS = 3_000;

/** How the channel listens. */
export interface RevocationChannelOptions {
  /** Connection string of a direct connection; the data source's own settings without one. */
  readonly listenUrl: string | null;
  /** Milliseconds a state is remembered; 0: nothing is, and there is nothing to hear. */
  readonly ttlMs: number;
}

/**
 * Hears of tokens that other instances changed, by PostgreSQL's LISTEN, and makes this instance forget
 * them. It trusts its ears only as long as they prove to work: a notification to itself must come back
 * within a second, every few seconds. While it is deaf the memory's states are not used.
 */
export class RevocationChannel {
  /** Named after the tables alone: the same in every instance that shares them, another for other tables. */
  readonly name: string;
  /** Seconds the last notification to ourselves took to come back; null before the first. */
  lagSeconds: number | null = null;

  private readonly logger = new Logger(RevocationChannel.name);
  private client: Client | null = null;
  private timer: NodeJS.Timeout | null = null;
  private echo: { readonly nonce: string; readonly heard: () => void } | null = null;
  private running = false;
  private hearing = false;
  private saidDeaf = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly memory: VerificationMemory,
    private readonly options: RevocationChannelOptions,
  ) {
    this.name = channelName(dataSource);
  }

  /** Whether revocations made elsewhere are heard; true too where nothing is remembered, so that nothing is missed. */
  get isHearing(): boolean {
    return this.hearing || this.options.ttlMs === 0;
  }

  /** Connects, and answers once it hears or has found that it does not; it goes on trying by itself. */
  async start(): Promise<void> {
    if (this.options.ttlMs === 0) return;
    this.running = true;
    await this.listen();
  }

  /** Stops listening. */
  async stop(): Promise<void> {
    this.running = false;
    if (this.timer) clearTimeout(this.timer);
    this.setHearing(false);
    await this.disconnect();
  }

  private async listen(): Promise<void> {
    try {
      await this.connect();
      await this.prove();
    } catch (error) {
      this.deaf(error);
    }
    this.schedule();
  }

  private schedule(): void {
    if (!this.running) return;
    const proofEvery = Math.min(PROOF_EVERY_MS, this.options.ttlMs / 2);
    this.timer = setTimeout(() => void this.listen(), this.client ? proofEvery : RECONNECT_MS);
    this.timer.unref();
  }

  private async connect(): Promise<void> {
    if (this.client) return;
    const client = new Client(this.connection());
    client.on('error', (error) => {
      this.lost(client, error);
    });
    client.on('end', () => {
      this.lost(client, new Error('The listening connection has ended'));
    });
    client.on('notification', (notification) => {
      this.hear(notification);
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(this.name)}`);
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
  }

  private connection(): ClientConfig {
    const own = {
      application_name: 'scim-tokens-listener',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    };
    const { listenUrl } = this.options;
    if (listenUrl !== null) return { connectionString: listenUrl, ...own };
    const { options } = (this.dataSource.driver as PostgresDriver).master as Pool;
    // The password is there, though it is kept from being listed.
    return { ...options, password: options.password, ...own };
  }

  /** Sends a notification through the pool, as a revocation would be, and waits until it is heard. */
  private async prove(): Promise<void> {
    const nonce = randomUUID();
    const began = performance.now();
    let timeout: NodeJS.Timeout | undefined;
    const heard = new Promise<void>((resolve, reject) => {
      this.echo = { nonce, heard: resolve };
      timeout = setTimeout(() => {
        reject(new Error('A notification to ourselves did not come back'));
      }, ECHO_TIMEOUT_MS);
    });
    try {
      const sent = runUnlogged(this.dataSource, 'SELECT pg_notify($1, $2)', [
        this.name,
        `echo ${nonce}`,
      ]);
      await Promise.all([sent, heard]);
    } finally {
      clearTimeout(timeout);
      this.echo = null;
    }
    this.lagSeconds = (performance.now() - began) / 1000;
    if (!this.client) throw new Error('The listening connection was lost');
    this.setHearing(true);
  }

  private hear({ payload = '' }: Notification): void {
    const [kind, argument = ''] = payload.split(' ');
    if (kind === 'evict') this.memory.evict(argument);
    else if (kind === 'flush') this.memory.flush();
    else if (kind === 'echo' && argument === this.echo?.nonce) this.echo.heard();
  }

  private lost(client: Client, error: Error): void {
    if (client !== this.client) return;
    this.client = null;
    this.deaf(error);
  }

  private deaf(error: unknown): void {
    if (!this.running) return;
    this.setHearing(false);
    void this.disconnect();
    if (this.saidDeaf) return;
    this.saidDeaf = true;
    this.logger.warn(
      new LogEntry(
        'Revocations made by other instances are not heard: every check reads the database until they are. ' +
          'Behind a pooler such as PgBouncer set DATABASE_LISTEN_URL to a direct connection',
        { err: error },
      ),
    );
  }

  private setHearing(hearing: boolean): void {
    if (hearing && this.saidDeaf) {
      this.saidDeaf = false;
      this.logger.log('Revocations made by other instances are heard again');
    }
    this.hearing = hearing;
    this.memory.setHearing(hearing);
  }

  private async disconnect(): Promise<void> {
    const { client } = this;
    this.client = null;
    await client?.end().catch(() => undefined);
  }
}

/** Hashed: PostgreSQL cuts names at 63 bytes. */
export function channelName(dataSource: DataSource): string {
  const digest = createHash('sha256').update(qualifiedTables(dataSource).tokens).digest('hex');
  return `scim_tokens_${digest.slice(0, 32)}`;
}

/** Most tokens of one transaction that are named one by one. */
const MAX_NAMED = 100;

/** What is to be sent for tokens that a transaction changed: a name each, or that all be forgotten. */
export function evictionPayloads(tokenIds: readonly string[]): string[] {
  return tokenIds.length > MAX_NAMED ? ['flush'] : tokenIds.map((id) => `evict ${id}`);
}
