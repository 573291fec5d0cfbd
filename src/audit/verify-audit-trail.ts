import type { DataSource, QueryRunner } from 'typeorm';
import { qualifiedTables } from '../database/table-names';
import { AUDIT_ENTRY_COLUMNS } from '../ledger/audit-chain';
import {
  ChainCheck,
  CHAIN_START,
  type ChainBreak,
  type ChainPoint,
  type CheckedRow,
} from './chain-check';
import { LinkCheck, type LinkDifference } from './link-check';
import { RowCheck, type RowDifference } from './row-check';

/** What the check found of one tenant. */
export interface TenantVerdict {
  readonly tenantId: string;
  /** Entries that were looked at. */
  readonly events: number;
  /** The end of the chain; worth to be kept elsewhere. */
  readonly head: ChainPoint;
  /** Null where the chain holds. */
  readonly broken: ChainBreak | null;
  /** The first token or setup link that is not what the entries of a chain that holds say; absent where all are. */
  readonly differs?: RowDifference | LinkDifference;
}

/** How far the check is. */
export interface VerifyProgress {
  readonly events: number;
  readonly totalEvents: number;
  readonly tenants: number;
  readonly totalTenants: number;
}

/** What a check looks at, and who hears how far it is. */
export interface VerifyOptions {
  /** One tenant alone. */
  readonly tenantId?: string | undefined;
  /** Heads that were kept elsewhere, by tenant: the chain must still hold them. */
  readonly keptHeads?: ReadonlyMap<string, ChainPoint> | undefined;
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** Most tokens of a tenant that are remembered at a time; of one with more, the entries are read again for each part. */
  readonly maxTokens?: number;
}

interface TenantRow {
  readonly tenant_id: string;
  readonly seq: string | null;
  readonly head_hash: string | null;
  readonly checkpoint_seq: string | null;
  readonly checkpoint_hash: string | null;
}

/** Entries that are read at a time. */
const BATCH = 2_000;
/** Some 50 MB. */
const MAX_TOKENS = 50_000;

const COLUMNS = AUDIT_ENTRY_COLUMNS.join(', ').replace('changes', 'changes::text AS changes');

/**
 * Checks the audit trail tenant by tenant, and each tenant's tokens and setup links against it, on one snapshot of the database: what the service writes
 * meanwhile is not looked at.
 */
export async function* verifyAuditTrail(
  dataSource: DataSource,
  { tenantId, keptHeads, onProgress = () => undefined, maxTokens = MAX_TOKENS }: VerifyOptions = {},
): AsyncGenerator<TenantVerdict> {
  const runner = dataSource.createQueryRunner('master');
  try {
    await runner.startTransaction('REPEATABLE READ');
    await runner.query('SET TRANSACTION READ ONLY');
    // Rows come in the index's order, batch by batch: without statistics the planner would sort what is
    // left of the chain for each batch anew.
    await runner.query('SET LOCAL enable_seqscan = off');
    await runner.query('SET LOCAL enable_bitmapscan = off');
    const tenants = await tenantsOf(runner, dataSource, tenantId);
    const totalEvents = tenants.reduce((sum, tenant) => sum + spanOf(tenant), 0);
    let done = 0;
    for (const [index, tenant] of tenants.entries()) {
      const progress = (events: number): void => {
        onProgress({
          events: done + events,
          totalEvents,
          tenants: index,
          totalTenants: tenants.length,
        });
      };
      const kept = keptHeads?.get(tenant.tenant_id);
      const verdict = await verifyTenant(runner, dataSource, tenant, { kept, maxTokens, progress });
      done += verdict.events;
      yield verdict;
    }
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.release();
  }
}

/** Every tenant that has a head, entries, tokens or setup links: rows of a tenant without a head are no less suspicious. */
function tenantsOf(
  runner: QueryRunner,
  dataSource: DataSource,
  tenantId: string | undefined,
): Promise<TenantRow[]> {
  const { tenants, events, tokens, setupLinks } = qualifiedTables(dataSource);
  const only = tenantId === undefined ? '' : 'WHERE tenant_id = $1';
  return runner.query(
    `SELECT tenant_id, t.seq, t.head_hash, t.checkpoint_seq, t.checkpoint_hash
     FROM ${tenants} t FULL JOIN (
       SELECT tenant_id FROM ${events} ${only} UNION SELECT tenant_id FROM ${tokens} ${only}
       UNION SELECT tenant_id FROM ${setupLinks} ${only}
     ) e USING (tenant_id)
     ${only} ORDER BY tenant_id`,
    tenantId === undefined ? [] : [tenantId],
  ) as Promise<TenantRow[]>;
}

