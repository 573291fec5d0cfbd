import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { hasCitus } from '../database/citus';
import { runUnlogged, tenantsSelected } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import type { OutboxTarget } from '../database/entities/scim-token-outbox.entity';

/** An event that this instance is to deliver now. */
export interface ClaimedEvent {
  readonly tenant_id: string;
  /** UUID: the same at every try. */
  readonly event_id: string;
  readonly type: string;
  readonly body: string;
  /** Tries begun so far, this one included. */
  readonly tries: number;
}

/** Which events an instance takes: those due as of `now`, held until `until`. */
interface Claim {
  readonly now: Date;
  readonly until: Date;
  readonly most: number;
}

/** How many events wait, and how many were given up. */
export interface OutboxBacklog {
  readonly target: OutboxTarget;
  readonly pending: number;
  readonly dead: number;
}

/** Longest error that is kept, in characters. */
const ERROR_MAX = 200;

/** The SQL of events on their way out. */
@Injectable()
export class OutboxRepository {
  private readonly tables: QualifiedTables;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: DataSource) {
    this.tables = qualifiedTables(dataSource);
  }

  /**
   * Takes due events, oldest first, and holds them until `until`: an instance that dies before it tells
   * what became of them loses its claim then. No connection is held meanwhile.
   */
  async claim(target: OutboxTarget, claim: Claim): Promise<ClaimedEvent[]> {
    if (!(await hasCitus(this.dataSource))) return this.take(target, claim);
    const claimed: ClaimedEvent[] = [];
    for (const tenantId of await this.dueTenants(target, claim)) {
      const most = claim.most - claimed.length;
      if (most > 0) claimed.push(...(await this.take(target, { ...claim, most }, tenantId)));
    }
    return claimed;
  }

  /** On Citus a statement locks rows of one shard alone, so that there it names the tenant. */
  private take(
    target: OutboxTarget,
    { now, until, most }: Claim,
    tenantId?: string,
  ): Promise<ClaimedEvent[]> {
    const { outbox } = this.tables;
    const [ofTenant, tenant] =
      tenantId === undefined ? ['', 'due.tenant_id'] : ['AND tenant_id = $5', '$5'];
    // Materialized: as a mere subquery it might be run again for each row, past its limit.
    return runUnlogged<ClaimedEvent>(
      this.dataSource,
      `WITH due AS MATERIALIZED (
         SELECT tenant_id, event_id FROM ${outbox}
         WHERE target = $1 AND dead_at IS NULL AND next_try_at <= $2 ${ofTenant}
         ORDER BY next_try_at LIMIT $4 FOR UPDATE SKIP LOCKED
       )
       UPDATE ${outbox} o SET tries = tries + 1, next_try_at = $3
       FROM due WHERE o.tenant_id = ${tenant} AND o.event_id = due.event_id AND o.target = $1
       RETURNING o.tenant_id, o.event_id, o.type, o.body, o.tries`,
      [target, now, until, most, ...(tenantId === undefined ? [] : [tenantId])],
    );
  }

  /** The tenants of the events that are due first. */
  private async dueTenants(target: OutboxTarget, { now, most }: Claim): Promise<Set<string>> {
    const due = await tenantsSelected(
      this.dataSource,
      `SELECT tenant_id FROM ${this.tables.outbox}
       WHERE target = $1 AND dead_at IS NULL AND next_try_at <= $2 ORDER BY next_try_at LIMIT $3`,
      [target, now, most],
    );
    return new Set(due);
  }

  /** Removes an event that its target has taken. */
  async delivered(target: OutboxTarget, { tenant_id, event_id }: ClaimedEvent): Promise<void> {
    await this.dataSource.query(
      `DELETE FROM ${this.tables.outbox} WHERE tenant_id = $3 AND event_id = $1 AND target = $2`,
      [event_id, target, tenant_id],
    );
  }

  /** Puts an event off, unless its claim was lost to another instance meanwhile. */
  async retry(
    target: OutboxTarget,
    { tenant_id, event_id, tries }: ClaimedEvent,
    nextTryAt: Date,
    error: string,
  ): Promise<void> {
    await this.dataSource.query(
      `UPDATE ${this.tables.outbox} SET next_try_at = $4, last_error = $5
       WHERE tenant_id = $6 AND event_id = $1 AND target = $2 AND tries = $3`,
      [event_id, target, tries, nextTryAt, error.slice(0, ERROR_MAX), tenant_id],
    );
  }

  /** Gives an event up. */
  async bury(
    target: OutboxTarget,
    { tenant_id, event_id, tries }: ClaimedEvent,
    at: Date,
    error: string,
  ): Promise<void> {
    await this.dataSource.query(
      `UPDATE ${this.tables.outbox} SET dead_at = $4, last_error = $5
       WHERE tenant_id = $6 AND event_id = $1 AND target = $2 AND tries = $3`,
      [event_id, target, tries, at, error.slice(0, ERROR_MAX), tenant_id],
    );
  }

  /** Removes events that were given up before then. */
  async removeDead(before: Date): Promise<void> {
    const { outbox } = this.tables;
    const tenants = await tenantsSelected(
      this.dataSource,
      `SELECT DISTINCT tenant_id FROM ${outbox} WHERE dead_at < $1`,
      [before],
    );
    for (const tenantId of tenants) {
      await runUnlogged(
        this.dataSource,
        `DELETE FROM ${outbox} WHERE tenant_id = $1 AND dead_at < $2`,
        [tenantId, before],
      );
    }
  }

  /** Counts, in all tenants together. */
  async backlog(): Promise<OutboxBacklog[]> {
    return runUnlogged<OutboxBacklog>(
      this.dataSource,
      `SELECT target, count(*) FILTER (WHERE dead_at IS NULL)::int AS pending,
              count(*) FILTER (WHERE dead_at IS NOT NULL)::int AS dead
       FROM ${this.tables.outbox} GROUP BY target`,
    );
  }
}
