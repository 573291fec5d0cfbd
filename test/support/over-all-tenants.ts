/** A statement that may touch a table without its tenant. */
interface Exception {
  readonly why: string;
  /** The whole statement or its beginning, with our tables under their own names. */
  readonly statement: RegExp;
  /** What goes without; whatever else it touches is joined to it by the tenant. */
  readonly free: readonly string[];
}

const TOKEN = String.raw`^SELECT t\.id, t\.tenant_id, [a-z_., ]+`;
const USAGE =
  'FROM scim_tokens t LEFT JOIN scim_token_usage u ON u.tenant_id = t.tenant_id AND u.token_id = t.id';

/** The statements of ours that go over all tenants. */
export const OVER_ALL_TENANTS: readonly Exception[] = [
  {
    why: 'A super admin reads a token by its id',
    statement: new RegExp(String.raw`${TOKEN}${USAGE} WHERE t\.id = \$1$`),
    free: ['scim_tokens t'],
  },
  {
    why: 'A super admin changes a token by its id: this look finds the tenant whose lock that takes',
    statement: /^SELECT t\.tenant_id FROM scim_tokens t WHERE t\.id = \$1$/,
    free: ['scim_tokens t'],
  },
  {
    why: 'A migration fills a new column',
    statement: /^UPDATE scim_token_usage (?:u )?SET first_used_at = /,
    free: ['scim_token_usage', 'scim_token_secrets'],
  },
  {
    why: 'A super admin lists the tokens of all tenants; the scope would stand first in WHERE',
    statement: new RegExp(
      String.raw`${TOKEN}(?:\(SELECT coalesce\(sum\(c\.listed_count\), 0\) FROM scim_token_tenants c ?\) AS total )?` +
        String.raw`${USAGE} WHERE t\.revoked_at IS (?:NOT )?NULL`,
    ),
    free: ['scim_tokens t', 'scim_token_tenants c'],
  },
  {
    why: 'and has them counted',
    statement: new RegExp(String.raw`^SELECT count\(\*\) AS total ${USAGE} WHERE t\.revoked_at IS`),
    free: ['scim_tokens t'],
  },
  {
    why: 'without a filter by the sum of the counters',
    statement:
      /^SELECT \(SELECT coalesce\(sum\(c\.listed_count\), 0\) FROM scim_token_tenants c ?\) AS total$/,
    free: ['scim_token_tenants c'],
  },
  {
    why: 'A super admin reads the events of a token',
    statement:
      /^SELECT id, seq, [a-z_, ]+ FROM scim_token_events WHERE token_id = \$1 (?:AND|ORDER)/,
    free: ['scim_token_events'],
  },
  {
    why: 'where there is, or was, such a token',
    statement:
      /^SELECT 1 FROM scim_tokens WHERE id = \$1 UNION ALL \(SELECT 1 FROM scim_token_events WHERE token_id = \$2 LIMIT 1\)$/,
    free: ['scim_tokens', 'scim_token_events'],
  },
  {
    why: 'A value is looked up by its lookup id alone where no tenant is known, or for the hint that it is another one’s',
    statement: /^SELECT s\.id AS secret_id, .* WHERE s\.lookup_id = (\$1|ANY\(\$1\))$/,
    free: ['scim_token_secrets s'],
  },
  {
    why: 'An access token likewise',
    statement: /^SELECT a\.value_hash, .* WHERE a\.lookup_id = \$1$/,
    free: ['scim_token_access_tokens a'],
  },
  {
    why: 'A setup link is found by the lookup id of its secret alone: it says whose it is',
    statement:
      /^SELECT id, [a-z_, ]+, value_hash FROM scim_token_setup_links WHERE lookup_id = \$1$/,
    free: ['scim_token_setup_links'],
  },
  {
    why: 'A super admin reads a setup link by its id',
    statement: /^SELECT id, [a-z_, ]+ FROM scim_token_setup_links WHERE id = \$1$/,
    free: ['scim_token_setup_links'],
  },
  {
    why: 'lists those of all tenants, and has them counted; the scope would stand first in WHERE',
    statement:
      /^SELECT (?:id, [a-z_, ]+|count\(\*\)::int AS total) FROM scim_token_setup_links(?: WHERE revoked_at IS .*)?(?: ORDER BY id DESC .*)?$/,
    free: ['scim_token_setup_links'],
  },
  {
    why: 'Whose client it is that asks for an access token, its id alone says',
    statement:
      /^SELECT t\.id, t\.tenant_id, t\.auth_method, .* s\.id AS secret_id, .* WHERE t\.id = \$1$/,
    free: ['scim_tokens t', 'scim_token_secrets s'],
  },
  {
    why: 'Whether anything was ever imported decides whether values of another form are looked up',
    statement:
      /^SELECT EXISTS \(SELECT 1 FROM scim_token_secrets WHERE format = 'sha256'\) AS exists$/,
    free: ['scim_token_secrets'],
  },
  {
    why: "An import refuses a digest that is anyone's",
    statement: /^SELECT lookup_id FROM scim_token_secrets WHERE lookup_id = ANY\(\$1::text\[\]\)$/,
    free: ['scim_token_secrets'],
  },
  {
    why: 'The scan looks for the tenants for which something is due, and works tenant by tenant',
    statement: /^SELECT DISTINCT (?:[tl]\.)?tenant_id FROM/,
    free: [
      'scim_tokens',
      'scim_tokens t',
      'scim_token_auth_failures',
      'scim_token_secrets p',
      'scim_token_outbox',
      'scim_token_access_tokens',
      'scim_token_setup_links',
      'scim_token_setup_links l',
    ],
  },
  {
    why: 'An instance looks whether somebody waits for the uses of tokens that it wrote',
    statement: /^SELECT l\.tenant_id, t\.id AS token_id, .* FROM scim_token_setup_links l/,
    free: ['scim_token_setup_links l'],
  },
  {
    why: 'or for any use at all, where they are written rarely',
    statement: /^SELECT EXISTS \(SELECT FROM scim_token_setup_links l WHERE/,
    free: ['scim_token_setup_links l'],
  },
  {
    why: 'An instance delivers what is due, whosever it is',
    statement:
      /^(?:WITH due AS MATERIALIZED \( )?SELECT tenant_id(?:, event_id)? FROM scim_token_outbox WHERE target = \$1/,
    free: ['scim_token_outbox'],
  },
  {
    why: 'The metrics count events on their way out',
    statement: /^SELECT target, count\(\*\) FILTER .* FROM scim_token_outbox GROUP BY target$/,
    free: ['scim_token_outbox'],
  },
  {
    why: 'and tokens',
    statement:
      /^SELECT count\(\*\) FILTER .* FROM scim_tokens t LEFT JOIN scim_token_usage u ON u\.tenant_id = t\.tenant_id AND u\.token_id = t\.id$/,
    free: ['scim_tokens t'],
  },
  {
    why: 'The start and the doctor look for tenants that the directory does not know',
    statement:
      /^SELECT tenant_id AS id, listed_count AS tokens FROM scim_token_tenants WHERE tenant_id > \$1/,
    free: ['scim_token_tenants'],
  },
  {
    why: 'The audit command checks the chains of all tenants',
    statement: /^SELECT tenant_id, t\.seq, .* FROM scim_token_tenants t FULL JOIN/,
    free: ['scim_token_tenants t', 'scim_token_events', 'scim_tokens', 'scim_token_setup_links'],
  },
  {
    why: 'and whether a row that is gone from one has come to another',
    statement: /^SELECT FROM scim_tokens WHERE id = \$1$/,
    free: ['scim_tokens'],
  },
];
