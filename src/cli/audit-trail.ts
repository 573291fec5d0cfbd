import { readFile } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import type { BreakKind, ChainPoint } from '../scim-tokens/audit/chain-check';
import { pruneAuditTrail } from '../scim-tokens/audit/prune-audit-trail';
import { verifyAuditTrail, type VerifyProgress } from '../scim-tokens/audit/verify-audit-trail';

/** What of the trail is looked at, and how the findings are told. */
export interface AuditOptions {
  /** One tenant alone. */
  readonly tenant?: string;
  /** The findings as one JSON object. */
  readonly json?: true;
}

/** How the check goes. */
export interface VerifyOptions extends AuditOptions {
  /** Print the end of each chain. */
  readonly heads?: true;
  /** File of such ends that the chains must still hold. */
  readonly against?: string;
}

/** One chain that does not hold, and where it breaks first. */
interface BrokenChain {
  readonly tenant_id: string;
  readonly seq: number;
  readonly kind: BreakKind;
}

/** Milliseconds between two lines of progress. */
const PROGRESS_MS = 1_000;

const EXPLAINED: Readonly<Record<BreakKind, string>> = {
  altered: 'altered: its members do not have its hash, or it was made anew',
  missing: 'missing',
  inserted: 'inserted: it is not part of the chain',
  reordered: 'reordered: another event stands in its place',
  cut: 'missing, with all that came after: the tail was cut',
};

/**
 * Checks the chains and says which of them do not hold.
 *
 * @returns whether all of them hold
 * @throws Error where nothing could be checked
 */
export async function verifyTrail(
  dataSource: DataSource,
  { tenant, heads, against, json }: VerifyOptions,
): Promise<boolean> {
  await requireTables(dataSource);
  const keptHeads = against === undefined ? new Map<string, ChainPoint>() : await kept(against);
  const unseen = new Set(tenant === undefined ? keptHeads.keys() : [tenant]);
  const broken: BrokenChain[] = [];
  let tenants = 0;
  let events = 0;
  const report = json ? null : heads ? process.stderr : process.stdout;
  const found = (chain: BrokenChain): void => {
    broken.push(chain);
    report?.write(broke(chain));
  };
  const options = { tenantId: tenant, keptHeads, onProgress: progressLines() };
  for await (const { tenantId: tenant_id, ...verdict } of verifyAuditTrail(dataSource, options)) {
    tenants += 1;
    events += verdict.events;
    unseen.delete(tenant_id);
    if (verdict.broken) {
      found({ tenant_id, seq: verdict.broken.seq, kind: verdict.broken.kind });
    } else if (heads) {
      const { seq, hash } = verdict.head;
      process.stdout.write(`${JSON.stringify({ tenant_id, seq, hash })}\n`);
    }
  }
  if (tenant !== undefined && unseen.has(tenant) && !keptHeads.has(tenant)) {
    throw new Error(`Tenant ${JSON.stringify(tenant)} has no audit trail`);
  }
  for (const gone of unseen) found({ tenant_id: gone, seq: 1, kind: 'cut' });
  const holds = broken.length === 0;
  if (json) process.stdout.write(`${JSON.stringify({ holds, tenants, events, broken })}\n`);
  report?.write(
    `Checked ${counted(events, 'event')} of ${counted(tenants, 'tenant')}: ` +
      (holds ? 'the trail holds.\n' : `${counted(broken.length, 'chain')} broken.\n`),
  );
  return holds;
}

/**
 * Removes what is older than `before` from each chain that holds.
 *
 * @returns whether all chains hold; one that does not is left as it is
 */
export async function pruneTrail(
  dataSource: DataSource,
  { tenant, before, json }: AuditOptions & { readonly before: Date },
): Promise<boolean> {
  await requireTables(dataSource);
  const broken: BrokenChain[] = [];
  let removed = 0;
  for await (const { tenantId, ...verdict } of verifyAuditTrail(dataSource, { tenantId: tenant })) {
    if (verdict.broken) {
      const { seq, kind } = verdict.broken;
      broken.push({ tenant_id: tenantId, seq, kind });
      if (!json) process.stdout.write(broke({ tenant_id: tenantId, seq, kind }));
      continue;
    }
    removed += await pruneAuditTrail(dataSource, tenantId, before);
  }
  process.stdout.write(
    json ? `${JSON.stringify({ removed, broken })}\n` : `Removed ${counted(removed, 'event')}.\n`,
  );
  return broken.length === 0;
}

/** TypeORM would make the table of migrations where there is none; a check only reads. */
async function requireTables(dataSource: DataSource): Promise<void> {
  const { schema } = dataSource.options as { schema?: string };
  const [found] = await dataSource.query<{ exists: boolean }[]>(
    `SELECT EXISTS (SELECT FROM information_schema.columns
       WHERE table_schema = $1 AND column_name = 'checkpoint_hash') AS exists`,
    [schema],
  );
  if (!found?.exists) throw new Error('Migrations have not run: start the service once');
}

/** @throws Error that names the line that is no head */
async function kept(file: string): Promise<Map<string, ChainPoint>> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  return new Map(
    lines.map((line, index) => {
      const { tenant_id, seq, hash } = headFrom(line);
      if (typeof tenant_id !== 'string' || !Number.isSafeInteger(seq) || typeof hash !== 'string') {
        throw new Error(`${file}: line ${index + 1} is not a head as --heads prints it`);
      }
      return [tenant_id, { seq: seq as number, hash }];
    }),
  );
}

function headFrom(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Tells now and then how far the check is, beside what it finds. */
function progressLines(): (progress: VerifyProgress) => void {
  let told = Date.now();
  return ({ events, totalEvents, tenants, totalTenants }) => {
    if (Date.now() - told < PROGRESS_MS) return;
    told = Date.now();
    process.stderr.write(
      `${events} of ${totalEvents} events, ${tenants} of ${totalTenants} tenants\n`,
    );
  };
}

/** Quoted: a tenant's id may hold whatever a terminal would obey. */
function broke({ tenant_id, seq, kind }: BrokenChain): string {
  return `Tenant ${JSON.stringify(tenant_id)}, seq ${seq}: ${EXPLAINED[kind]}\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
