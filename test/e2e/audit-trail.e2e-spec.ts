import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { Client as Database } from 'pg';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import {
  mintJwt,
  partnerAdmin,
  startTestApp,
  superAdmin,
  tenantAdmin,
  TOKENS,
  type Client,
  type TestApp,
} from '../support/test-app';

interface Event {
  id: string;
  seq: number;
  tenant_id: string;
  token_id: string | null;
  type: string;
  actor: string | null;
  at: string;
  changes: Record<string, unknown>;
  prev_hash: string;
  hash: string;
}

const EVENTS = `${TOKENS}events`;

describe('The audit trail', () => {
  let app: TestApp;
  let sql: Database;
  let admin: Client;
  let tenant: string;
  let tenants = 0;

  beforeAll(async () => {
    const ids = Array.from({ length: 20 }, (_, n) => ({ id: `tnt_${n}`, partner_id: 'prt_1' }));
    app = await startTestApp({
      directory: new FileTenantDirectory([...ids, { id: 'lonely', partner_id: 'prt_2' }]),
    });
    sql = new Database({ connectionString: app.databaseUrl });
    await sql.connect();
  });
  afterAll(async () => {
    await sql.end();
    await app.close();
  });
  beforeEach(() => {
    tenant = `tnt_${tenants++}`;
    admin = app.as(tenantAdmin(tenant));
  });

  const create = async (name = 'Okta'): Promise<string> =>
    (await admin.post(TOKENS).send({ name }).expect(201)).body.id as string;
  const events = async (query = ''): Promise<Event[]> =>
    (await admin.get(`${EVENTS}?${query}`).expect(200)).body.items as Event[];
  const exported = async (query = ''): Promise<Event[]> => {
    const { text } = await admin.get(`${EVENTS}/export?${query}`).buffer().expect(200);
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Event);
  };

  /** Seeds events that are sound one by one; nothing here looks at their hashes. */
  const seed = async (count: number): Promise<void> => {
    await sql.query(
      `INSERT INTO scim_token_events (id, tenant_id, seq, type, at, changes, prev_hash, hash)
       SELECT gen_random_uuid(), $1, n, 'scim_token.auth_failed', '2026-01-01Z'::timestamptz + n * interval '1 minute',
         jsonb_build_object('n', n), repeat('0', 64), repeat('1', 64) FROM generate_series(1, $2::int) n`,
      [tenant, count],
    );
  };

  it('shows each change with who made it, from where, and what it was before', async () => {
    const id = await create();
    const change = { name: 'Entra', enabled: false, description: 'Größe "x"\u2028' };
    await admin
      .patch(TOKENS + id)
      .set({ 'x-request-id': 'r-1', 'User-Agent': 'agent/1' })
      .send(change);
    await admin.delete(`${TOKENS}${id}?reason=leaving`);
    const trail = await events();
    expect(trail.map(({ seq, type }) => [seq, type])).toEqual([
      [4, 'scim_token.revoked'],
      [3, 'scim_token.disabled'],
      [2, 'scim_token.updated'],
      [1, 'scim_token.created'],
    ]);
    expect(trail[2]).toMatchObject({
      id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
      tenant_id: tenant,
      token_id: id,
      actor: 'admin@example.com',
      ip: '127.0.0.1',
      user_agent: 'agent/1',
      request_id: 'r-1',
      changes: {
        name: { from: 'Okta', to: 'Entra' },
        description: { from: null, to: 'Größe "x"\u2028' },
      },
    });
    expect(trail[0]?.changes).toMatchObject({
      revocation_reason: { from: null, to: 'leaving' },
    });
    expect(Object.keys(trail[0]!)).toEqual(
      'id seq tenant_id token_id type actor ip user_agent request_id at changes prev_hash hash'.split(
        ' ',
      ),
    );
  });

  it('can be checked by whoever reads it through the API', async () => {
    const id = await create('Zahl 1e3 \u{1F511}');
    await admin.patch(TOKENS + id).send({ allowed_ips: ['10.0.0.0/8'], expires_in_days: 3 });
    await admin.patch(TOKENS + id).send({ enabled: false });
    let head = '0'.repeat(64);
    for (const { prev_hash, hash, ...members } of (await events()).reverse()) {
      expect(prev_hash).toBe(head);
      head = createHash('sha256')
        .update(prev_hash + canonicalize(members)!, 'utf8')
        .digest('hex');
      expect(hash).toBe(head);
    }
    const { rows } = await sql.query('SELECT * FROM scim_token_tenants WHERE tenant_id = $1', [
      tenant,
    ]);
    expect(rows[0]).toMatchObject({ seq: '3', head_hash: head });
  });

  it('is walked by cursors, newest first, without a gap', async () => {
    await seed(45);
    const seqs: number[] = [];
    let cursor: string | null = null;
    do {
      const after: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await admin.get(`${EVENTS}?per_page=20${after}`);
      seqs.push(...(body.items as Event[]).map(({ seq }) => seq));
      cursor = body.next_cursor as string | null;
    } while (cursor !== null);
    expect(seqs).toEqual(Array.from({ length: 45 }, (_, n) => 45 - n));
    expect((await admin.get(`${EVENTS}?per_page=45`)).body.next_cursor).toBeNull();
  });

  it('is narrowed by type, actor and time, whose start is part of the span and whose end is not', async () => {
    await seed(10);
    const minute = (n: number): string => `2026-01-01T00:0${n}:00Z`;
    expect((await events(`since=${minute(3)}&until=${minute(6)}`)).map(({ seq }) => seq)).toEqual([
      5, 4, 3,
    ]);
    const other = app.as(mintJwt({ sub: 'Bea', role: 'tenant_admin', tenant_id: tenant }));
    await sql.query(
      `INSERT INTO scim_token_tenants VALUES ($1, 10, repeat('1', 64), 0) ON CONFLICT DO NOTHING`,
      [tenant],
    );
    await create();
    await other.post(TOKENS).send({ name: 'x' }).expect(201);
    expect((await events('actor=Bea')).map(({ seq }) => seq)).toEqual([12]);
    expect(await events('actor=bea')).toEqual([]);
    expect((await events('type=scim_token.created')).map(({ seq }) => seq)).toEqual([12, 11]);
    expect(await events('type=scim_token.created&until=2026-01-02T00:00:00Z')).toEqual([]);
  });

  it('of one token holds its events alone, also when the token is there no longer', async () => {
    const id = await create();
    await create();
    await admin.patch(TOKENS + id).send({ name: 'b' });
    const path = `${TOKENS}${id}/events`;
    const before = await admin.get(path).expect(200);
    expect(before.body.items.map(({ type }: Event) => type)).toEqual([
      'scim_token.updated',
      'scim_token.created',
    ]);
    await sql.query(`DELETE FROM scim_tokens WHERE name = 'b' AND tenant_id = $1`, [tenant]);
    expect((await admin.get(path).expect(200)).body).toEqual(before.body);
    const page = await admin.get(`${path}?per_page=1`);
    expect((await admin.get(`${path}?cursor=${page.body.next_cursor}`)).body).toEqual({
      items: [before.body.items[1]],
      next_cursor: null,
    });
  });

  it('is shown to whoever may act for the tenant, and to nobody else', async () => {
    const id = await create();
    const foreign = app.as(tenantAdmin('lonely'));
    const path = `${TOKENS}${id}/events`;
    for (const client of [foreign, app.as(partnerAdmin('prt_2'))]) {
      const token = await client.get(path);
      expect([token.status, token.body]).toEqual([404, { detail: 'SCIM token not found' }]);
      for (const of of [EVENTS, `${EVENTS}/export`]) {
        const all = await client.get(`${of}?tenant_id=${tenant}`);
        expect([all.status, all.body]).toEqual([
          403,
          { detail: 'Access to this tenant is not allowed' },
        ]);
      }
    }
    const reader = mintJwt({ platform_token: true, scope: 'admin:read' });
    for (const jwt of [superAdmin(), partnerAdmin('prt_1'), reader]) {
      const client = app.as(jwt);
      expect((await client.get(path)).body.items).toHaveLength(1);
      expect((await client.get(`${EVENTS}?tenant_id=${tenant}`)).body.items).toHaveLength(1);
      for (const of of [EVENTS, `${EVENTS}/export`]) {
        const missing = await client.get(of);
        expect([missing.status, missing.body.detail]).toEqual([
          422,
          [{ loc: ['query', 'tenant_id'], msg: 'Field required', type: 'missing' }],
        ]);
      }
    }
    for (const of of [EVENTS, `${EVENTS}/export`]) {
      const unknown = await app.as(superAdmin()).get(`${of}?tenant_id=nobody`);
      expect([unknown.status, unknown.body]).toEqual([404, { detail: 'Tenant not found' }]);
    }
    for (const bad of ['sct_1', `sct_${'0'.repeat(32)}`, '%ff']) {
      expect((await admin.get(`${TOKENS}${bad}/events`)).status).toBe(404);
    }
  });

  it('tells all that is wrong with a query', async () => {
    const cursor = Buffer.from('["event",1.5]').toString('base64url');
    const query = `type=x&actor=&since=x&until=2026-01-01&per_page=101&cursor=${cursor}`;
    for (const path of [EVENTS, `${TOKENS}${await create()}/events`]) {
      const { status, body } = await admin.get(`${path}?${query}`);
      expect(status).toBe(422);
      const errors = (body.detail as { loc: string[]; type: string }[]).map(
        ({ loc, type }) => `${loc.join('.')} ${type}`,
      );
      expect(errors.sort()).toEqual([
        'query.actor string_too_short',
        'query.cursor value_error',
        'query.per_page less_than_equal',
        'query.since datetime_from_date_parsing',
        'query.type literal_error',
        'query.until timezone_aware',
      ]);
    }
  });

  describe('as an export', () => {
    it('is one JSON object a line, oldest first, the same as the pages', async () => {
      const id = await create();
      await admin.patch(TOKENS + id).send({ name: 'line\nbreak' });
      expect(await exported()).toEqual((await events()).reverse());
      const { headers } = await admin.get(`${EVENTS}/export`);
      expect(headers['content-type']).toBe('application/x-ndjson');
      expect(headers['content-disposition']).toContain('attachment');
      expect((await admin.head(`${EVENTS}/export`)).status).toBe(200);
    });

    it('is whole over many batches, and narrowed as the pages are', async () => {
      await seed(1200);
      expect((await exported()).map(({ seq }) => seq)).toEqual(
        Array.from({ length: 1200 }, (_, n) => n + 1),
      );
      expect(await exported('since=2026-01-01T19:59:00Z')).toHaveLength(2);
      expect(await exported('type=scim_token.created')).toEqual([]);
    });

    it('breaks off where it fails halfway, so that it does not look complete', async () => {
      await seed(5000);
      const response = await fetch(`${app.url}${EVENTS}/export`, {
        headers: { Authorization: `Bearer ${tenantAdmin(tenant)}` },
      });
      const reader = response.body!.getReader();
      expect((await reader.read()).done).toBe(false);
      await sql.query('ALTER TABLE scim_token_events RENAME TO gone');
      const rest = async (): Promise<void> => {
        while (!(await reader.read()).done);
      };
      await expect(rest()).rejects.toThrow();
      await sql.query('ALTER TABLE gone RENAME TO scim_token_events');
      expect(app.logs()).toContain('An export broke off');
      expect((await admin.get(`${EVENTS}/export`).buffer()).text.split('\n')).toHaveLength(5001);
    });
  });
});
