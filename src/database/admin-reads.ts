import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { LogEntry } from '../core/log-entry';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { CONNECTION_BOUNDS } from './data-source.options';
import { isDatabaseUnavailable } from './database-errors';
import { OWN_TYPES } from './own-statements';
import { InjectScimTokensDataSource } from './scim-tokens-data-source';

/**
 * The reads that may be some moments old: pages of tokens and of the audit trail. They go to a replica
 * where one is configured, and to the primary where there is none or it does not answer. What decides
 * something (verification, writes, a single token with its version) never comes from here.
 */
@Injectable()
export class AdminReads implements OnApplicationShutdown {
  private readonly logger = new Logger(AdminReads.name);
  private readonly replica: Pool | null;

  constructor(
    @InjectScimTokensDataSource() private readonly primary: DataSource,
    @Inject(ResolvedScimTokensOptions)
    { replicaUrl }: Pick<ResolvedScimTokensOptions, 'replicaUrl'>,
  ) {
    const { poolSize } = primary.options as { poolSize?: number };
    this.replica =
      replicaUrl === null
        ? null
        : new Pool({
            connectionString: replicaUrl,
            application_name: 'scim-tokens-replica',
            ...(poolSize !== undefined && { max: poolSize }),
            ...CONNECTION_BOUNDS,
            types: OWN_TYPES,
          });
    this.replica?.on('error', (error) => {
      this.logger.warn(new LogEntry('The replica ended a connection', { err: error }));
    });
  }

  /** Runs a statement that only reads. */
  async query<Row>(sql: string, parameters: unknown[]): Promise<Row[]> {
    if (this.replica) {
      try {
        return (await this.replica.query(sql, parameters)).rows as Row[];
      } catch (error) {
        if (!isDatabaseUnavailable(error)) throw error;
        this.logger.warn(
          new LogEntry('The replica does not answer; read from the primary', { err: error }),
        );
      }
    }
    return this.primary.query<Row[]>(sql, parameters);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.replica?.end();
  }
}
