import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Pool, type PoolClient, type QueryResult } from 'pg';
import { LogEntry } from '../core/log-entry';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { CONNECTION_BOUNDS } from './data-source.options';
import { isDatabaseUnavailable } from './database-errors';
import { held, type OwnDataSource } from './own-statements';
import { OWN_TYPES } from './own-types';
import { PreparedStatements } from './prepared-statements';
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
  private readonly prepared: PreparedStatements;

  constructor(
    @InjectScimTokensDataSource() private readonly primary: OwnDataSource,
    @Inject(ResolvedScimTokensOptions)
    {
      replicaUrl,
      preparedStatements,
    }: Pick<ResolvedScimTokensOptions, 'replicaUrl' | 'preparedStatements'>,
  ) {
    this.prepared = new PreparedStatements(preparedStatements);
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
  query<Row>(text: string, values: unknown[]): Promise<Row[]> {
    return this.read(
      (client) => client.query({ text, values }),
      () => this.primary.query<Row[]>(text, values),
    );
  }

  /**
   * The same for a read that comes with every request, prepared where connections keep that.
   *
   * @param text one of few, whatever the values
   */
  queryPrepared<Row>(text: string, values: unknown[]): Promise<Row[]> {
    return this.read(
      (client) => this.prepared.run(client, text, values),
      () => this.primary.queryPrepared<Row[]>(text, values),
    );
  }

  private async read<Row>(
    atReplica: (client: PoolClient) => Promise<QueryResult>,
    atPrimary: () => Promise<Row[]>,
  ): Promise<Row[]> {
    if (this.replica) {
      try {
        const client = await this.replica.connect();
        const release = (): void => {
          client.release();
        };
        return (await held(client, release, atReplica)).rows as Row[];
      } catch (error) {
        if (!isDatabaseUnavailable(error)) throw error;
        this.logger.warn(
          new LogEntry('The replica does not answer; read from the primary', { err: error }),
        );
      }
    }
    return atPrimary();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.replica?.end();
  }
}
