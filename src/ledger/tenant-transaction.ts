import { Semaphore, withTimeout, type SemaphoreInterface } from 'async-mutex';
import type { DataSource, QueryRunner } from 'typeorm';
import { ServiceUnavailableError } from '../core/errors';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import { AuditChain, type AuditEvent } from './audit-chain';
import type { TokenEvent } from '../core/token-event';
import type { Outbox } from './outbox';
import { channelName, evictionPayloads } from '../verification/revocation-channel';
import type { TokenCache } from '../verification/token-cache';

/** Connections of one process that may hold or await one tenant's lock: a busy tenant must not drain the pool. */
const CONNECTIONS_PER_TENANT = 2;
/** Milliseconds a write waits for its tenant, in this process and again in the database, before it is a 503. */
const LOCK_TIMEOUT_MS = 3_000;

/** Events inserted by one statement, whose parameters PostgreSQL limits to 65,535. */
const EVENTS_AT_A_TIME = 500;

/** What a write may do while it holds its tenant's lock. */
export interface TenantTransaction {
  /** The tenant whose lock is held. */
  readonly tenantId: string;
  readonly tables: QualifiedTables;
  /** Runs a statement and answers its rows. */
  rows<Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]>;
  /** Runs a statement and answers how many rows it changed. */
  affected(sql: string, parameters: readonly unknown[]): Promise<number>;
  /** Appends an event to the tenant's audit chain. */
  record(event: AuditEvent): void;
  /** Queues an event for whoever is told of what happens to tokens. */
  notify(event: TokenEvent): void;
  /** Changes the number of the tenant's tokens that are not revoked. */
  addListed(difference: number): void;
  /**
   * Says that what checks remember of a token is no longer true: forgotten here before the answer, elsewhere
   * when the transaction commits.
   */
  evict(tokenId: string): void;
}

/**
 * The unit of work of every write: one transaction that holds the tenant's row, so that limits are
 * counted and the audit chain is continued by one writer at a time.
 */
export class TenantTransactions {
  private readonly gates = new Map<string, { gate: SemaphoreInterface; users: number }>();
  private readonly tables: QualifiedTables;

  private readonly channel: string;

  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    private readonly cache: TokenCache,
  ) {
    this.tables = qualifiedTables(dataSource);
    this.channel = channelName(dataSource);
  }

  /**
   * Runs `work` under the tenant's lock and commits, or rolls back if it throws.
   *
   * @throws ServiceUnavailableError when the lock was not had in 3 s
   */
  async run<Result>(
    tenantId: string,
    work: (transaction: TenantTransaction) => Promise<Result>,
  ): Promise<Result> {
    const entry = this.gates.get(tenantId) ?? {
      gate: withTimeout(
        new Semaphore(CONNECTIONS_PER_TENANT),
        LOCK_TIMEOUT_MS,
        new ServiceUnavailableError(),
      ),
      users: 0,
    };
    this.gates.set(tenantId, entry);
    entry.users += 1;
    try {
      return await entry.gate.runExclusive(() => this.transact(tenantId, work));
    } finally {
      entry.users -= 1;
      if (entry.users === 0) this.gates.delete(tenantId);
    }
  }

  private async transact<Result>(
    tenantId: string,
    work: (transaction: TenantTransaction) => Promise<Result>,
  ): Promise<Result> {
    const runner = this.dataSource.createQueryRunner('master');
    const evicted = new Set<string>();
    try {
      await runner.startTransaction('READ COMMITTED');
      const { result, queued } = await this.underLock(runner, tenantId, evicted, work);
      await runner.commitTransaction();
      if (queued) this.outbox.queued();
      return result;
    } catch (error) {
      if (runner.isTransactionActive) await rollBack(runner);
      throw error;
    } finally {
      // Whatever became of it: of a commit whose answer was lost nobody knows.
      for (const tokenId of evicted) this.cache.evict(tokenId);
      await runner.release();
    }
  }

  private async underLock<Result>(
    runner: QueryRunner,
    tenantId: string,
    evicted: Set<string>,
    work: (transaction: TenantTransaction) => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly queued: boolean }> {
    const { tables } = this;
    await runner.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await runner.query(
      `INSERT INTO ${tables.tenants} (tenant_id, seq, head_hash, listed_count)
       VALUES ($1, 0, $2, 0) ON CONFLICT DO NOTHING`,
      [tenantId, AuditChain.START],
    );
    const [head] = (await runner.query(
      `SELECT seq, head_hash FROM ${tables.tenants} WHERE tenant_id = $1 FOR UPDATE`,
      [tenantId],
    )) as [{ seq: string; head_hash: string }];
    const chain = new AuditChain(tenantId, Number(head.seq), head.head_hash);
    let listedDifference = 0;
    const queued: TokenEvent[] = [];

    const result = await work({
      tenantId,
      tables,
      rows: async <Row>(sql: string, parameters: readonly unknown[]) =>
        (await runner.query(sql, [...parameters], true)).records as Row[],
      affected: async (sql, parameters) =>
        (await runner.query(sql, [...parameters], true)).affected ?? 0,
      record: (event) => {
        chain.append(event);
      },
      notify: (event) => {
        queued.push(event);
      },
      addListed: (difference) => {
        listedDifference += difference;
      },
      evict: (tokenId) => {
        evicted.add(tokenId);
      },
    });

    for (let start = 0; start < chain.appended.length; start += EVENTS_AT_A_TIME) {
      const links = chain.appended.slice(start, start + EVENTS_AT_A_TIME);
      const { values, parameters } = valuesOf(links.map(({ row }) => row));
      await runner.query(
        `INSERT INTO ${tables.events}
           (id, seq, tenant_id, token_id, type, actor, ip, user_agent, request_id, at, changes, prev_hash, hash)
         VALUES ${values}`,
        parameters,
      );
    }
    if (chain.appended.length > 0) {
      await runner.query(
        `UPDATE ${tables.tenants} SET seq = $2, head_hash = $3, listed_count = listed_count + $4
         WHERE tenant_id = $1`,
        [tenantId, chain.seq, chain.headHash, listedDifference],
      );
    }
    if (evicted.size > 0) {
      await runner.query('SELECT pg_notify($1, payload) FROM unnest($2::text[]) payload', [
        this.channel,
        evictionPayloads([...evicted]),
      ]);
    }
    const queueing = this.outbox.queueing(tables.outbox, tenantId, queued);
    if (queueing) await runner.query(queueing.sql, [...queueing.parameters]);
    return { result, queued: queueing !== null };
  }
}

/** The VALUES of an insert of several rows. */
function valuesOf(rows: readonly (readonly unknown[])[]): {
  readonly values: string;
  readonly parameters: unknown[];
} {
  const parameters: unknown[] = [];
  const values = rows.map((row) => {
    const places = row.map((value) => `$${parameters.push(value)}`);
    return `(${places.join(',')})`;
  });
  return { values: values.join(','), parameters };
}

/** A connection that died cannot roll back, and need not: the error that ended it is the one to tell. */
async function rollBack(runner: QueryRunner): Promise<void> {
  try {
    await runner.rollbackTransaction();
  } catch {
    // The server rolls back by itself when the connection is gone.
  }
}