interface TenantOptions {
  readonly kept: ChainPoint | undefined;
  readonly maxTokens: number;
  readonly progress: (events: number) => void;
}

async function verifyTenant(
  runner: QueryRunner,
  dataSource: DataSource,
  tenant: TenantRow,
  { kept, maxTokens, progress }: TenantOptions,
): Promise<TenantVerdict> {
  const { events } = qualifiedTables(dataSource);
  const { tenant_id: tenantId } = tenant;
  const read = (condition: string, value: unknown, limit = BATCH): Promise<CheckedRow[]> =>
    runner.query(
      `SELECT ${COLUMNS} FROM ${events} WHERE tenant_id = $1 AND ${condition} $2 ORDER BY seq LIMIT ${limit}`,
      [tenantId, value],
    ) as Promise<CheckedRow[]>;
  const head = headOf(tenant);
  const check = new ChainCheck(startOf(tenant), head, {
    after: (hash) => read('prev_hash =', hash),
    at: async (seq) => (await read('seq =', seq, 1))[0],
  });
  const rows = new RowCheck(maxTokens);
  const links = new LinkCheck();
  let count = 0;
  const verdict = (
    broken: ChainBreak | null,
    differs?: TenantVerdict['differs'] | null,
  ): TenantVerdict => ({
    tenantId,
    events: count,
    head,
    broken,
    ...(differs && { differs }),
  });

  for await (const batch of batches(read)) {
    for (const row of batch) {
      count += 1;
      const broken = (await check.next(row)) ?? forgotten(kept, check.reached);
      if (broken) return verdict(broken);
      rows.note(row);
      links.note(row);
    }
    progress(count);
  }
  const missing = kept && kept.seq > head.seq ? { kind: 'cut' as const, seq: head.seq + 1 } : null;
  const broken = (await check.end()) ?? missing;
  if (broken) return verdict(broken);
  const where = [
    runner,
    qualifiedTables(dataSource),
    tenantId,
    tenant.checkpoint_seq !== null,
  ] as const;
  let differs: RowDifference | LinkDifference | null = await rows.difference(...where);
  for (let part = 1; part < rows.parts && !differs; part++) {
    const others = new RowCheck(maxTokens, part, rows.parts);
    for await (const batch of batches(read)) for (const row of batch) others.note(row);
    differs = await others.difference(...where);
  }
  return verdict(null, differs ?? (await links.difference(...where)));
}

/** A tenant's entries in their order; the database reads on while a batch is looked at. */
async function* batches(
  read: (condition: string, value: unknown) => Promise<CheckedRow[]>,
): AsyncGenerator<CheckedRow[]> {
  for (let ahead = read('seq >', '-1'); ;) {
    const rows = await ahead;
    const last = rows.at(-1);
    const more = last !== undefined && rows.length === BATCH;
    if (more) {
      ahead = read('seq >', last.seq);
      ahead.catch(() => undefined);
    }
    yield rows;
    if (!more) return;
  }
}

/** Whoever rebuilt the chain from some entry on cannot have given it the hash that was kept. */
function forgotten(kept: ChainPoint | undefined, reached: ChainPoint): ChainBreak | null {
  const differs = kept?.seq === reached.seq && kept.hash !== reached.hash;
  return differs ? { kind: 'altered', seq: reached.seq } : null;
}

function startOf({ checkpoint_seq, checkpoint_hash }: TenantRow): ChainPoint {
  return checkpoint_seq === null || checkpoint_hash === null
    ? CHAIN_START
    : { seq: Number(checkpoint_seq), hash: checkpoint_hash };
}

function headOf({ seq, head_hash }: TenantRow): ChainPoint {
  return seq === null || head_hash === null ? CHAIN_START : { seq: Number(seq), hash: head_hash };
}

function spanOf(tenant: TenantRow): number {
  return headOf(tenant).seq - startOf(tenant).seq;
}
