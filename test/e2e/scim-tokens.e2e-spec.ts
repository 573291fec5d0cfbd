import { createHash } from 'node:crypto';
import { compare } from 'bcrypt';
import canonicalize from 'canonicalize';
import { Client as Database } from 'pg';
import { parseSecret } from '../../src/secrets/scim-token.secret';
import { Clock } from '../../src/core/clock';
import {
  startTestApp,
  superAdmin,
  tenantAdmin,
  TOKENS,
  type Client,
  type TestApp,
} from '../support/test-app';

/** A clock that stands where a test puts it. */
class TestClock extends Clock {
  offset = 0;
  now(): Date {
    return new Date(Date.now() + this.offset);
  }
}

const DAY = 86_400_000;

describe('The six operations', () => {
  const clock = new TestClock();
  let app: TestApp;
  let admin: Client;
  let database: Database;
  let tenant: string;
  let tenantNumber = 0;

  beforeAll(async () => {
    app = await startTestApp({ clock });
    database = new Database({ connectionString: app.databaseUrl });
    await database.connect();
  });
  afterAll(async () => {
    await database.end();
    await app.close();
  });
  beforeEach(() => {
    clock.offset = 0;
    tenant = `tnt_${++tenantNumber}`;
    admin = app.as(tenantAdmin(tenant));
  });

  const create = async (body: object = { name: 'Okta' }) => {
    const response = await admin.post(TOKENS).send(body);
    expect(response.status).toBe(201);
    return response.body as { id: string; token: string } & Record<string, unknown>;
  };

  describe('create', () => {
    it('answers the token with its value, its place, and a ban on storing it', async () => {
      const response = await admin.post(TOKENS).send({ name: 'Okta' });
      expect(response.status).toBe(201);
      const { token, ...object } = response.body;
      expect(response.headers.location).toBe(`${TOKENS}${object.id}`);
      expect(response.headers['cache-control']).toBe('no-store');
      expect(Object.keys(object)).toEqual([
        'id',
        'tenant_id',
        'name',
        'description',
        'token_prefix',
        'last_four',
        'scopes',
        'allowed_ips',
        'status',
        'enabled',
        'expires_at',
        'created_at',
        'updated_at',
        'created_by',
        'last_used_at',
        'last_used_ip',
        'last_used_user_agent',
        'last_failure_at',
        'last_failure_reason',
        'revoked_at',
        'revoked_by',
        'revocation_reason',
        'allowed_ips_mode',
        'ip_report',
        'rotation',
        'auth_method',
        'client_id',
        'access_token_ttl_seconds',
        'trust',
        'provider',
        'quiet_after_hours',
        'health',
      ]);
      expect(object).toMatchObject({
        tenant_id: tenant,
        description: null,
        token_prefix: token.slice(0, 17),
        last_four: token.slice(-4),
        scopes: ['users:read', 'users:write', 'groups:read', 'groups:write'],
        allowed_ips: [],
        status: 'active',
        enabled: true,
        created_by: 'admin@example.com',
        revoked_at: null,
      });
      expect(parseSecret(token)?.value).toBe(token);
      expect(Date.parse(object.expires_at) - Date.parse(object.created_at)).toBe(365 * DAY);
    });

    it('keeps bcrypt of the random part and a MAC, and never the value', async () => {
      const { token } = await create();
      const { rows } = await database.query(
        'SELECT * FROM scim_token_secrets WHERE lookup_id = $1',
        [token.split('_')[1]],
      );
      expect(await compare(parseSecret(token)!.random, rows[0].secret_hash)).toBe(true);
      expect(rows[0].secret_mac).toMatch(/^[0-9a-f]{64}$/);
      expect(rows[0].pepper_id).toMatch(/^[0-9a-f]{16}$/);
      const everything = await database.query(
        `SELECT t::text FROM scim_tokens t UNION ALL SELECT s::text FROM scim_token_secrets s
         UNION ALL SELECT e::text FROM scim_token_events e`,
      );
      expect(JSON.stringify(everything.rows)).not.toContain(parseSecret(token)!.random);
      expect(app.logs()).not.toContain(parseSecret(token)!.random);
    });

    it('takes every field, canonicalised', async () => {
      const created = await create({
        name: 'Entra',
        description: 'HR',
        tenant_id: tenant,
        scopes: ['users:read', 'users:read', 'groups:read'],
        expires_in_days: '30',
        allowed_ips: ['10.0.0.1', '::ffff:10.0.0.0/104'],
      });
      expect(created).toMatchObject({
        description: 'HR',
        scopes: ['users:read', 'groups:read'],
        allowed_ips: ['10.0.0.1/32', '10.0.0.0/8'],
      });
    });

    it('refuses an expiry beyond the maximum lifetime, and takes the last moment of it', async () => {
      const late = await admin.post(TOKENS).send({ name: 'a', expires_in_days: 731 });
      expect(late.status).toBe(422);
      expect(late.body).toEqual({
        detail: [
          {
            loc: ['body', 'expires_in_days'],
            msg: 'Value error, must be at most 730 days ahead',
            type: 'value_error',
          },
        ],
      });
      await create({ name: 'a', expires_in_days: 730 });
    });

    it('stops at the limit of living tokens, and goes on when one is revoked or expires', async () => {
      const tokens = [];
      for (let i = 0; i < 20; i++)
        tokens.push(await create({ name: `t${i}`, expires_in_days: i + 1 }));
      const refused = await admin.post(TOKENS).send({ name: 'one more' });
      expect(refused.status).toBe(409);
      expect(refused.body).toEqual({ detail: 'Tenant already has 20 active SCIM tokens' });
      await admin.delete(TOKENS + tokens[19]!.id);
      await create();
      expect((await admin.post(TOKENS).send({ name: 'one more' })).status).toBe(409);
      clock.offset = DAY + 1000;
      await create();
      // Reviving the expired one would make it count again.
      const revived = await admin.patch(TOKENS + tokens[0]!.id).send({ expires_in_days: 5 });
      expect(revived.status).toBe(409);
      expect((await admin.get(TOKENS + tokens[0]!.id)).body.status).toBe('expired');
    }, 20_000);
  });

  describe('list', () => {
    it('pages newest first and hides revoked tokens', async () => {
      const made = [];
      for (let i = 0; i < 5; i++) made.push(await create({ name: `t${i}` }));
      await admin.delete(TOKENS + made[2]!.id);
      const page = await admin.get(`${TOKENS}?per_page=2&page=2`);
      expect(page.body).toMatchObject({ total: 4, page: 2, per_page: 2, pages: 2 });
      const all = await admin.get(TOKENS);
      expect(all.body.items.map((item: { name: string }) => item.name)).toEqual([
        't4',
        't3',
        't1',
        't0',
      ]);
      expect(JSON.stringify(all.body)).not.toContain(made[0]!.token);
      const revoked = await admin.get(`${TOKENS}?status=revoked`);
      expect(revoked.body).toMatchObject({ total: 1, items: [{ id: made[2]!.id }] });
    });

    it.each(['2', '9007199254740993', '1' + '0'.repeat(40)])(
      'has an empty page %s past the end',
      async (page) => {
        await create();
        const response = await admin.get(`${TOKENS}?page=${page}`);
        expect(response.status).toBe(200);
        expect(response.body).toEqual({
          items: [],
          total: 1,
          page: Math.min(Number(page), Number.MAX_SAFE_INTEGER),
          per_page: 20,
          pages: 1,
          next_cursor: null,
        });
      },
    );

    it('is empty for a tenant without tokens', async () => {
      expect((await admin.get(TOKENS)).body).toEqual({
        items: [],
        total: 0,
        page: 1,
        per_page: 20,
        pages: 0,
        next_cursor: null,
      });
    });

    it('tells active, disabled and expired apart', async () => {
      const active = await create({ name: 'active' });
      const disabled = await create({ name: 'disabled' });
      const expired = await create({ name: 'expired', expires_in_days: 1 });
      await admin.patch(TOKENS + disabled.id).send({ enabled: 'no' });
      await admin.patch(TOKENS + expired.id).send({ enabled: false });
      clock.offset = 2 * DAY;
      for (const [status, token] of Object.entries({ active, disabled, expired })) {
        const response = await admin.get(`${TOKENS}?status=${status}`);
        expect(response.body).toMatchObject({ total: 1, items: [{ id: token.id, status }] });
      }
    });
  });

  describe('change', () => {
    it('changes what is named and leaves the rest', async () => {
      const token = await create({ name: 'a', description: 'b' });
      clock.offset = 1000;
      const response = await admin.patch(TOKENS + token.id).send({ name: 'c', description: null });
      expect(response.status).toBe(200);
      const { token: _value, ...before } = token;
      expect(response.body).toEqual({
        ...before,
        name: 'c',
        description: null,
        updated_at: response.body.updated_at,
      });
      expect(response.body.updated_at > String(before.updated_at)).toBe(true);
      expect((await admin.get(TOKENS + token.id)).body).toEqual(response.body);
    });

    it('leaves no trace where nothing changes', async () => {
      const token = await create({ name: 'a' });
      clock.offset = 1000;
      for (const body of [{}, { name: 'a' }, { enabled: true }]) {
        const response = await admin.patch(TOKENS + token.id).send(body);
        expect(response.status).toBe(200);
        expect(response.body.updated_at).toBe(token.updated_at);
      }
      expect(await events(tenant)).toHaveLength(1);
    });

    it('counts the maximum lifetime from the secret, not from the change', async () => {
      const token = await create();
      clock.offset = 10 * DAY;
      const late = await admin.patch(TOKENS + token.id).send({ expires_in_days: 725 });
      expect(late.status).toBe(422);
      expect(late.body.detail[0]).toMatchObject({
        loc: ['body', 'expires_in_days'],
        type: 'value_error',
      });
      expect((await admin.patch(TOKENS + token.id).send({ expires_in_days: 719 })).status).toBe(
        200,
      );
    });

    it('is a conflict once the token is revoked, even where nothing would change', async () => {
      const token = await create();
      await admin.delete(TOKENS + token.id);
      for (const body of [{}, { name: 'b' }]) {
        const response = await admin.patch(TOKENS + token.id).send(body);
        expect(response.status).toBe(409);
        expect(response.body).toEqual({ detail: 'SCIM token is revoked' });
      }
    });
  });

  describe('revoke', () => {
    it('is final, can be repeated, and keeps the first time', async () => {
      const token = await create();
      const first = await admin.delete(TOKENS + token.id);
      expect(first.status).toBe(204);
      expect(first.text).toBe('');
      const { body } = await admin.get(TOKENS + token.id);
      expect(body).toMatchObject({ status: 'revoked', revoked_by: 'admin@example.com' });
      clock.offset = 5000;
      expect((await admin.delete(`${TOKENS}${token.id}/`)).status).toBe(204);
      expect((await admin.get(TOKENS + token.id)).body).toEqual(body);
      expect(await events(tenant)).toHaveLength(2);
    });
  });

  describe('the audit trail', () => {
    it('chains every write of a tenant, each with its own event', async () => {
      const token = await create({ name: 'a' });
      await admin.patch(TOKENS + token.id).send({ name: 'b', enabled: false });
      await admin.patch(TOKENS + token.id).send({ enabled: true });
      await admin.delete(TOKENS + token.id);
      const trail = await events(tenant);
      expect(trail.map((event) => event.type)).toEqual([
        'scim_token.created',
        'scim_token.updated',
        'scim_token.disabled',
        'scim_token.enabled',
        'scim_token.revoked',
      ]);
      let previous = '0'.repeat(64);
      for (const [index, row] of trail.entries()) {
        const { prev_hash, hash, ...event } = row;
        expect(prev_hash).toBe(previous);
        const canonical = canonicalize({
          ...event,
          seq: index + 1,
          id: `evt_${String(event.id).replaceAll('-', '')}`,
          token_id: token.id,
          at: (event.at as Date).toISOString(),
        });
        expect(hash).toBe(
          createHash('sha256')
            .update(previous + String(canonical))
            .digest('hex'),
        );
        previous = String(hash);
      }
      const { rows } = await database.query(
        'SELECT * FROM scim_token_tenants WHERE tenant_id = $1',
        [tenant],
      );
      expect(rows[0]).toMatchObject({ seq: '5', head_hash: previous, listed_count: 0 });
    });
  });

  describe('ids', () => {
    it.each([
      'sct_unknown',
      'sct_' + '0'.repeat(32),
      '%ff',
      '%00',
      '..%2f..',
      'x'.repeat(3000),
      "'; DROP",
    ])('answers 404 for %s', async (id) => {
      const path = TOKENS + id.replace(' ', '%20');
      for (const response of [
        await admin.get(path),
        await admin.delete(path),
        await admin.patch(path).send({ name: 'x' }),
      ]) {
        expect(response.status).toBe(404);
        expect(response.body).toEqual({ detail: 'SCIM token not found' });
      }
    });
  });

  it('lets a super_admin read and change any token', async () => {
    const token = await create();
    const root = app.as(superAdmin());
    expect((await root.get(TOKENS + token.id)).status).toBe(200);
    expect((await root.patch(TOKENS + token.id).send({ name: 'x' })).body.name).toBe('x');
    expect((await root.get(TOKENS)).body.total).toBeGreaterThan(1);
    expect((await root.get(`${TOKENS}?tenant_id=${tenant}`)).body.total).toBe(1);
    const missing = await root.post(TOKENS).send({ scopes: ['x'] });
    expect(missing.body.detail.map((error: { loc: string[] }) => error.loc.join('.'))).toEqual([
      'body.name',
      'body.tenant_id',
      'body.scopes.0',
    ]);
  });

  const events = async (tenantId: string): Promise<Record<string, unknown>[]> =>
    (
      await database.query<Record<string, unknown>>(
        `SELECT id, seq, tenant_id, token_id, type, actor, ip, user_agent, request_id, at, changes, prev_hash, hash
         FROM scim_token_events WHERE tenant_id = $1 ORDER BY seq`,
        [tenantId],
      )
    ).rows;
});
