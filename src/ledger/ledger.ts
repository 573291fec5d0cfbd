import { Injectable } from '@nestjs/common';
import { Semaphore, withTimeout, type SemaphoreInterface } from 'async-mutex';
import type { DataSource, QueryRunner } from 'typeorm';
import { Clock } from '../core/clock';
import { ScimTokenNotFoundError, ServiceUnavailableError } from '../core/errors';
import type { Doer, RequestContext } from '../core/request-context';
import type { LockedToken } from '../core/token';
import { asUnavailable } from '../database/database-errors';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { ScimTokensRepository, withRotations } from '../database/scim-tokens.repository';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import { TOKEN_COLUMNS, tokenSource } from '../database/token-columns';
import { channelName, evictionPayloads } from '../verification/revocation-channel';
import { TokenCache } from '../verification/token-cache';
import { AUDIT_ENTRY_COLUMNS, AuditChain } from './audit-chain';
import { LedgerTransaction } from './ledger-transaction';
import { Outbox, OUTBOX_COLUMNS } from './outbox';
import { Consequences } from './writes';

/** Connections of one process that may hold or await one tenant's lock: a busy tenant must not drain the pool. */
const CONNECTIONS_PER_TENANT = 2;
/** Milliseconds a write waits for its tenant, in this process and again in the database, before it is a 503. */
const LOCK_TIMEOUT_MS = 3_000;

/**
 * What every write goes through: one transaction that holds the tenant's row, so that limits are counted and
 * the audit chain is continued by one writer at a time, and that commits with all that belongs to the write
 * (rows, audit entries, events, counter, what other instances are to forget) or leaves nothing.
 */
@Injectable()
export class Ledger {
  private readonly gates = new Map<string, { gate: SemaphoreInterface; users: number }>();
  private readonly tables: QualifiedTables;
  private readonly channel: string;

  constructor(
    @InjectScimTokensDataSource() private readonly dataSource: DataSource,
    private readonly tokens: ScimTokensRepository,
    private readonly outbox: Outbox,
    private readonly cache: TokenCache,
    private readonly clock: Clock,
  ) {
    this.tables = qualifiedTables(dataSource);
    this.channel = channelName(dataSource);
  }

  /**
   * Runs `work` under the tenant's lock and commits, or rolls back if it throws.
   *
   * @param by who does it; nobody for what is due by time alone
   * @throws ServiceUnavailableError when the lock was not had in 3 s
   */
  async write<Result>(
    tenantId: string,
    by: Doer,
    work: (transaction: LedgerTransaction) => Promise<Result>,
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
      return await entry.gate.runExclusive(() => this.transact(tenantId, by, work));
    } finally {
      entry.users -= 1;
      if (entry.users === 0) this.gates.delete(tenantId);
    }
  }

  /**
   * Runs `work` on a token in scope, under its tenant's lock.
   *
   * @param uuid the token's UUID
   * @throws ScimTokenNotFoundError for whatever is not a token in scope
   */
  async change<Result>(
    context: RequestContext,
    uuid: string,
    work: (transaction: LedgerTransaction, row: LockedToken) => Promise<Result>,
  ): Promise<Result> {
    const tenantId = await this.tokens.findTenant(context.scope, uuid);
    if (tenantId === null) throw new ScimTokenNotFoundError();
    return this.write(tenantId, context, async (transaction) => {
      const row = await lockedToken(transaction, uuid);
      if (!row) throw new ScimTokenNotFoundError();
      // Even where nothing changes: what another instance changed may not have been heard here yet.
      transaction.evict(uuid);
      return work(transaction, row);
    });
  }

  private async transact<Result>(
    tenantId: string,
    by: Doer,
    work: (transaction: LedgerTransaction) => Promise<Result>,
  ): Promise<Result> {
    const runner = this.dataSource.createQueryRunner('master');
    const evicted = new Set<string>();
    try {
      await runner.startTransaction('READ COMMITTED');
      const chain = await this.lock(runner, tenantId);
      const consequences = new Consequences(chain, evicted);
      const transaction = new LedgerTransaction(
        [runner, this.tables, tenantId, this.clock.now()],
        by,
        consequences,
      );
      const result = await work(transaction);
      const queued = await this.seal(transaction, consequences);
      await runner.commitTransaction();
      if (queued) this.outbox.queued();
      return result;
    } catch (error) {
      if (runner.isTransactionActive) await rollBack(runner);
      throw asUnavailable(error);
    } finally {
      // Whatever became of it: of a commit whose answer was lost nobody knows.
      for (const tokenId of evicted) this.cache.evict(tokenId);
      await runner.release();
    }
  }

  private async lock(runner: QueryRunner, tenantId: string): Promise<AuditChain> {
    const { tenants } = this.tables;
    await runner.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await runner.query(
      `INSERT INTO ${tenants} (tenant_id, seq, head_hash, listed_count)
       VALUES ($1, 0, $2, 0) ON CONFLICT DO NOTHING`,
      [tenantId, AuditChain.START],
    );
    const [head] = (await runner.query(
      `SELECT seq, head_hash FROM ${tenants} WHERE tenant_id = $1 FOR UPDATE`,
      [tenantId],
    )) as [{ seq: string; head_hash: string }];
    return new AuditChain(tenantId, Number(head.seq), head.head_hash);
  }

  /** @returns whether there are events to deliver */
  private async seal(
    transaction: LedgerTransaction,
    { chain, listed, evicted, events }: Consequences,
  ): Promise<boolean> {
    const { tenantId, tables } = transaction;
    await transaction.insert(tables.events, AUDIT_ENTRY_COLUMNS, chain.appended);
    if (chain.appended.length > 0) {
      await transaction.rows(
        `UPDATE ${tables.tenants} SET seq = $2, head_hash = $3, listed_count = listed_count + $4
         WHERE tenant_id = $1`,
        [tenantId, chain.seq, chain.headHash, listed],
      );
    }
    if (evicted.size > 0) {
      await transaction.rows('SELECT pg_notify($1, payload) FROM unnest($2::text[]) payload', [
        this.channel,
        evictionPayloads([...evicted]),
      ]);
    }
    const queued = this.outbox.rowsOf(tenantId, events);
    await transaction.insert(tables.outbox, OUTBOX_COLUMNS, queued);
    return queued.length > 0;
  }
}

/** A token of the locked tenant, with its current secret's creation and last use. */
export async function lockedToken(
  transaction: LedgerTransaction,
  id: string,
): Promise<LockedToken | undefined> {
  const { tables, tenantId } = transaction;
  const rows = await transaction.rows<LockedToken>(
    `SELECT ${TOKEN_COLUMNS}, s.created_at AS secret_created_at, s.last_used_at AS secret_last_used_at
     FROM ${tokenSource(tables)}
     LEFT JOIN ${tables.secrets} s
       ON s.tenant_id = t.tenant_id AND s.token_id = t.id
       AND s.expires_at IS NULL AND s.retired_at IS NULL
     WHERE t.id = $1 AND t.tenant_id = $2`,
    [id, tenantId],
  );
  const [row] = await withRotations(rows, tables, (sql, values) => transaction.rows(sql, values));
  return row;
}

/** A connection that died cannot roll back, and need not: the error that ended it is the one to tell. */
async function rollBack(runner: QueryRunner): Promise<void> {
  try {
    await runner.rollbackTransaction();
  } catch {
    // The server rolls back by itself when the connection is gone.
  }
}
