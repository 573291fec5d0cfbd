import request from 'supertest';
import { ScimTokenVerifier } from '../../src';
import { FileTenantDirectory, TenantDirectory, type Tenant } from '../../src/core/tenant-directory';
import {
  JWT_SECRET,
  mintJwt,
  partnerAdmin,
  startTestApp,
  superAdmin,
  tenantAdmin,
  TOKENS,
  type Client,
  type TestApp,
} from '../support/test-app';
import { sign } from 'jsonwebtoken';

class FewTenants extends TenantDirectory {
  private readonly tenants: Tenant[] = [
    { id: 'tnt_a', partner_id: 'prt_1' },
    { id: 'tnt_b', partner_id: 'prt_1' },
    { id: 'tnt_c', partner_id: 'prt_2' },
  ];
  find(tenantId: string): Tenant | null {
    return this.tenants.find(({ id }) => id === tenantId) ?? null;
  }
  tenantIdsOfPartner(partnerId: string): string[] {
    return this.tenants.filter((tenant) => tenant.partner_id === partnerId).map(({ id }) => id);
  }
}

const UNKNOWN = `${TOKENS}sct_${'0'.repeat(32)}`;
const FORBIDDEN = { detail: 'Insufficient permissions' };
const FOREIGN = { detail: 'Access to this tenant is not allowed' };

