import { touchedWithoutTenant } from './tenant-in-statement';

const TOKENS = '"public"."scim_tokens"';
const SECRETS = '"public"."scim_token_secrets"';
const USAGE = '"public"."scim_token_usage"';

describe('A statement names the tenant of each of our tables', () => {
  it.each([
    ['a value', `SELECT FROM ${TOKENS} t WHERE t.id = $2 AND t.tenant_id = $1`],
    ['several values', `SELECT FROM ${TOKENS} WHERE tenant_id = ANY($1::text[])`],
    ['a list', `SELECT FROM ${TOKENS} WHERE tenant_id IN ($1, 'tnt_b')`],
    ['a row', `SELECT FROM ${TOKENS} WHERE (tenant_id, id) = ($1, $2)`],
    ['a sub-query', `SELECT FROM ${TOKENS} WHERE (tenant_id, id) IN (SELECT a, b FROM other)`],
    [
      'a join',
      `SELECT FROM ${TOKENS} t JOIN ${SECRETS} s ON s.tenant_id = t.tenant_id WHERE s.tenant_id = $1`,
    ],
    ['USING', `SELECT FROM ${TOKENS} t JOIN ${SECRETS} s USING (tenant_id) WHERE tenant_id = $1`],
    [
      'a condition in WHERE',
      `SELECT FROM ${TOKENS} t, ${SECRETS} s WHERE s.tenant_id = t.tenant_id AND t.tenant_id = $1`,
    ],
    [
      'an outer join',
      `SELECT FROM ${TOKENS} t LEFT JOIN ${USAGE} u ON t.tenant_id = u.tenant_id WHERE t.tenant_id = $1`,
    ],
    [
      'what it is joined with',
      `SELECT FROM unnest($1::text[]) AS r (tenant_id) JOIN ${TOKENS} t ON t.tenant_id = r.tenant_id`,
    ],
    [
      'the query around',
      `SELECT (SELECT 1 FROM ${SECRETS} s WHERE s.tenant_id = t.tenant_id) FROM ${TOKENS} t WHERE t.tenant_id = $1`,
    ],
    [
      'UPDATE',
      `UPDATE ${TOKENS} t SET name = $2 FROM due WHERE t.tenant_id = due.tenant_id AND t.id = due.id`,
    ],
    ['DELETE', `DELETE FROM ${TOKENS} WHERE tenant_id = $1`],
    [
      'INSERT',
      `INSERT INTO ${USAGE} (tenant_id, token_id) SELECT $1, $2 ON CONFLICT (tenant_id, token_id) DO NOTHING`,
    ],
    ['a statement of the tests', 'SELECT FROM scim_tokens'],
    ['another table', 'SELECT FROM "public"."scim_token_migrations"'],
    ['a plan', `EXPLAIN (FORMAT JSON) SELECT FROM ${TOKENS}`],
    ['what makes a table', `CREATE INDEX ix ON ${TOKENS} (id)`],
  ])('by %s', async (_, sql) => {
    expect(await touchedWithoutTenant(sql)).toEqual([]);
  });

  it.each([
    ['no condition', `SELECT FROM ${TOKENS}`, ['scim_tokens']],
    ['another condition', `SELECT FROM ${TOKENS} t WHERE t.id = $1`, ['scim_tokens t']],
    [
      'one of two branches',
      `SELECT FROM ${TOKENS} t WHERE t.tenant_id = $1 OR t.id = $2`,
      ['scim_tokens t'],
    ],
    ['another comparison', `SELECT FROM ${TOKENS} t WHERE t.tenant_id > $1`, ['scim_tokens t']],
    ['all but one', `SELECT FROM ${TOKENS} t WHERE t.tenant_id <> ALL($1)`, ['scim_tokens t']],
    ['itself', `SELECT FROM ${TOKENS} t WHERE t.tenant_id = t.tenant_id`, ['scim_tokens t']],
    ['another column', `SELECT FROM ${TOKENS} t WHERE t.tenant_id = t.name`, ['scim_tokens t']],
    ['nothing', `SELECT FROM ${TOKENS} t WHERE t.tenant_id = NULL`, ['scim_tokens t']],
    [
      'a join on the id alone',
      `SELECT FROM ${TOKENS} t JOIN ${SECRETS} s ON s.token_id = t.id WHERE t.tenant_id = $1`,
      ['scim_token_secrets s'],
    ],
    [
      'a join with one that is free',
      `SELECT FROM ${TOKENS} t JOIN ${SECRETS} s ON s.tenant_id = t.tenant_id`,
      ['scim_tokens t', 'scim_token_secrets s'],
    ],
    [
      'the other side of an outer join',
      `SELECT FROM ${TOKENS} t LEFT JOIN ${USAGE} u ON u.tenant_id = t.tenant_id AND t.tenant_id = $1`,
      ['scim_tokens t', 'scim_token_usage u'],
    ],
    [
      'a full join',
      `SELECT FROM ${TOKENS} t FULL JOIN ${USAGE} u ON u.tenant_id = t.tenant_id AND t.tenant_id = $1`,
      ['scim_tokens t', 'scim_token_usage u'],
    ],
    [
      'a sub-query',
      `SELECT FROM ${TOKENS} WHERE tenant_id = $1 AND id IN (SELECT token_id FROM ${SECRETS} s)`,
      ['scim_token_secrets s'],
    ],
    ['a sub-query in FROM', `SELECT FROM (SELECT id FROM ${TOKENS} t) d`, ['scim_tokens t']],
    ['EXISTS', `SELECT EXISTS (SELECT FROM ${SECRETS} s)`, ['scim_token_secrets s']],
    [
      'half of a union',
      `SELECT 1 FROM ${TOKENS} t WHERE t.tenant_id = $1 UNION ALL SELECT 1 FROM ${SECRETS} s`,
      ['scim_token_secrets s'],
    ],
    ['a CTE', `WITH due AS (SELECT id FROM ${TOKENS} t) SELECT FROM due`, ['scim_tokens t']],
    [
      'a CTE that writes',
      `WITH over AS (UPDATE ${TOKENS} t SET name = '') SELECT 1`,
      ['scim_tokens t'],
    ],
    [
      'a CTE of a union',
      `WITH due AS (SELECT id FROM ${TOKENS} t) SELECT 1 UNION SELECT 2`,
      ['scim_tokens t'],
    ],
    [
      'UPDATE … FROM',
      `UPDATE ${TOKENS} t SET name = '' FROM due WHERE t.id = due.id`,
      ['scim_tokens t'],
    ],
    [
      'DELETE … USING',
      `DELETE FROM ${TOKENS} t USING ${SECRETS} s WHERE t.tenant_id = $1`,
      ['scim_token_secrets s'],
    ],
    ['INSERT', `INSERT INTO ${USAGE} (token_id) VALUES ($1)`, ['INSERT INTO scim_token_usage']],
    ['INSERT by position', `INSERT INTO ${USAGE} VALUES ($1)`, ['INSERT INTO scim_token_usage']],
    [
      'ON CONFLICT',
      `INSERT INTO ${USAGE} (tenant_id, token_id) VALUES ($1, $2) ON CONFLICT (token_id) DO NOTHING`,
      ['ON CONFLICT of scim_token_usage'],
    ],
    [
      'INSERT … SELECT',
      `INSERT INTO ${USAGE} (tenant_id, token_id) SELECT t.tenant_id, t.id FROM ${TOKENS} t`,
      ['scim_tokens t'],
    ],
    [
      'MERGE',
      `MERGE INTO ${USAGE} u USING due d ON u.tenant_id = $1 WHEN MATCHED THEN DELETE`,
      ['MERGE', 'scim_token_usage u'],
    ],
    ["a host's names", 'SELECT FROM "host_data"."acme_app_scim_tokens" t', ['scim_tokens t']],
    ['the second statement', `SELECT 1; SELECT FROM ${TOKENS} t`, ['scim_tokens t']],
  ])('which %s does not', async (_, sql, expected) => {
    expect(await touchedWithoutTenant(sql)).toEqual(expected);
  });
});

describe('A statement that goes over all tenants', () => {
  const list = (on: string) => `SELECT FROM ${TOKENS} t LEFT JOIN ${USAGE} u ON ${on}`;

  it('names the tenant in its joins none the less', async () => {
    const whole = list('u.tenant_id = t.tenant_id AND u.token_id = t.id');
    expect(await touchedWithoutTenant(whole, ['scim_tokens t'])).toEqual([]);
    const loose = list('u.token_id = t.id');
    expect(await touchedWithoutTenant(loose, ['scim_tokens t'])).toEqual(['scim_token_usage u']);
  });
});
