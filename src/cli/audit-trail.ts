import { readFile } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import type { BreakKind, ChainPoint } from '../audit/chain-check';
import { pruneAuditTrail } from '../audit/prune-audit-trail';
import type { RowDifference } from '../audit/row-check';
import {
  verifyAuditTrail,
  type TenantVerdict,
  type VerifyProgress,
} from '../audit/verify-audit-trail';
import { printableJson } from './command-line';

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

/** A tenant's first token or setup link that is not what its chain says. */
interface DifferingRow {
  readonly tenant_id: string;
  readonly token_id?: string;
  readonly link_id?: string;
  readonly kind: RowDifference['kind'];
  readonly field: string | null;
}

/** What is wrong with a tenant. */
type Finding = BrokenChain | DifferingRow;

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
 * Checks the chains, and the tokens against them, and says which do not hold.
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
  const broken: Finding[] = [];
  let tenants = 0;
  let events = 0;
  const report = json ? null : heads ? process.stderr : process.stdout;
  const found = (finding: Finding): void => {
    broken.push(finding);
    report?.write(told(finding));
  };
  const options = { tenantId: tenant, keptHeads, onProgress: progressLines() };
  for await (const verdict of verifyAuditTrail(dataSource, options)) {
    const { tenantId: tenant_id, head } = verdict;
    tenants += 1;
    events += verdict.events;
    unseen.delete(tenant_id);
    const finding = findingOf(verdict);
    if (finding) found(finding);
    else if (heads) process.stdout.write(`${printableJson({ tenant_id, ...head })}\n`);
  }
  if (tenant !== undefined && unseen.has(tenant) && !keptHeads.has(tenant)) {
    throw new Error(`Tenant ${printableJson(tenant)} has no audit trail`);
  }
  for (const gone of unseen) found({ tenant_id: gone, seq: 1, kind: 'cut' });
  const holds = broken.length === 0;
  if (json) process.stdout.write(`${printableJson({ holds, tenants, events, broken })}\n`);
  report?.write(
    `Checked ${counted(events, 'event')} of ${counted(tenants, 'tenant')}: ` +
      (holds ? 'the trail holds.\n' : `${summary(broken)}.\n`),
  );
  return holds;
}

/**
 * Removes what is older than `before` from each chain that holds.
 *
 * @returns whether all chains hold, and all tokens are what they say; a tenant's that do not is left as it is
 */
export async function pruneTrail(
  dataSource: DataSource,
  { tenant, before, json }: AuditOptions & { readonly before: Date },
): Promise<boolean> {
  await requireTables(dataSource);
  const broken: Finding[] = [];
  let removed = 0;
  for await (const verdict of verifyAuditTrail(dataSource, { tenantId: tenant })) {
    const finding = findingOf(verdict);
    if (finding) {
      broken.push(finding);
      if (!json) process.stdout.write(told(finding));
      continue;
    }
    removed += await pruneAuditTrail(dataSource, verdict.tenantId, before);
  }
  process.stdout.write(
    json ? `${printableJson({ removed, broken })}\n` : `Removed ${counted(removed, 'event')}.\n`,
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

function findingOf({ tenantId: tenant_id, broken, differs }: TenantVerdict): Finding | null {
  if (broken) return { tenant_id, seq: broken.seq, kind: broken.kind };
  if (!differs) return null;
  const { kind, field } = differs;
  const id = 'linkId' in differs ? { link_id: differs.linkId } : { token_id: differs.tokenId };
  return { tenant_id, ...id, kind, field };
}

/** Quoted: a tenant's id may hold whatever a terminal would obey. */
function told(finding: Finding): string {
  const tenant = `Tenant ${printableJson(finding.tenant_id)}`;
  return 'seq' in finding
    ? `${tenant}, seq ${finding.seq}: ${EXPLAINED[finding.kind]}\n`
    : `${tenant}, ${whatDiffers(finding)}: ${differing(finding)}\n`;
}

function whatDiffers({ token_id: token, link_id: link }: DifferingRow): string {
  return token === undefined ? `setup link ${String(link)}` : `token ${token}`;
}

function differing({ kind, field }: DifferingRow): string {
  if (kind === 'row_inserted') return 'inserted: no event tells of its creation';
  if (kind === 'row_missing') return 'missing: no event tells of its end';
  return `${field} altered: not what its events say`;
}

function summary(findings: readonly Finding[]): string {
  const chains = findings.filter((finding) => 'seq' in finding).length;
  const tokens = findings.filter((finding) => 'token_id' in finding).length;
  const links = findings.filter((finding) => 'link_id' in finding).length;
  return [
    ...(chains > 0 ? [`${counted(chains, 'chain')} broken`] : []),
    ...(tokens > 0 ? [`tokens of ${counted(tokens, 'tenant')} altered`] : []),
    ...(links > 0 ? [`setup links of ${counted(links, 'tenant')} altered`] : []),
  ].join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