describe('Who may do what', () => {
  let app: TestApp;
  let ids: Record<string, string>;

  beforeAll(async () => {
    app = await startTestApp({ directory: new FewTenants() });
    ids = {};
    for (const tenant_id of ['tnt_a', 'tnt_b', 'tnt_c']) {
      const made = await app.as(superAdmin()).post(TOKENS).send({ name: 'x', tenant_id });
      ids[tenant_id] = made.body.id;
    }
  });
  afterAll(() => app.close());

  const operations = (client: Client) =>
    [
      ['list', () => client.get(TOKENS)],
      ['create', () => client.post(TOKENS).send({ name: 'x' })],
      ['endpoint-info', () => client.get(`${TOKENS}endpoint-info`)],
      ['get', () => client.get(UNKNOWN)],
      ['update', () => client.patch(UNKNOWN).send({})],
      ['revoke', () => client.delete(UNKNOWN)],
    ] as const;

  describe('authentication', () => {
    const base = { sub: 's', role: 'super_admin' };
    const bad: [string, () => string][] = [
      ['a foreign key', () => sign(base, 'x'.repeat(40), { expiresIn: '1h' })],
      ['no expiry', () => sign(base, JWT_SECRET)],
      ['an expired one', () => mintJwt(base, { expiresIn: -10 })],
      ['one from the future', () => mintJwt({ ...base, iat: Math.floor(Date.now() / 1000) + 60 })],
      ['not yet valid', () => mintJwt(base, { notBefore: 60 })],
      ['HS512', () => mintJwt(base, { algorithm: 'HS512' })],
      ['no subject', () => sign({ role: 'super_admin' }, JWT_SECRET, { expiresIn: '1h' })],
      ['an empty subject', () => mintJwt({ ...base, sub: '' })],
      ['a NUL in the subject', () => mintJwt({ ...base, sub: 'a\0b' })],
      ['a long subject', () => mintJwt({ ...base, sub: 'a'.repeat(256) })],
      ['an unknown crit', () => mintJwt(base, { header: { alg: 'HS256', crit: ['x'] } })],
      ['no JWT at all', () => 'garbage'],
      ['three dots', () => 'a.b.c'],
    ];

    it.each(bad)('refuses %s with 401 on each operation', async (_, jwt) => {
      for (const [, send] of operations(app.as(jwt()))) {
        const response = await send();
        expect(response.status).toBe(401);
        expect(response.body).toEqual({ detail: 'Invalid or expired token' });
        expect(response.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
        expect(response.headers['x-request-id']).toMatch(/^[\w.-]{1,128}$/);
      }
    });

    it.each([
      (jwt: string) => `Bearer ${jwt} trailing`,
      (jwt: string) => `Bearer ${jwt},`,
      (jwt: string) => [`Bearer ${jwt}`, `Bearer ${jwt}`],
    ])('refuses a good JWT with something after it', async (header) => {
      const response = await request(app.url)
        .get(TOKENS)
        .set('Authorization', header(superAdmin()) as string);
      expect([response.status, response.body]).toEqual([
        401,
        { detail: 'Invalid or expired token' },
      ]);
    });

    it.each(['bearer ', 'Bearer   '])('takes a JWT after "%s"', async (scheme) => {
      const call = request(app.url)
        .get(TOKENS)
        .set('Authorization', scheme + superAdmin());
      expect((await call).status).toBe(200);
    });

    it.each(['\t', '\u00a0'])('takes none after the scheme and %j', async (space) => {
      const response = await request(app.url)
        .get(TOKENS)
        .set('Authorization', `Bearer${space}${superAdmin()}`);
      expect([response.status, response.body]).toEqual([401, { detail: 'Not authenticated' }]);
    });

    it.each([undefined, 'Basic abc', 'Bearer', 'Bearer '])(
      'says not authenticated for the header %s',
      async (header) => {
        const call = request(app.url).get(TOKENS);
        if (header !== undefined) call.set('Authorization', header);
        const response = await call;
        expect(response.status).toBe(401);
        expect(response.body).toEqual({ detail: 'Not authenticated' });
        expect(response.headers['www-authenticate']).toBe('Bearer');
      },
    );

    it('forgives five seconds of clock skew', async () => {
      const jwt = mintJwt(base, { expiresIn: -2 });
      expect((await app.as(jwt).get(TOKENS)).status).toBe(200);
    });
  });

  describe('roles', () => {
    it.each([
      ['no role', {}],
      ['an unknown role', { role: 'viewer' }],
      ['a role of a wrong type', { role: ['super_admin'] }],
      ['a tenant_admin without a tenant', { role: 'tenant_admin' }],
      ['a tenant_admin with an empty tenant', { role: 'tenant_admin', tenant_id: '' }],
      ['a tenant of a wrong type', { role: 'tenant_admin', tenant_id: 5 }],
      ['a partner_admin without a partner', { role: 'partner_admin' }],
      ['a platform_token that is no boolean', { platform_token: 'true', scope: 'admin:write' }],
      ['a scope of a wrong type', { role: 'super_admin', scope: ['admin:read'] }],
    ])('refuses %s with 403 on each operation', async (_, claims) => {
      for (const [, send] of operations(app.as(mintJwt(claims)))) {
        const response = await send();
        expect([response.status, response.body]).toEqual([403, FORBIDDEN]);
      }
    });

    it('lets a platform token do what its scopes say, whatever its role', async () => {
      const detail = 'Platform token requires admin:read or admin:write scope';
      const none = app.as(mintJwt({ platform_token: true, role: 'super_admin', scope: 'x' }));
      const reader = app.as(mintJwt({ platform_token: true, scope: 'x admin:read' }));
      const writer = app.as(mintJwt({ platform_token: true, scope: 'admin:write' }));
      for (const [, send] of operations(none)) {
        expect((await send()).body).toEqual({ detail });
      }
      expect((await reader.get(TOKENS)).body.total).toBeGreaterThanOrEqual(3);
      expect((await reader.delete(UNKNOWN)).body).toEqual({ detail });
      expect((await writer.get(TOKENS)).status).toBe(200);
      expect((await writer.delete(UNKNOWN)).status).toBe(404);
    });
  });

  describe('tenants', () => {
    it('shows a tenant_admin nothing of another tenant, on each operation', async () => {
      const admin = app.as(tenantAdmin('tnt_a'));
      for (const id of [ids.tnt_b, ids.tnt_c]) {
        for (const response of [
          await admin.get(TOKENS + id),
          await admin.patch(TOKENS + id).send({ name: 'stolen' }),
          await admin.delete(TOKENS + id),
        ]) {
          expect([response.status, response.body]).toEqual([
            404,
            { detail: 'SCIM token not found' },
          ]);
        }
      }
      const list = await admin.get(TOKENS);
      expect(
        list.body.items.every((item: { tenant_id: string }) => item.tenant_id === 'tnt_a'),
      ).toBe(true);
      const untouched = await app.as(superAdmin()).get(TOKENS + ids.tnt_b);
      expect(untouched.body).toMatchObject({ name: 'x', status: 'active' });
    });

    it.each(['tnt_b', 'nobody'])(
      'refuses a tenant_admin the tenant %s alike',
      async (tenant_id) => {
        const admin = app.as(tenantAdmin('tnt_a'));
        for (const response of [
          await admin.get(`${TOKENS}?tenant_id=${tenant_id}`),
          await admin.get(`${TOKENS}endpoint-info?tenant_id=${tenant_id}`),
          await admin.post(TOKENS).send({ tenant_id, bogus: 1 }),
        ]) {
          expect([response.status, response.body]).toEqual([403, FOREIGN]);
        }
      },
    );

    it('looks at the last of a repeated tenant_id', async () => {
      const admin = app.as(tenantAdmin('tnt_a'));
      expect((await admin.get(`${TOKENS}?tenant_id=tnt_b&tenant_id=tnt_a`)).status).toBe(200);
      expect((await admin.get(`${TOKENS}?tenant_id=tnt_a&tenant_id=tnt_b`)).status).toBe(403);
    });

    it('gives a partner_admin the tenants of the partner and no other', async () => {
      const partner = app.as(partnerAdmin('prt_1'));
      const list = await partner.get(TOKENS);
      const tenantIds = list.body.items.map((item: { tenant_id: string }) => item.tenant_id);
      expect(new Set(tenantIds)).toEqual(new Set(['tnt_a', 'tnt_b']));
      expect((await partner.get(`${TOKENS}?tenant_id=tnt_b`)).body.total).toBe(1);
      expect((await partner.get(`${TOKENS}?tenant_id=tnt_c`)).body).toEqual(FOREIGN);
      expect((await partner.get(TOKENS + ids.tnt_c)).status).toBe(404);
      const missing = await partner.post(TOKENS).send({ name: 'x' });
      expect(missing.body.detail).toEqual([
        { loc: ['body', 'tenant_id'], msg: 'Field required', type: 'missing' },
      ]);
    });

    it('shows a partner without tenants an empty page', async () => {
      const list = await app.as(partnerAdmin('prt_none')).get(TOKENS);
      expect(list.body).toEqual({
        items: [],
        total: 0,
        page: 1,
        per_page: 20,
        pages: 0,
        next_cursor: null,
      });
    });

    it('answers 404 for an unknown tenant to those who may act for all, after validation', async () => {
      const root = app.as(superAdmin());
      const unknown = { detail: 'Tenant not found' };
      expect((await root.get(`${TOKENS}?tenant_id=nobody`)).body).toEqual(unknown);
      expect((await root.get(`${TOKENS}endpoint-info?tenant_id=nobody`)).body).toEqual(unknown);
      expect((await root.post(TOKENS).send({ name: 'x', tenant_id: 'nobody' })).body).toEqual(
        unknown,
      );
      expect((await root.post(TOKENS).send({ name: '', tenant_id: 'nobody' })).status).toBe(422);
      expect((await root.get(`${TOKENS}?tenant_id=nobody&page=0`)).status).toBe(422);
    });

    it('refuses a tenant_admin whose own tenant the directory does not know', async () => {
      for (const [, send] of operations(app.as(tenantAdmin('nobody')))) {
        const response = await send();
        expect([response.status, response.body]).toEqual([403, FOREIGN]);
      }
    });

    it('asks all but a tenant_admin for the tenant of endpoint-info', async () => {
      expect((await app.as(superAdmin()).get(`${TOKENS}endpoint-info`)).body.detail).toEqual([
        { loc: ['query', 'tenant_id'], msg: 'Field required', type: 'missing' },
      ]);
      expect((await app.as(tenantAdmin()).get(`${TOKENS}endpoint-info`)).body.tenant_id).toBe(
        'tnt_a',
      );
    });
  });
});

describe('A tenant that is gone from the directory', () => {
  const partner_id = 'prt_1';
  let before: TestApp;
  let app: TestApp;
  let root: Client;
  let made: { id: string; token: string }[];

  beforeAll(async () => {
    before = await startTestApp({
      directory: new FileTenantDirectory([{ id: 'tnt_gone', partner_id }, { id: 'tnt_a' }]),
    });
    app = await startTestApp({
      databaseUrl: before.databaseUrl,
      directory: new FileTenantDirectory([{ id: 'tnt_a', partner_id }]),
    });
    root = app.as(superAdmin());
  });
  afterAll(async () => {
    await app.close();
    await before.close();
  });
  beforeEach(async () => {
    made = [];
    for (const name of ['one', 'two']) {
      const body = { name, tenant_id: 'tnt_gone' };
      made.push((await before.as(superAdmin()).post(TOKENS).send(body).expect(201)).body);
    }
  });
  afterEach(() => before.as(superAdmin()).post(REVOKE_ALL).send(ALL_OF_IT).expect(200));

  const REVOKE_ALL = `${TOKENS}revoke-all`;
  const ALL_OF_IT = { tenant_id: 'tnt_gone', reason: 'Left' };
  const NO_TENANT = { detail: 'Tenant not found' };
  const works = (token: string): Promise<boolean> =>
    app
      .provider(ScimTokenVerifier)
      .verify(token, { tenantId: 'tnt_gone' })
      .then(
        () => true,
        () => false,
      );

  it('is listed, read, changed and revoked by those who may act for every tenant', async () => {
    const [one, two] = made as [(typeof made)[0], (typeof made)[0]];
    expect(await works(one.token)).toBe(true);
    const platform = (scope: string) => app.as(mintJwt({ platform_token: true, scope }));
    for (const reader of [root, platform('admin:read')]) {
      expect((await reader.get(`${TOKENS}?tenant_id=tnt_gone`)).body.total).toBe(2);
      expect((await reader.get(TOKENS + one.id)).body.tenant_id).toBe('tnt_gone');
      const events = await reader.get(`${TOKENS}events?tenant_id=tnt_gone`);
      expect(events.body.items.length).toBeGreaterThan(1);
      const exported = await reader.get(`${TOKENS}events/export?tenant_id=tnt_gone`);
      expect(exported.text).toContain('scim_token.created');
    }
    const changed = await root.patch(TOKENS + one.id).send({ enabled: false });
    expect([changed.status, changed.body.status]).toEqual([200, 'disabled']);
    expect((await root.delete(TOKENS + one.id)).status).toBe(204);
    expect((await platform('admin:read').post(REVOKE_ALL).send(ALL_OF_IT)).status).toBe(403);
    expect(await works(two.token)).toBe(true);
    const revoked = await platform('admin:write').post(REVOKE_ALL).send(ALL_OF_IT);
    expect([revoked.status, revoked.body]).toEqual([200, { revoked: 1 }]);
    expect(await works(two.token)).toBe(false);
    // What is left is its history.
    expect((await root.get(`${TOKENS}?tenant_id=tnt_gone`)).body.total).toBe(0);
    expect((await root.get(`${TOKENS}?tenant_id=tnt_gone&status=revoked`)).status).toBe(200);
  });

  it('is given nothing more', async () => {
    const tenant_id = 'tnt_gone';
    const sha256 = 'a'.repeat(64);
    for (const call of [
      root.post(TOKENS).send({ name: 'x', tenant_id }),
      root.post(`${TOKENS}import`).send({ tenant_id, tokens: [{ sha256, name: 'x' }] }),
      root.post(`${TOKENS}${made[0]?.id}/rotate`).send({}),
      root.get(`${TOKENS}endpoint-info?tenant_id=tnt_gone`),
    ]) {
      const { status, body } = await call;
      expect([status, body]).toEqual([404, NO_TENANT]);
    }
    expect((await root.get(`${TOKENS}?tenant_id=tnt_gone`)).body.total).toBe(2);
    expect((await root.get(TOKENS + made[0]?.id)).body.rotation).toBeNull();
  });

  it('stays closed to its own administrators and its partner', async () => {
    const [{ id } = { id: '' }] = made;
    for (const jwt of [tenantAdmin('tnt_gone'), partnerAdmin(partner_id), tenantAdmin('tnt_a')]) {
      const admin = app.as(jwt);
      const foreign = [
        await admin.get(`${TOKENS}?tenant_id=tnt_gone`),
        await admin.get(`${TOKENS}events?tenant_id=tnt_gone`),
        await admin.post(REVOKE_ALL).send(ALL_OF_IT),
      ];
      for (const { status, body } of foreign) expect([status, body]).toEqual([403, FOREIGN]);
      for (const answer of [
        await admin.get(TOKENS + id),
        await admin.patch(TOKENS + id).send({ name: 'x' }),
        await admin.delete(TOKENS + id),
      ]) {
        expect([403, 404]).toContain(answer.status);
      }
    }
    expect((await app.as(partnerAdmin(partner_id)).get(TOKENS)).body.total).toBe(0);
    expect((await root.get(TOKENS + id)).body).toMatchObject({ name: 'one', status: 'active' });
  });

  it('is told apart from one of which nothing was ever held', async () => {
    for (const call of [
      root.get(`${TOKENS}?tenant_id=nobody`),
      root.get(`${TOKENS}events?tenant_id=nobody`),
      root.get(`${TOKENS}events/export?tenant_id=nobody`),
      root.post(REVOKE_ALL).send({ ...ALL_OF_IT, tenant_id: 'nobody' }),
    ]) {
      const { status, body } = await call;
      expect([status, body]).toEqual([404, NO_TENANT]);
    }
  });

  it('is named at start and where endpoint-info is asked for it', async () => {
    await root.get(`${TOKENS}endpoint-info?tenant_id=tnt_gone`).expect(404);
    expect(app.logs()).toMatch(/"tenant":"tnt_gone","tokens":2,.*does not know this tenant/);
    const options = { databaseUrl: before.databaseUrl };
    const again = await startTestApp({ ...options, directory: new FileTenantDirectory([]) });
    expect(again.logs()).toMatch(/does not know have tokens that are not revoked: tnt_gone \(2\)/);
    await again.close();
    const open = await startTestApp(options);
    expect(open.logs()).not.toContain('tnt_gone');
    await open.close();
  });
});
