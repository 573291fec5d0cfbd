import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { DataSource } from 'typeorm';
import { readInstant } from '../common/validation/read-instant';
import type { BreakKind, ChainPoint } from '../scim-tokens/audit/chain-check';
import { pruneAuditTrail } from '../scim-tokens/audit/prune-audit-trail';
import { verifyAuditTrail, type VerifyProgress } from '../scim-tokens/audit/verify-audit-trail';
import { withDatabase } from './audit-database';

const HELP = `Checks the audit trail, or removes old events from it.

  npm run audit:verify
  npm run audit:verify -- --tenant tnt_a
  npm run --silent audit:verify -- --heads > heads.ndjson
  npm run audit:verify -- --against heads.ndjson
  npm run audit:prune -- --before 2026-01-01T00:00:00Z

  --tenant ID     One tenant alone.
  --heads         Print the end of each chain, one JSON object a line, to be kept elsewhere.
  --against FILE  Check also that the chains still hold the ends that were kept in this file.
  --before TIME   Remove what is older, up to the first event that is not. A chain that does not hold is
                  left as it is.
  --help          Show this text.

Works beside a running service and without one, on DATABASE_URL or the database in DATA_DIR. Exits with 0
where all chains hold, with 1 where one does not, and with 2 where nothing could be checked.
`;

/** Milliseconds between two lines of progress. */
const PROGRESS_MS = 1_000;

const EXPLAINED: Readonly<Record<BreakKind, string>> = {
  altered: 'altered: its members do not have its hash, or it was made anew',
  missing: 'missing',
  inserted: 'inserted: it is not part of the chain',
  reordered: 'reordered: another event stands in its place',
  cut: 'missing, with all that came after: the tail was cut',
};

/** Runs `npm run audit:verify` or `audit:prune`, and answers its exit code. */
export async function auditCommand(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  try {
    const { command, options } = readArguments(args);
    if (options.help) {
      process.stdout.write(HELP);
      return 0;
    }
    return await withDatabase(environment, (dataSource) =>
      command === 'prune' ? prune(dataSource, options) : verify(dataSource, options),
    );
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
}

interface AuditOptions {
  readonly tenant?: string | undefined;
  readonly heads: boolean;
  readonly against?: string | undefined;
  readonly before?: string | undefined;
  readonly help: boolean;
}

function readArguments([command, ...rest]: readonly string[]): {
  readonly command: 'verify' | 'prune';
  readonly options: AuditOptions;
} {
  if (command !== 'verify' && command !== 'prune') throw new Error(HELP);
  const { values } = parseArgs({
    args: rest,
    options: {
      tenant: { type: 'string' },
      heads: { type: 'boolean', default: false },
      against: { type: 'string' },
      before: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (command === 'prune' && (values.heads || values.against !== undefined)) {
    throw new Error('--heads and --against go with audit:verify');
  }
  if (command === 'verify' && values.before !== undefined) {
    throw new Error('--before goes with audit:prune');
  }
  return { command, options: values };
}

async function verify(
  dataSource: DataSource,
  { tenant, heads, against }: AuditOptions,
): Promise<number> {
  const keptHeads = against === undefined ? new Map<string, ChainPoint>() : await kept(against);
  const unseen = new Set(tenant === undefined ? keptHeads.keys() : [tenant]);
  let tenants = 0;
  let events = 0;
  let broken = 0;
  const report = heads ? process.stderr : process.stdout;
  const options = { tenantId: tenant, keptHeads, onProgress: progressLines() };
  for await (const verdict of verifyAuditTrail(dataSource, options)) {
    tenants += 1;
    events += verdict.events;
    unseen.delete(verdict.tenantId);
    if (verdict.broken) {
      broken += 1;
      report.write(broke(verdict.tenantId, verdict.broken.seq, verdict.broken.kind));
    } else if (heads) {
      const { tenantId: tenant_id, head } = verdict;
      process.stdout.write(`${JSON.stringify({ tenant_id, seq: head.seq, hash: head.hash })}\n`);
    }
  }
  if (tenant !== undefined && unseen.has(tenant) && !keptHeads.has(tenant)) {
    throw new Error(`Tenant ${JSON.stringify(tenant)} has no audit trail`);
  }
  for (const gone of unseen) {
    broken += 1;
    report.write(broke(gone, 1, 'cut'));
  }
  report.write(
    `Checked ${counted(events, 'event')} of ${counted(tenants, 'tenant')}: ` +
      (broken === 0 ? 'the trail holds.\n' : `${counted(broken, 'chain')} broken.\n`),
  );
  return broken === 0 ? 0 : 1;
}

async function prune(dataSource: DataSource, { tenant, before }: AuditOptions): Promise<number> {
  const time = readInstant(before);
  if (!(time instanceof Date))
    throw new Error('--before takes a time such as 2026-01-01T00:00:00Z');
  let removed = 0;
  let broken = 0;
  for await (const verdict of verifyAuditTrail(dataSource, { tenantId: tenant })) {
    if (verdict.broken) {
      broken += 1;
      process.stdout.write(broke(verdict.tenantId, verdict.broken.seq, verdict.broken.kind));
      continue;
    }
    removed += await pruneAuditTrail(dataSource, verdict.tenantId, time);
  }
  process.stdout.write(`Removed ${counted(removed, 'event')}.\n`);
  return broken === 0 ? 0 : 1;
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
function broke(tenantId: string, seq: number, kind: BreakKind): string {
  return `Tenant ${JSON.stringify(tenantId)}, seq ${seq}: ${EXPLAINED[kind]}\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
