import { createHash, randomUUID } from 'node:crypto';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Client, type ClientConfig, type Notification, type Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import { LogEntry } from '../core/log-entry';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { runUnlogged } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables } from '../database/table-names';
import { TokenCache } from './token-cache';

/** Milliseconds in which a notification to ourselves must come back. */
const ECHO_TIMEOUT_MS = 1_000;
/** Most milliseconds between two proofs that it is connected. */
const PROOF_EVERY_MS = 2_000;
/** Milliseconds before a lost connection is made anew. */
const RECONNECT_MS = 250;
const CONNECT_TIMEOUT_MS = 3_000;

/**
 * Hears of tokens that other instances changed, by PostgreSQL's LISTEN, and makes this instance forget
 * them: revoked or changed otherwise, as the ledger tells with each commit. It counts as connected only as long as that is proven: a notification to itself must come back within
 * a second, every few seconds. While it is stale the cache's states are not used.
 */
@Injectable()
export class RevocationChannel implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Named after the tables alone: the same in every instance that shares them, another for other tables. */
  readonly name: string;
  /** Seconds the last notification to ourselves took to come back; null before the first. */
  lagSeconds: number | null = null;

  private readonly logger = new Logger(RevocationChannel.name);
  private client: Client | null = null;
  private timer: NodeJS.Timeout | null = null;
  private echo: { readonly nonce: string; readonly heard: () => void } | null = null;
  private started: Promise<void> | null = null;
  private connected = false;
  private saidStale = false;
  private readonly listenUrl: string | null;
  private readonly ttlMs: number;

  constructor(
    @InjectScimTokensDataSource() private readonly dataSource: DataSource,
    private readonly cache: TokenCache,
    @Inject(ResolvedScimTokensOptions)
    {
      listenUrl,
      cacheTtlSeconds,
    }: Pick<ResolvedScimTokensOptions, 'listenUrl' | 'cacheTtlSeconds'>,
  ) {
    this.name = channelName(dataSource);
    this.listenUrl = listenUrl;
    this.ttlMs = cacheTtlSeconds * 1000;
  }

  /** Whether revocations made elsewhere arrive; true too where nothing is remembered, so that nothing is missed. */
  get isConnected(): boolean {
    return this.connected || this.ttlMs === 0;
  }

  onApplicationBootstrap(): Promise<void> {
    return this.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  /** Connects once; resolves when it is connected or has found that it is not. It goes on trying by itself. */
  start(): Promise<void> {
    this.started ??= this.ttlMs === 0 ? Promise.resolve() : this.listen();
    return this.started;
  }

  /** Stops listening. */
  async stop(): Promise<void> {
    this.started = null;
    if (this.timer) clearTimeout(this.timer);
    this.setConnected(false);
    await this.disconnect();
  }

  private async listen(): Promise<void> {
    try {
      await this.connect();
      await this.prove();
    } catch (error) {
      this.becomeStale(error);
    }
    this.schedule();
  }

  private schedule(): void {
    if (!this.started) return;
    const proofEvery = Math.min(PROOF_EVERY_MS, this.ttlMs / 2);
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
    if (this.listenUrl !== null) return { connectionString: this.listenUrl, ...own };
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
    this.setConnected(true);
  }

  private hear({ payload = '' }: Notification): void {
    const [kind, argument = ''] = payload.split(' ');
    if (kind === 'evict') this.cache.evict(argument);
    else if (kind === 'flush') this.cache.flush();
    else if (kind === 'echo' && argument === this.echo?.nonce) this.echo.heard();
  }

  private lost(client: Client, error: Error): void {
    if (client !== this.client) return;
    this.client = null;
    this.becomeStale(error);
  }

  private becomeStale(error: unknown): void {
    if (!this.started) return;
    this.setConnected(false);
    void this.disconnect();
    if (this.saidStale) return;
    this.saidStale = true;
    this.logger.warn(
      new LogEntry(
        'Revocations made by other instances are not heard: every check reads the database until they are. ' +
          'Behind a pooler such as PgBouncer set DATABASE_LISTEN_URL to a direct connection',
        { err: error },
      ),
    );
  }

  private setConnected(connected: boolean): void {
    if (connected && this.saidStale) {
      this.saidStale = false;
      this.logger.log(
        'Revocations made by other instances are heard again: states are remembered again',
      );
    }
    this.connected = connected;
    this.cache.setConnected(connected);
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
