import { OVER_ALL_TENANTS } from './over-all-tenants';
import { touchedWithoutTenant } from './tenant-in-statement';

/** Stands for whatever schema our tables lie in. */
const SCHEMA = 'ours.';

/** A run that sent fewer different statements has not been listened to. */
const FEWEST = 150;

/**
 * What is wrong with the statements that a run sent: one that touches a table of ours without its tenant,
 * and of a run of all files also that there were too few, and an exception that no statement needs.
 */
export async function provenTenants(
  statements: ReadonlySet<string>,
  isWhole: boolean,
): Promise<string[]> {
  const used = new Set<unknown>();
  const problems: string[] = [];
  for (const statement of new Set([...statements].map(plain))) {
    const touched = await touchedWithoutTenant(statement);
    if (touched.length === 0) continue;
    const text = statement.replaceAll(SCHEMA, '');
    const exception = OVER_ALL_TENANTS.find((one) => one.statement.test(text));
    used.add(exception);
    const remain = exception ? await touchedWithoutTenant(statement, exception.free) : touched;
    if (remain.length > 0) problems.push(`without tenant_id: ${remain.join(', ')} in ${text}`);
  }
  if (!isWhole) return problems;
  if (statements.size < FEWEST) problems.push(`only ${statements.size} statements were collected`);
  const unused = OVER_ALL_TENANTS.filter((exception) => !used.has(exception));
  return [...problems, ...unused.map(({ why }) => `no statement needs the exception: ${why}`)];
}

/** On one line, and our tables under their own names, in a schema still. */
function plain(statement: string): string {
  return statement
    .replace(/"[^"]+"\."[^"]*?(scim_tokens?(?:_[a-z_]+)?)"/g, `${SCHEMA}$1`)
    .replace(/\s+/g, ' ')
    .trim();
}
