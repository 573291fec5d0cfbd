import { DataSource } from 'typeorm';
import { AdminReads } from '../../src/database/admin-reads';
import { dataSourceOptions } from '../../src/database/data-source.options';
import { withOwnStatements } from '../../src/database/own-statements';
import { PreparedStatements } from '../../src/database/prepared-statements';
import { TOKEN_SORTS, ListCursor, type TokenSort } from '../../src/scim-tokens/list/list-cursor';
import { TokenListRepository } from '../../src/scim-tokens/list/token-list.repository';
import { ALL_TENANTS, tenants, type TenantScope } from '../../src/core/request-context';
import {
  mintJwt,
  startTestApp,
  superAdmin,
  tenantAdmin,
  TOKENS,
  type Client,
  type TestApp,
} from '../support/test-app';
import { IS_ONE_SERVER } from '../support/test-database';

interface Item {
  id: string;
  tenant_id: string;
  name: string;
  created_at: string;
  expires_at: string;
}

const DAY = 86_400_000;
const NIL = '00000000-0000-7000-8000-000000000000';
const from = (base: string, days: number): string =>
  new Date(Date.parse(base) + days * DAY).toISOString();

describe('The list', () => {
  let app: TestApp;
  let sql: DataSource;
  let admin: Client;
  let root: Client;

  beforeAll(async () => {
    app = await startTestApp({ env: { SCIM_TOKEN_MAX_ACTIVE_PER_TENANT: '100' } });
    sql = await new DataSource(
      dataSourceOptions({ url: app.databaseUrl, schema: 'public', poolMax: 1 }),
    ).initialize();
    admin = app.as(tenantAdmin());
    root = app.as(superAdmin());
    // 40 tokens of a tenant, most with equal times and some with equal names; every tenth is revoked.
    await sql.query(
      `INSERT INTO scim_tokens (id, tenant_id, name, scopes, allowed_ips, enabled, expires_at,
         created_at, updated_at, created_by, revoked_at, version)
       SELECT gen_random_uuid(), 'tnt_a', (ARRAY['Okta', 'okta-EU', 'Über 100%_x', 'Entra', 'a,"b'])[n % 5 + 1],
         '{users:read}', '{}', true, '2030-01-01Z'::timestamptz + n / 4 * interval '1 day',
         '2026-01-01Z'::timestamptz + n / 8 * interval '1 day', '2026-01-01Z',
         CASE WHEN n % 2 = 0 THEN 'ann' ELSE 'bob' END, CASE WHEN n % 10 = 0 THEN now() END, 1
       FROM generate_series(1, 40) n`,
    );
    await sql.query(
      `INSERT INTO scim_token_tenants (tenant_id, seq, head_hash, listed_count)
       VALUES ('tnt_a', 0, repeat('0', 64), 36)`,
    );
    await sql.query(
      `INSERT INTO scim_token_usage (tenant_id, token_id, last_used_at)
       SELECT tenant_id, id, '2026-02-01Z' FROM scim_tokens WHERE created_by = 'bob'`,
    );
    await app.as(tenantAdmin('tnt_b')).post(TOKENS).send({ name: 'Okta of another' }).expect(201);
  });
  afterAll(async () => {
    await sql.destroy();
    await app.close();
  });

  const walk = async (client: Client, query: string): Promise<Item[]> => {
    const items: Item[] = [];
    let cursor: string | null = null;
    do {
      const after: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await client.get(`${TOKENS}?${query}${after}`).expect(200);
      const counted = cursor === null ? 'number' : 'object';
      expect([typeof body.total, typeof body.page, typeof body.pages]).toEqual(
        Array(3).fill(counted),
      );
      items.push(...(body.items as Item[]));
      cursor = body.next_cursor as string | null;
    } while (cursor !== null);
    return items;
  };
  const ids = (items: readonly Item[]): string[] => items.map(({ id }) => id);

  describe('walked by cursors', () => {
    it.each(TOKEN_SORTS)('shows each token once in the order %s', async (sort) => {
      const walked = await walk(admin, `sort=${sort}&per_page=7`);
      const whole = await admin.get(`${TOKENS}?sort=${sort}&per_page=100`);
      expect(ids(walked)).toEqual(ids(whole.body.items as Item[]));
      expect(new Set(ids(walked)).size).toBe(36);
      expect(whole.body).toMatchObject({ total: 36, pages: 1, next_cursor: null });
      const column = sort.replace('-', '') as keyof Item;
      const keys = walked.map((item) => item[column]);
      const sorted = [...keys].sort();
      expect(keys).toEqual(sort.startsWith('-') ? sorted.reverse() : sorted);
    });

    it('goes on from a page that was asked for by number, in its order', async () => {
      const second = await admin.get(`${TOKENS}?sort=name&per_page=9&page=2`);
      const third = await admin.get(`${TOKENS}?sort=name&per_page=9&page=3`);
      const next = await admin.get(`${TOKENS}?per_page=9&cursor=${second.body.next_cursor}`);
      expect(next.body).toEqual({ ...third.body, total: null, page: null, pages: null });
    });

    it('ends where the last page is full', async () => {
      expect((await admin.get(`${TOKENS}?per_page=36`)).body.next_cursor).toBeNull();
      expect((await admin.get(`${TOKENS}?per_page=12&page=3`)).body.next_cursor).toBeNull();
      expect((await admin.get(`${TOKENS}?page=4`)).body.next_cursor).toBeNull();
    });

    it('is not disturbed by tokens that come and go meanwhile', async () => {
      const tenant = app.as(tenantAdmin('tnt_c'));
      for (let n = 0; n < 4; n++) await tenant.post(TOKENS).send({ name: `n${n}` });
      const first = await tenant.get(`${TOKENS}?per_page=2&sort=created_at`);
      await tenant.delete(TOKENS + first.body.items[1].id);
      const rest = await tenant.get(`${TOKENS}?cursor=${first.body.next_cursor}`);
      expect(rest.body.items.map(({ name }: Item) => name)).toEqual(['n2', 'n3']);
    });

    it('shows a tenant nothing of another one through its cursor', async () => {
      const { body } = await root.get(`${TOKENS}?per_page=1`);
      const other = await app.as(tenantAdmin('tnt_b')).get(`${TOKENS}?cursor=${body.next_cursor}`);
      expect(other.body.items.every((item: Item) => item.tenant_id === 'tnt_b')).toBe(true);
    });

    const position = (...parts: unknown[]): string =>
      Buffer.from(JSON.stringify(parts)).toString('base64url');
    const id = `sct_${'0'.repeat(32)}`;
    it.each([
      ['an empty one', ''],
      ['no base64', '%%%'],
      ['white space in it', ` ${position('name', 'a', id)}`],
      ['padding', `${position('name', 'a', id)}==`],
      ['no JSON', Buffer.from('x').toString('base64url')],
      ['no list', Buffer.from('{}').toString('base64url')],
      ['other JSON of the same', Buffer.from(`["name", "a","${id}"]`).toString('base64url')],
      ['too few parts', position('name', 'a')],
      ['too many parts', position('name', 'a', id, 1)],
      ['an unknown order', position('tenant_id', 'a', id)],
      ['a bad id', position('name', 'a', 'sct_1')],
      ['a NUL', position('name', 'a\0', id)],
      ['a lone surrogate', position('name', '\ud800', id)],
      ['a number for a name', position('name', 1, id)],
      ['no time', position('created_at', 'yesterday', id)],
      ['a time out of range', position('created_at', '+275760-09-13T00:00:00.000Z', id)],
      ['nested lists', '['.repeat(4000)],
      ['a megabyte', 'A'.repeat(10_000)],
      ['SQL', position('name', "a'; DROP TABLE scim_tokens; --", "' OR 1=1")],
    ])('refuses %s as a cursor', async (_, cursor) => {
      const response = await admin.get(`${TOKENS}?cursor=${encodeURIComponent(cursor)}`);
      expect([response.status, response.body.detail]).toEqual([
        422,
        [
          {
            loc: ['query', 'cursor'],
            msg: 'Value error, is not a cursor of this list',
            type: 'value_error',
          },
        ],
      ]);
    });

    it('refuses the cursor of another order', async () => {
      const { body } = await admin.get(`${TOKENS}?sort=name&per_page=1`);
      const response = await admin.get(`${TOKENS}?sort=-name&cursor=${body.next_cursor}`);
      expect(response.status).toBe(422);
      expect(response.body.detail[0].loc).toEqual(['query', 'cursor']);
    });
  });

  describe('filtered', () => {
    const names = async (query: string): Promise<Record<string, number>> => {
      const { body } = await admin.get(`${TOKENS}?per_page=100&${query}`).expect(200);
      expect(body.total).toBe(body.items.length);
      const counts: Record<string, number> = {};
      for (const { name } of body.items as Item[]) counts[name] = (counts[name] ?? 0) + 1;
      return counts;
    };

    it('finds a part of the name in whatever case, and no pattern in it', async () => {
      // Every tenth is revoked: all of those are called Okta.
      expect(await names('q=OKTA')).toEqual({ Okta: 4, 'okta-EU': 8 });
      expect(await names('q=%C3%BCber')).toEqual({ 'Über 100%_x': 8 });
      expect(await names('q=%25')).toEqual({ 'Über 100%_x': 8 });
      expect(await names('q=_')).toEqual({ 'Über 100%_x': 8 });
      expect(await names('q=%22')).toEqual({ 'a,"b': 8 });
      expect(await names('q=nothing')).toEqual({});
    });

    it('counts over all pages, and walks', async () => {
      const { body } = await admin.get(`${TOKENS}?q=okta&per_page=5&page=2`);
      expect(body).toMatchObject({ total: 12, page: 2, pages: 3 });
      expect(await walk(admin, 'q=okta&per_page=5')).toHaveLength(12);
      expect((await admin.get(`${TOKENS}?q=okta&page=9`)).body).toMatchObject({
        items: [],
        total: 12,
      });
    });

    it('has bounds for the expiry that are not part of the span', async () => {
      const base = '2030-01-01T00:00:00Z';
      const span = `expires_after=${from(base, 1)}&expires_before=${from(base, 3)}`;
      const { body } = await admin.get(`${TOKENS}?${span}&sort=expires_at`);
      // 8 to 11 expire on the second day; 10 is revoked.
      expect(body.items.map((item: Item) => item.expires_at)).toEqual(Array(3).fill(from(base, 2)));
    });

    it('takes times as the rest of the API does', async () => {
      const { body } = await admin.get(`${TOKENS}?expires_before=1893542400&per_page=100`);
      expect(body.total).toBe(3);
      for (const name of ['expires_before', 'expires_after', 'unused_since']) {
        for (const [text, type] of [
          ['', 'datetime_from_date_parsing'],
          ['soon', 'datetime_from_date_parsing'],
          ['2030-01-01', 'timezone_aware'],
          ['2030-01-01T00:00:00', 'timezone_aware'],
        ] as const) {
          const response = await admin.get(`${TOKENS}?${name}=${text}`);
          expect([response.status, response.body.detail[0].type]).toEqual([422, type]);
          expect(response.body.detail[0].loc).toEqual(['query', name]);
        }
      }
    });

    it('shows as unused what was last used before, or made before and never used', async () => {
      const count = async (since: string): Promise<number> =>
        (await admin.get(`${TOKENS}?unused_since=${since}&per_page=100`)).body.total as number;
      expect(await count('2026-01-01T00:00:00Z')).toBe(0);
      // Of the first seven, the even ones were never used.
      expect(await count('2026-01-01T00:00:00.001Z')).toBe(3);
      expect(await count('2026-02-01T00:00:00Z')).toBe(16);
      expect(await count('2026-02-01T00:00:00.001Z')).toBe(36);
    });

    it('finds the tokens of one creator, together with other filters', async () => {
      expect((await admin.get(`${TOKENS}?created_by=bob&per_page=5`)).body.total).toBe(20);
      const both = await admin.get(`${TOKENS}?created_by=ann&q=okta&status=active`);
      expect(both.body.total).toBe(4);
      expect((await admin.get(`${TOKENS}?created_by=ann&status=revoked`)).body.total).toBe(4);
    });

    it('asks whoever may see several tenants for one before it searches names', async () => {
      const partner = app.as(mintJwt({ role: 'partner_admin', partner_id: 'prt_1' }));
      for (const client of [root, partner]) {
        const response = await client.get(`${TOKENS}?q=okta`);
        expect([response.status, response.body.detail]).toEqual([
          422,
          [{ loc: ['query', 'tenant_id'], msg: 'Field required', type: 'missing' }],
        ]);
      }
      expect((await root.get(`${TOKENS}?q=okta&tenant_id=tnt_b`)).body.total).toBe(1);
      expect((await root.get(`${TOKENS}?created_by=ann`)).body.total).toBe(16);
    });

    it('tells all that is wrong at once, in the order of the parameters', async () => {
      const query =
        'cursor=x&created_by=&unused_since=x&expires_after=x&expires_before=x&sort=id&q=&status=x&page=0';
      const { status, body } = await admin.get(`${TOKENS}?${query}`);
      expect(status).toBe(422);
      expect(
        (body.detail as { loc: string[]; type: string }[]).map(({ loc, type }) => [loc[1], type]),
      ).toEqual([
        ['page', 'greater_than_equal'],
        ['status', 'literal_error'],
        ['q', 'string_too_short'],
        ['sort', 'literal_error'],
        ['expires_before', 'datetime_from_date_parsing'],
        ['expires_after', 'datetime_from_date_parsing'],
        ['unused_since', 'datetime_from_date_parsing'],
        ['created_by', 'string_too_short'],
        ['cursor', 'value_error'],
      ]);
    });
  });

  // A cluster's plans name its shards.
  (IS_ONE_SERVER ? describe : describe.skip)('at many tokens', () => {
    beforeAll(async () => {
      await sql.query(
        `INSERT INTO scim_tokens (id, tenant_id, name, scopes, allowed_ips, enabled, expires_at,
           created_at, updated_at, created_by, revoked_at, version)
         SELECT gen_random_uuid(), 'many_' || n % 50, 'token ' || n % 977, '{users:read}', '{}', true,
           '2030-01-01Z'::timestamptz + n * interval '1 minute',
           '2026-01-01Z'::timestamptz + n * interval '1 second', '2026-01-01Z', 'seed',
           CASE WHEN n % 3 = 0 THEN now() END, 1
         FROM generate_series(1, 20000) n`,
      );
      await sql.query('ANALYZE scim_tokens, scim_token_usage');
    });

    interface Plan {
      'Node Type': string;
      'Index Name'?: string;
      'Relation Name'?: string;
      Plans?: Plan[];
    }
    const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];
    const explain = async (
      scope: TenantScope,
      sort: TokenSort,
      status: 'revoked' | undefined,
      start: ListCursor | 0,
    ): Promise<Plan[]> => {
      const own = withOwnStatements(sql, new PreparedStatements('off'));
      const reads = new AdminReads(own, { replicaUrl: null, preparedStatements: 'off' });
      const { sql: text, parameters } = new TokenListRepository(own, reads).pageStatement(
        scope,
        { now: new Date(), status },
        { sort, limit: 20, start },
      );
      const [{ 'QUERY PLAN': plans }] = await sql.query<[{ 'QUERY PLAN': [{ Plan: Plan }] }]>(
        `EXPLAIN (FORMAT JSON) ${text}`,
        parameters,
      );
      return nodes(plans[0].Plan);
    };

    const middle: Record<string, Date> = {
      created_at: new Date('2026-01-01T02:45:00Z'),
      expires_at: new Date('2030-01-08T00:00:00Z'),
    };
    const orders = TOKEN_SORTS.flatMap((sort) =>
      (['revoked', undefined] as const).flatMap((status) =>
        [ALL_TENANTS, tenants('many_7')].map(
          (scope) => [sort, status ?? 'listed', scope.kind, status, scope] as const,
        ),
      ),
    );
    it.each(orders)(
      'reads %s of %s tokens (%s) from an index, from the top and after a cursor',
      async (sort, _, __, status, scope) => {
        const key = sort.endsWith('name') ? 'token 5' : middle[sort.replace('-', '')]!;
        const column = sort.replace('-', '').replace('_at', '');
        const index = `ix_scim_tokens_${scope === ALL_TENANTS ? '' : 'tenant_'}${column}${status ? '_revoked' : ''}`;
        for (const start of [0, new ListCursor(sort, key, NIL)] as const) {
          const plan = await explain(scope, sort, status, start);
          const reads = plan.filter((node) => node['Relation Name'] === 'scim_tokens');
          expect(reads.map((node) => [node['Node Type'], node['Index Name']])).toEqual([
            ['Index Scan', index],
          ]);
          expect(plan.filter((node) => /sort/i.test(node['Node Type']))).toEqual([]);
        }
      },
    );
    it('gives up a total that takes over two seconds to count, and shows the page', async () => {
      // A view in the table's place makes each row that is looked at cost a millisecond.
      await sql.query(`
        ALTER TABLE scim_tokens RENAME TO scim_tokens_quick;
        CREATE FUNCTION slowly(uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE
          AS $$ BEGIN PERFORM pg_sleep(0.001); RETURN true; END $$;
        CREATE VIEW scim_tokens AS SELECT * FROM scim_tokens_quick WHERE slowly(id)`);
      const { status, body } = await root.get(`${TOKENS}?created_by=seed&per_page=1`);
      expect(status).toBe(200);
      expect(body).toMatchObject({ total: null, page: 1, pages: null });
      expect(body.items).toHaveLength(1);
      expect(body.next_cursor).toEqual(expect.any(String));
    });
  });
});
