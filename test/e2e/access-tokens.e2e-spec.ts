import { hash } from 'node:crypto';
import { Client as Database } from 'pg';
import { ScimTokenRefusedError, ScimTokenVerifier } from '../../src/index';
import { LifecycleScan } from '../../src/scan/lifecycle-scan';
import { mintAccessToken } from '../../src/secrets/scim-token.secret';
import { UsageBuffer } from '../../src/usage/usage-buffer';
import { UsageWriter } from '../../src/usage/usage-writer';
import { issueAccessToken, uuidOfToken, type IssuedAs } from '../support/access-tokens';
import { forge, respell } from '../support/forge';
import { untilOneWaitsForALock } from '../support/lock-wait';
import { DAY, HOUR, MovingClock } from '../support/moving-clock';
import { startScimHost, type ScimHost } from '../support/scim-host';
import { clientOf, superAdmin, tenantAdmin, TOKENS, type Client } from '../support/test-app';

const NOT_FOUND = { detail: 'SCIM token not found' };
const ENDED = { detail: 'SCIM token value has ended already' };

interface Connection {
  id: string;
  client_id: string;
  client_secret: string;
}

describe('An access token', () => {
  const clock = new MovingClock();
  let host: ScimHost;
  let sql: Database;
  let admin: Client;
  let tenant: string;
  let tenants = 0;

  beforeAll(async () => {
    host = await startScimHost({
      clock,
      env: { SCIM_TOKEN_USAGE_FLUSH_SECONDS: '3600', EXPIRY_SCAN_SECONDS: '86400' },
    });
    sql = new Database({ connectionString: host.databaseUrl });
    await sql.connect();
  });
  afterAll(async () => {
    await sql.end();
    await host.close();
  });
  beforeEach(() => {
    tenant = `tnt_${tenants++}`;
    admin = clientOf(host.url, tenantAdmin(tenant));
  });

  const connect = async (fields: object = {}): Promise<Connection> =>
    (
      await admin
        .post(TOKENS)
        .send({ name: 'Entra', auth_method: 'client_credentials', ...fields })
        .expect(201)
    ).body as Connection;
  const issue = (id: string, as: IssuedAs = {}): Promise<string> =>
    issueAccessToken(sql, id, { issuedAt: clock.now(), ...as });
  const call = (value: string, { method = 'GET', at = tenant, path = 'Users' } = {}) =>
    fetch(`${host.url}/tenants/${at}/scim/v2/${path}`, {
      method,
      headers: { authorization: `Bearer ${value}` },
    });
  const status = async (value: string): Promise<number> => (await call(value)).status;
  const refusal = (value: string, at = tenant) =>
    host.app
      .get(ScimTokenVerifier, { strict: false })
      .verify(value, { tenantId: at, fresh: true })
      .then(
        () => 'accepted',
        (error: unknown) =>
          error instanceof ScimTokenRefusedError ? `${error.reason} ${error.hint}` : String(error),
      );
  const introspect = async (token: string, fields: object = {}): Promise<unknown> =>
    (
      await clientOf(host.url, superAdmin())
        .post('/api/v1/scim-tokens/introspect')
        .type('form')
        .send({ token, ...fields })
        .expect(200)
    ).body;
  const oneWaitsForALock = async (): Promise<void> => {
    const observer = new Database({ connectionString: host.databaseUrl });
    await observer.connect();
    await untilOneWaitsForALock(observer);
    await observer.end();
  };
  const patch = (id: string, fields: object) =>
    admin
      .patch(TOKENS + id)
      .send(fields)
      .expect(200);
  const trail = async (id: string): Promise<Record<string, unknown>[]> =>
    (await admin.get(`${TOKENS}${id}/events`)).body.items as never;

  it('passes as a value does, and introspection tells whose client fetched it', async () => {
    const { id, client_id: clientId } = await connect();
    const value = await issue(id, { scopes: ['users:read'] });
    const answer = await call(value);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { token_id: id, tenant_id: tenant },
    ]);
    const now = clock.now().getTime() / 1000;
    expect(await introspect(value)).toEqual({
      active: true,
      tenant_id: tenant,
      scope: 'users:read',
      token_id: id,
      token_type: 'Bearer',
      client_id: clientId,
      iat: now,
      exp: now + 3600,
      sub: id,
    });
    const { body } = await admin.post(TOKENS).send({ name: 'x' }).expect(201);
    const inspected = await introspect((body as { token: string }).token);
    expect(inspected).toMatchObject({ token_type: 'scim' });
    expect(inspected).not.toHaveProperty('client_id');
  });

  it('may do what it was granted and its token still may, and nothing where they have none in common', async () => {
    const { id } = await connect();
    const value = await issue(id, { scopes: ['users:read', 'users:write'] });
    const write = async () => (await call(value, { method: 'POST' })).status;
    const anything = async () => (await call(value, { path: 'ServiceProviderConfig' })).status;
    expect([await status(value), await write(), await anything()]).toEqual([200, 201, 200]);
    await patch(id, { scopes: ['users:read', 'groups:read'] });
    expect([await status(value), await write(), await anything()]).toEqual([200, 403, 200]);
    expect(await introspect(value)).toMatchObject({ scope: 'users:read' });
    await patch(id, { scopes: ['groups:read'] });
    expect([await status(value), await write(), await anything()]).toEqual([403, 403, 403]);
    expect(await introspect(value)).toEqual({ active: false });
    await patch(id, { scopes: ['users:read', 'users:write'] });
    expect([await status(value), await write(), await anything()]).toEqual([200, 201, 200]);
  });

  it('dies before the answer that disables or revokes its token, or lets it expire', async () => {
    const [switched, shortened] = [await connect(), await connect()];
    const value = await issue(switched.id);
    expect(await status(value)).toBe(200);
    await patch(switched.id, { enabled: false });
    expect([await status(value), await refusal(value)]).toEqual([401, 'disabled disabled']);
    await patch(switched.id, { enabled: true });
    expect(await status(value)).toBe(200);
    await admin.delete(TOKENS + switched.id).expect(204);
    expect([await status(value), await refusal(value)]).toEqual([401, 'revoked revoked']);

    const other = await issue(shortened.id, { ttlMs: 6 * HOUR });
    expect(await status(other)).toBe(200);
    const soon = new Date(clock.now().getTime() + HOUR);
    await patch(shortened.id, { expires_at: soon.toISOString() });
    expect(await introspect(other)).toMatchObject({ exp: soon.getTime() / 1000 });
    clock.advance(HOUR);
    expect([await status(other), await refusal(other)]).toEqual([401, 'expired expired']);
  });

  it('dies before the answer that changes whom its token trusts, one that is being stored too', async () => {
    const trust = {
      issuer: 'https://login.microsoftonline.com/5d1f7a34-91c2-4b0e-8a6d-2f3c4e5b6a70/v2.0',
      subject: '8e2b4f60-3c17-4d8a-b5f9-0a7c6e1d9b24',
      audience: 'api://c0ffee12-7a4b-4d19-9e35-6b8d0a1f2c43',
    };
    const { id } = await connect({ auth_method: 'workload_identity', trust, expires_at: null });
    const value = await issue(id);
    const { exp, iat } = (await introspect(value)) as { exp: number; iat: number };
    expect(exp - iat).toBe(3600);
    await patch(id, { name: 'Microsoft Entra' });
    expect(await status(value)).toBe(200);
    await sql.query('BEGIN');
    await sql.query('SELECT FROM scim_tokens WHERE tenant_id = $2 AND id = $1 FOR SHARE', [
      uuidOfToken(id),
      tenant,
    ]);
    const late = await issue(id);
    const patched = patch(id, { trust: { ...trust, subject: 'another' } }).then(
      ({ status: code }) => code,
    );
    await oneWaitsForALock();
    await sql.query('COMMIT');
    expect(await patched).toBe(200);
    expect([await status(value), await status(late)]).toEqual([401, 401]);
    expect(await status(await issue(id))).toBe(200);
  });

  it('runs out at its own time, and the hint says what that means', async () => {
    const { id } = await connect();
    const value = await issue(id);
    clock.advance(HOUR - 1);
    expect(await status(value)).toBe(200);
    clock.advance(1);
    expect(await refusal(value)).toBe('expired access_token_ended');
    await host.app.get(LifecycleScan, { strict: false }).run();
    expect(await refusal(value)).toBe('unknown access_token_ended');
    expect(await refusal(mintAccessToken('scim').value)).toBe('unknown access_token_ended');
  });

  it('is let through only from where its token may be used', async () => {
    const { id } = await connect({ allowed_ips: ['198.51.100.0/24'] });
    const value = await issue(id);
    expect([await status(value), await refusal(value)]).toEqual([
      401,
      'ip_not_allowed ip_not_allowed',
    ]);
    await patch(id, { allowed_ips: ['127.0.0.0/8'] });
    expect(await status(value)).toBe(200);
  });

  it('is no other kind of value, nor is another kind one', async () => {
    const { id, client_secret: secret } = await connect();
    const value = await issue(id);
    const bearer = (await admin.post(TOKENS).send({ name: 'x' })).body.token as string;
    const rotated = await admin
      .post(`${TOKENS}${id}/rotate`)
      .send({ overlap_hours: 0 })
      .expect(201);
    for (const client of [secret, rotated.body.client_secret as string]) {
      expect(await refusal(client)).toBe('mismatch client_secret');
      expect(await status(client)).toBe(401);
      expect(await introspect(client)).toEqual({ active: false });
    }
    expect(await status(bearer)).toBe(200);
    for (const spelling of [respell(value, 'scim'), respell(value, 'otherat'), forge(value)]) {
      expect(await refusal(spelling)).toBe('mismatch mismatch');
    }
    // What its row does not say, its prefix does not make it.
    expect(await refusal(respell(bearer, 'scimat'))).toBe('mismatch mismatch');
    expect(await refusal(respell(secret, 'scimat'))).toBe('mismatch mismatch');
    expect(await status(value)).toBe(200);
  });

  it('is its own token’s, whoever imports its digest', async () => {
    const { id, client_secret: secret } = await connect();
    const value = await issue(id);
    const importer = `${tenant}_importer`;
    const tokens = [value, secret].map((text) => ({
      sha256: hash('sha256', text, 'hex'),
      name: 'not mine',
    }));
    for (const tenantId of [importer, tenant]) {
      await clientOf(host.url, superAdmin())
        .post(`${TOKENS}import`)
        .send({ tenant_id: tenantId, tokens });
    }
    expect(await status(value)).toBe(200);
    expect((await call(value)).status).toBe(200);
    expect(await refusal(value, importer)).toBe('tenant_mismatch tenant_mismatch');
    expect(await refusal(secret, importer)).toBe('tenant_mismatch tenant_mismatch');
    expect(await refusal(secret)).toBe('mismatch client_secret');
  });

  it('is another tenant’s at another tenant’s routes, and each learns its own side', async () => {
    const { id } = await connect();
    const value = await issue(id);
    const stranger = clientOf(host.url, tenantAdmin('tnt_stranger'));
    await stranger.post(TOKENS).send({ name: 'x' }).expect(201);
    expect((await call(value, { at: 'tnt_stranger' })).status).toBe(401);
    await host.app.get(UsageWriter, { strict: false }).flush();
    const hints = async (by: Client): Promise<string[]> =>
      (
        (await by.get(`${TOKENS}endpoint-info`)).body.authentication.recent_failures as {
          hint: string;
        }[]
      ).map(({ hint }) => hint);
    expect(await hints(stranger)).toEqual([expect.stringContaining('belongs to another tenant')]);
    expect(await hints(admin)).toEqual([expect.stringContaining('another tenant')]);
    expect((await stranger.post(`${TOKENS}identify`).send({ token: value })).body).toEqual(
      NOT_FOUND,
    );
  });

  it('counts as a use of its token, and of no secret', async () => {
    const { id } = await connect();
    await call(await issue(id));
    await call(await issue(id, { secretId: null }));
    const flush = () => host.app.get(UsageWriter, { strict: false }).flush({ all: true });
    await flush();
    expect((await admin.get(TOKENS + id)).body).toMatchObject({
      last_used_at: clock.now().toISOString(),
      last_used_ip: '127.0.0.1',
    });
    const { rows } = await sql.query(
      'SELECT last_used_at FROM scim_token_secrets WHERE token_id = $1',
      [uuidOfToken(id)],
    );
    expect(rows).toEqual([{ last_used_at: null }]);
    // A use of what is gone is dropped.
    await call(await issue(id));
    await sql.query('DELETE FROM scim_tokens WHERE id = $1', [uuidOfToken(id)]);
    await flush();
    expect(host.app.get(UsageBuffer, { strict: false }).isEmpty).toBe(true);
  });

  describe('through a rotation', () => {
    const rotate = async () => {
      const { id } = await connect();
      const old = await issue(id);
      await admin.post(`${TOKENS}${id}/rotate`).send({}).expect(201);
      return { id, old, fresh: await issue(id) };
    };

    it('outlives the secret that it was got with', async () => {
      const { id, old, fresh } = await rotate();
      expect([await status(old), await status(fresh)]).toEqual([200, 200]);
      await admin.post(`${TOKENS}${id}/rotation/complete`).expect(200);
      expect([await status(old), await status(fresh)]).toEqual([200, 200]);
      await admin.post(`${TOKENS}${id}/rotate`).send({ overlap_hours: 0 }).expect(201);
      expect([await status(old), await status(fresh)]).toEqual([200, 200]);
    });

    it('ends with that secret where the completion asks for it, and no other does', async () => {
      const { id, old, fresh } = await rotate();
      expect([await status(old), await status(fresh)]).toEqual([200, 200]);
      for (const wrong of ['yes please', 2]) {
        await admin
          .post(`${TOKENS}${id}/rotation/complete`)
          .send({ end_access_tokens: wrong })
          .expect(422);
      }
      await admin
        .post(`${TOKENS}${id}/rotation/complete`)
        .send({ end_access_tokens: true })
        .expect(200);
      expect([await status(old), await status(fresh)]).toEqual([401, 200]);
      expect(await refusal(old)).toBe('unknown access_token_ended');
      expect(await trail(id)).toMatchObject([
        {
          type: 'scim_token.rotation_completed',
          changes: { access_tokens_ended: { from: null, to: 1 } },
        },
        { type: 'scim_token.rotated' },
        { type: 'scim_token.created' },
      ]);
    });

    it.each([
      ['during the overlap', {}, 200],
      ['when it was rotated away', { overlap_hours: 0 }, 409],
    ])('ends with it where that secret turned up, %s', async (_, rotation, code) => {
      const { id, client_secret: leaked } = await connect();
      const old = await issue(id);
      await admin.post(`${TOKENS}${id}/rotate`).send(rotation).expect(201);
      const fresh = await issue(id);
      expect([await status(old), await status(fresh)]).toEqual([200, 200]);
      const answer = await admin
        .post(`${TOKENS}revoke-by-value`)
        .send({ token: leaked, reason: 'build log' });
      expect(answer.status).toBe(code);
      expect([await status(old), await status(fresh)]).toEqual([401, 200]);
      const [told] = (await trail(id)).filter(({ type }) => type === 'scim_token.leaked');
      expect(told).toMatchObject({ changes: { access_tokens_ended: { from: null, to: 1 } } });
    });
  });

  describe('that turned up', () => {
    const identify = (token: string) => admin.post(`${TOKENS}identify`).send({ token });
    const revoke = (token: string) =>
      admin.post(`${TOKENS}revoke-by-value`).send({ token, reason: 'build log' });
    const hand = (token: string) =>
      fetch(`${host.url}/api/v1/scim-tokens/revoke`, {
        method: 'POST',
        body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
      });
    const leaks = async (id: string) =>
      (await trail(id)).filter(({ type }) => type === 'scim_token.leaked');

    it.each([
      ['an administrator', revoke, 'admin@example.com', 'build log'],
      ['whoever holds it', hand, null, expect.any(String)],
    ])('dies alone by %s, once, and its token lives', async (_, end, actor, reason) => {
      const { id } = await connect();
      const [leaked, other] = [await issue(id), await issue(id)];
      expect([await status(leaked), await status(other)]).toEqual([200, 200]);
      expect((await identify(leaked)).body).toMatchObject({ id, status: 'active' });
      expect(await leaks(id)).toEqual([]);
      const version = (await admin.get(TOKENS + id)).headers.etag;

      expect((await end(leaked)).status).toBe(200);
      expect([await status(leaked), await status(other)]).toEqual([401, 200]);
      const now = await admin.get(TOKENS + id);
      expect(now.body).toMatchObject({ status: 'active', revoked_at: null });
      expect(now.headers.etag).toBe(version);
      expect(await leaks(id)).toMatchObject([
        {
          actor,
          changes: {
            kind: { from: null, to: 'access_token' },
            live: { from: null, to: true },
            reason: { from: null, to: reason },
            last_four: { from: null, to: leaked.slice(-4) },
          },
        },
      ]);
      expect(JSON.stringify(await trail(id))).not.toContain(leaked.slice(20));
      expect([(await identify(leaked)).body, (await revoke(leaked)).body]).toEqual([
        NOT_FOUND,
        NOT_FOUND,
      ]);
      expect((await hand(leaked)).status).toBe(200);
      expect(await leaks(id)).toHaveLength(1);
    });

    it('is recorded once where it has run out, and changes nothing where its token is revoked', async () => {
      const [{ id }, revoked] = [await connect(), await connect()];
      const [value, of] = [await issue(id), await issue(revoked.id, { ttlMs: 6 * HOUR })];
      clock.advance(HOUR);
      expect((await revoke(value)).body).toEqual(ENDED);
      expect((await revoke(value)).body).toEqual(NOT_FOUND);
      expect(await leaks(id)).toMatchObject([{ changes: { live: { to: false } } }]);
      await admin.delete(TOKENS + revoked.id).expect(204);
      expect((await identify(of)).body).toMatchObject({ id: revoked.id, status: 'revoked' });
      expect((await revoke(of)).body).toMatchObject({ id: revoked.id, status: 'revoked' });
      expect(await leaks(revoked.id)).toEqual([]);
    });

    it('ends once when it is handed in by many at once', async () => {
      const { id } = await connect();
      const value = await issue(id);
      const answers = await Promise.all(Array.from({ length: 6 }, () => revoke(value)));
      const codes = answers.map(({ status: code }) => code);
      expect(codes.filter((code) => code === 200)).toHaveLength(1);
      expect(codes.every((code) => [200, 404, 409].includes(code))).toBe(true);
      expect(await leaks(id)).toHaveLength(1);
    });
  });

  it('goes with its token: revoked with all of the tenant’s, purged with its row', async () => {
    const { id } = await connect();
    const value = await issue(id);
    expect(await status(value)).toBe(200);
    await clientOf(host.url, superAdmin())
      .post(`${TOKENS}revoke-all`)
      .send({ tenant_id: tenant, reason: 'incident' })
      .expect(200);
    expect(await refusal(value)).toBe('revoked revoked');
    await sql.query('DELETE FROM scim_tokens WHERE id = $1', [uuidOfToken(id)]);
    const { rowCount } = await sql.query(
      'SELECT FROM scim_token_access_tokens WHERE token_id = $1',
      [uuidOfToken(id)],
    );
    expect(rowCount).toBe(0);
  });

  it('ends also where it is being stored while a completion ends those of its secret', async () => {
    const { id } = await connect();
    await admin.post(`${TOKENS}${id}/rotate`).send({}).expect(201);
    const { rows } = await sql.query<{ id: string }>(
      'SELECT id FROM scim_token_secrets WHERE token_id = $1 AND expires_at IS NOT NULL',
      [uuidOfToken(id)],
    );
    await sql.query('BEGIN');
    await sql.query('SELECT FROM scim_tokens WHERE tenant_id = $2 AND id = $1 FOR SHARE', [
      uuidOfToken(id),
      tenant,
    ]);
    const value = await issue(id, { secretId: rows[0]!.id });
    const completed = admin
      .post(`${TOKENS}${id}/rotation/complete`)
      .send({ end_access_tokens: true })
      .then(({ status: code }) => code);
    await oneWaitsForALock();
    await sql.query('COMMIT');
    expect(await completed).toBe(200);
    expect(await status(value)).toBe(401);
  });

  it('lives on in no answer to a request that its end overtook', async () => {
    const fetchToken = async (id: string, secret: string): Promise<string[]> => {
      const answer = await fetch(`${host.url}/api/v1/scim-tokens/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: id,
          client_secret: secret,
        }),
      });
      const body = (await answer.json()) as { access_token?: string };
      return body.access_token === undefined ? [] : [body.access_token];
    };
    const fetched: string[] = [];
    for (let round = 0; round < 4; round++) {
      const { id, client_secret: old } = await connect();
      const next = (await admin.post(`${TOKENS}${id}/rotate`).send({}).expect(201)).body
        .client_secret as string;
      const fresh = fetchToken(id, next);
      const flood = Array.from({ length: 20 }, async (_, turn) => {
        if (turn !== 8) return fetchToken(id, old);
        await admin
          .post(`${TOKENS}${id}/rotation/complete`)
          .send({ end_access_tokens: true })
          .expect(200);
        return [];
      });
      const values = (await Promise.all(flood)).flat();
      for (const value of values) expect(await refusal(value)).toBe('unknown access_token_ended');
      const [kept = ''] = await fresh;
      expect(await status(kept)).toBe(200);
      expect(await fetchToken(id, old)).toEqual([]);
      // What passes at one door does not pass at the other.
      expect(await fetchToken(id, kept)).toEqual([]);
      fetched.push(...values);
    }
    expect(fetched.length).toBeGreaterThan(0);
  });

  it('is removed by the scan once it has run out, in batches, and no other is', async () => {
    const [one, two] = [await connect(), await connect()];
    const kept = await issue(one.id, { ttlMs: 2 * HOUR });
    for (const { id } of [one, two]) {
      await sql.query(
        `INSERT INTO scim_token_access_tokens
           (tenant_id, id, token_id, lookup_id, value_hash, last_four, scopes, issued_at, expires_at)
         SELECT t.tenant_id, gen_random_uuid(), t.id, gen_random_uuid(), '', '', '{users:read}', $2, $3
         FROM scim_tokens t, generate_series(1, 250) WHERE t.id = $1`,
        [uuidOfToken(id), clock.now(), new Date(clock.now().getTime() + HOUR)],
      );
    }
    const count = async (): Promise<number> =>
      (await sql.query('SELECT FROM scim_token_access_tokens WHERE tenant_id = $1', [tenant]))
        .rowCount!;
    const scan = () => host.app.get(LifecycleScan, { strict: false }).run();
    clock.advance(HOUR - 1);
    await scan();
    expect(await count()).toBe(501);
    clock.advance(1);
    await scan();
    expect(await count()).toBe(1);
    expect(await status(kept)).toBe(200);
    clock.advance(DAY);
    await scan();
    expect(await count()).toBe(0);
  });

  it('is one of less than three rows a connection where 10,000 connections fetch one an hour', async () => {
    const [shards, connections, everyMs] = [20, 10_000, HOUR / 4];
    await sql.query(
      `INSERT INTO scim_tokens (tenant_id, id, name, scopes, allowed_ips, enabled, expires_at, created_at, updated_at,
         created_by, version, auth_method, access_token_ttl_seconds)
       SELECT 'many_' || n % $1, gen_random_uuid(), 'many', '{users:read}', '{}', true, 'infinity', now(), now(),
         n, 1, 'client_credentials', 3600 FROM generate_series(1, $2::int) n`,
      [shards, connections],
    );
    const count = async (): Promise<number> => {
      const { rows } = await sql.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM scim_token_access_tokens WHERE tenant_id LIKE 'many\\_%'`,
      );
      return rows[0]!.count;
    };
    const counts: number[] = [];
    for (let quarter = 0; quarter < 16; quarter++) {
      await sql.query(
        `INSERT INTO scim_token_access_tokens
           (tenant_id, id, token_id, lookup_id, value_hash, last_four, scopes, issued_at, expires_at)
         SELECT tenant_id, gen_random_uuid(), id, gen_random_uuid(), '', '', scopes, $1, $2 FROM scim_tokens
         WHERE name = 'many' AND created_by::int / $3 % 4 = $4`,
        [clock.now(), new Date(clock.now().getTime() + HOUR), shards, quarter % 4],
      );
      clock.advance(everyMs);
      counts.push(await count());
      await host.app.get(LifecycleScan, { strict: false }).run();
    }
    expect(Math.max(...counts)).toBeLessThan(3 * connections);
    expect(await count()).toBeGreaterThan(connections / 2);
    await sql.query(`DELETE FROM scim_tokens WHERE name = 'many'`);
  });
});
