import { Client as PgClient } from 'pg';
import type { Clock } from '../../src/core/clock';
import { ScimTokenGuard, ScimTokenVerifier, type RefusalReason } from '../../src/index';
import { mintSecret } from '../../src/secrets/scim-token.secret';
import { ScimTokenRefusedError, type FailureHint } from '../../src/core/refusal';
import { UsageBuffer } from '../../src/usage/usage-buffer';
import { UsageWriter } from '../../src/usage/usage-writer';
import { startScimHost, type ScimHost } from '../support/scim-host';
import { clientOf, superAdmin, tenantAdmin, TOKENS } from '../support/test-app';
import { until } from '../support/until';

const DAY_MS = 86_400_000;

class MovableClock implements Clock {
  offset = 0;
  now(): Date {
    return new Date(Date.now() + this.offset);
  }
}

interface Created {
  id: string;
  token: string;
}

describe('The guard of SCIM routes', () => {
  let host: ScimHost;
  const clock = new MovableClock();
  beforeAll(async () => {
    host = await startScimHost({ clock });
  });
  afterAll(() => host.close());
  afterEach(() => {
    clock.offset = 0;
  });

  const admin = (tenant = 'tnt_a') => clientOf(host.url, tenantAdmin(tenant));
  const create = async (fields: object = {}, tenant = 'tnt_a'): Promise<Created> => {
    const made = await admin(tenant)
      .post(TOKENS)
      .send({ name: 'Okta', ...fields });
    expect(made.status).toBe(201);
    return made.body as Created;
  };
  const call = (authorization: string | null, tenant = 'tnt_a', init: RequestInit = {}) =>
    fetch(`${host.url}/tenants/${tenant}/scim/v2/Users`, {
      ...init,
      headers: authorization === null ? {} : { authorization },
    });
  const flush = () => host.app.get(UsageWriter, { strict: false }).flush();

  it('lets a good token pass and hands it to the handler', async () => {
    const { id, token } = await create();
    const first = await call(`Bearer ${token}`);
    expect(first.status).toBe(200);
    expect(await first.json()).toEqual({ token_id: id, tenant_id: 'tnt_a' });
    expect((await call(`bearer  ${token}`)).status).toBe(200);
    const write = await call(`Bearer ${token}`, 'tnt_a', { method: 'POST' });
    expect(await write.json()).toMatchObject({ scopes: expect.arrayContaining(['users:write']) });
  });

  it('lets a remembered token pass at once, until it is no longer good', async () => {
    const { id, token } = await create();
    const canActivate = jest.spyOn(ScimTokenGuard.prototype, 'canActivate');
    const passedAtOnce = () => canActivate.mock.results.at(-1)?.value === true;
    const outcomes: [number, boolean][] = [];
    const note = async () => {
      const { status } = await call(`Bearer ${token}`);
      outcomes.push([status, passedAtOnce()]);
    };
    await note();
    await note();
    for (const enabled of [false, true]) {
      await admin().patch(`${TOKENS}${id}`).send({ enabled }).expect(200);
      await note();
    }
    // What the change told other instances is heard here, too, and is forgotten once more.
    await until(async () => (await call(`Bearer ${token}`)).status === 200 && passedAtOnce());
    clock.offset = 400 * DAY_MS;
    await note();
    canActivate.mockRestore();
    expect(outcomes).toEqual([
      [200, false],
      [200, true],
      [401, false],
      [200, false],
      [401, false],
    ]);
  });

  it('answers every refusal with the same 401, byte for byte, a missing token included', async () => {
    const [good, foreign, revoked, disabled, expiring, bound] = await Promise.all([
      create(),
      create({}, 'tnt_b'),
      create(),
      create(),
      create({ expires_in_days: 1 }),
      create({ allowed_ips: ['203.0.113.0/24'] }),
    ]);
    await call(`Bearer ${revoked.token}`);
    await admin().delete(`${TOKENS}${revoked.id}`).expect(204);
    await admin().patch(`${TOKENS}${disabled.id}`).send({ enabled: false }).expect(200);
    const { value: unknown } = mintSecret('scim');
    const forged = mintSecret('scim').value.replace(/^scim_.{12}/, good.token.slice(0, 17));
    const refused = {
      missing: null,
      malformed: `Bearer ${good.token.slice(0, -1)}`,
      scheme: good.token,
      doubled: `Bearer Bearer ${good.token}`,
      jwt: `Bearer ${superAdmin()}`,
      unknown: `Bearer ${unknown}`,
      forged: `Bearer ${forged}`,
      foreign: `Bearer ${foreign.token}`,
      revoked: `Bearer ${revoked.token}`,
      disabled: `Bearer ${disabled.token}`,
      ip: `Bearer ${bound.token}`,
    };
    const seen = new Map<string, string>();
    for (const [name, authorization] of Object.entries(refused)) {
      for (const round of [1, 2])
        seen.set(`${name} ${round}`, await raw(await call(authorization)));
    }
    await call(`Bearer ${expiring.token}`);
    clock.offset = DAY_MS;
    seen.set('expired', await raw(await call(`Bearer ${expiring.token}`)));
    expect(new Set(seen.values()).size).toBe(1);
    const [answer] = seen.values();
    expect(JSON.parse(answer!)).toMatchObject({
      status: 401,
      headers: {
        'www-authenticate': 'Bearer realm="SCIM", error="invalid_token"',
        'content-type': 'application/scim+json; charset=utf-8',
      },
      body: {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status: '401',
      },
    });
    expect((await call(`Bearer ${good.token}`)).status).toBe(200);
  });

  it('answers a missing scope with 403 and names it', async () => {
    const { token } = await create({ scopes: ['users:read'] });
    const answer = await call(`Bearer ${token}`, 'tnt_a', { method: 'POST' });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer realm="SCIM", error="insufficient_scope", scope="users:read users:write"',
    );
    expect(await answer.json()).toMatchObject({ status: '403' });
  });

  it('refuses a token from its very expiry on, however freshly it was checked', async () => {
    const expiresAt = new Date(Date.now() + DAY_MS);
    const { token } = await create({ expires_at: expiresAt.toISOString() });
    expect((await call(`Bearer ${token}`)).status).toBe(200);
    clock.offset = DAY_MS + 1;
    expect((await call(`Bearer ${token}`)).status).toBe(401);
  });

  it('hears of every change before its answer', async () => {
    const { id, token } = await create();
    const status = async () => (await call(`Bearer ${token}`)).status;
    for (let round = 0; round < 5; round++) {
      expect(await status()).toBe(200);
      await admin().patch(`${TOKENS}${id}`).send({ enabled: false }).expect(200);
      expect(await status()).toBe(401);
      await admin().patch(`${TOKENS}${id}`).send({ enabled: true }).expect(200);
      expect(await status()).toBe(200);
      await admin()
        .patch(`${TOKENS}${id}`)
        .send({ scopes: ['groups:read'] })
        .expect(200);
      expect(await status()).toBe(403);
      await admin()
        .patch(`${TOKENS}${id}`)
        .send({ scopes: ['users:read'] })
        .expect(200);
    }
    await admin().delete(`${TOKENS}${id}`).expect(204);
    expect(await status()).toBe(401);
  });

  it('writes uses where the database takes no row of what failed', async () => {
    const { id, token } = await create({}, 'tnt_stuck');
    // The first use is written by itself.
    await call(`Bearer ${token}`, 'tnt_stuck');
    await flush();
    clock.offset = DAY_MS / 2;
    const since = clock.now().toISOString();
    await call(`Bearer ${token}`, 'tnt_stuck');
    const tooLong = 'x'.repeat(33) as FailureHint;
    const usage = host.app.get(UsageWriter, { strict: false });
    const refusal = new ScimTokenRefusedError('malformed', tooLong);
    usage.refused(refusal, clock.now().getTime(), { tenantId: 'tnt_stuck', ip: null });
    await flush();
    const { body } = await admin('tnt_stuck').get(`${TOKENS}${id}`);
    expect(body).toMatchObject({ last_used_ip: '127.0.0.1' });
    expect(body.last_used_at >= since).toBe(true);
    // It would stay for every flush to come; one that is under way puts it back.
    await flush();
    host.app.get(UsageBuffer, { strict: false }).failures.take();
  });

  it('tells administrators when, from where and by what a token was used, without touching its version', async () => {
    const { id, token } = await create();
    const read = async () => (await admin().get(`${TOKENS}${id}`)).body as object;
    const before = await read();
    expect(before).toMatchObject({ last_used_at: null, last_failure_at: null });
    await call(`Bearer ${token}`);
    await flush();
    expect(await read()).toEqual({
      ...before,
      last_used_at: expect.stringMatching(/Z$/),
      last_used_ip: '127.0.0.1',
      last_used_user_agent: 'node',
      health: { state: 'ok', since: expect.stringMatching(/Z$/), detail: null },
    });
  });

  it('tells a tenant what went wrong at its routes, and never of the other tenant', async () => {
    const mine = await create({}, 'tnt_f');
    const other = await create({}, 'tnt_g');
    await call(`Bearer ${other.token}`, 'tnt_f');
    await call(`Bearer "${mine.token}"`, 'tnt_f');
    await call(`Bearer Bearer ${mine.token}`, 'tnt_f');
    await call(mine.token, 'tnt_f');
    await call(`Bearer ${superAdmin()}`, 'tnt_f');
    await call(null, 'tnt_f');
    await call(null, 'tnt_f');
    await admin('tnt_f').patch(`${TOKENS}${mine.id}`).send({ enabled: false });
    await call(`Bearer ${mine.token}`, 'tnt_f');
    await call(null, 'tnt_without_tokens');
    await flush();
    const info = async (tenant: string) =>
      (await admin(tenant).get(`${TOKENS}endpoint-info`)).body.authentication.recent_failures as {
        reason: RefusalReason;
        hint: string;
        count: number;
        last_ip: string;
      }[];
    const failures = await info('tnt_f');
    const hint = (text: string) => failures.find((failure) => failure.hint.includes(text));
    expect(failures).toHaveLength(7);
    expect(hint('no token')).toMatchObject({ reason: 'malformed', count: 2, last_ip: '127.0.0.1' });
    expect(hint('Bearer Bearer')).toMatchObject({ count: 1 });
    expect(hint('quotes')).toMatchObject({ count: 1 });
    expect(hint('does not start with "Bearer "')).toMatchObject({ count: 1 });
    expect(hint('JWT of its own')).toMatchObject({ count: 1 });
    expect(hint('another tenant')).toMatchObject({ reason: 'tenant_mismatch' });
    expect(hint('switched off')).toMatchObject({ reason: 'disabled' });
    expect(await info('tnt_g')).toEqual([
      expect.objectContaining({
        reason: 'tenant_mismatch',
        hint: expect.stringContaining('used at'),
      }),
    ]);
    const token = (await admin('tnt_f').get(`${TOKENS}${mine.id}`)).body;
    expect(token).toMatchObject({ last_failure_reason: 'disabled' });
    const client = new PgClient(host.databaseUrl);
    await client.connect();
    const { rows } = await client.query('SELECT * FROM scim_token_auth_failures');
    await client.end();
    const named = JSON.stringify(rows);
    expect(named).not.toContain('tnt_without_tokens');
    expect(named).not.toContain(mine.token);
    expect(
      rows.find(({ tenant_id: id, token_id: of }) => id === 'tnt_f' && of === uuid(other.id)),
    ).toBe(undefined);
  });

  it.each([
    ['signed', 1_305, 3],
    ['signed', 15_000, 3],
    ['encrypted', 1_305, 5],
  ])("knows an identity provider's own JWT, %s, of %i characters", async (_, length, parts) => {
    const tenant = `tnt_jwt_${length}_${parts}`;
    await create({}, tenant);
    const ends = Array<string>(parts - 2)
      .fill('c2lnbmF0dXJl')
      .join('.');
    const header = 'eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9';
    const jwt = `${header}.${'e'.repeat(length - header.length - ends.length - 2)}.${ends}`;
    expect([jwt.length, (await call(`Bearer ${jwt}`, tenant)).status]).toEqual([length, 401]);
    await flush();
    const { body } = await admin(tenant).get(`${TOKENS}endpoint-info`);
    expect(body.authentication.recent_failures).toEqual([
      expect.objectContaining({ hint: expect.stringContaining('JWT of its own'), count: 1 }),
    ]);
  });

  it('rejects with the reason where the verifier is asked directly', async () => {
    const verifier = host.app.get(ScimTokenVerifier, { strict: false });
    const { id, token } = await create({ scopes: ['users:read'], allowed_ips: ['10.0.0.0/8'] });
    const verify = (value: string, options: object = {}) =>
      verifier.verify(value, { anyTenant: true, ip: '10.1.2.3', ...options });
    await expect(verify(token)).resolves.toMatchObject({ tokenId: id, tenantId: 'tnt_a' });
    await expect(verify(token, { ip: '::ffff:10.1.2.3' })).resolves.toBeDefined();
    await expect(verify(token, { ip: '::ffff:a01:203' })).resolves.toBeDefined();
    const reasons: [string, object, RefusalReason][] = [
      [token, { ip: undefined }, 'ip_not_allowed'],
      [token, { ip: 'nonsense' }, 'ip_not_allowed'],
      [token, { ip: '11.0.0.1' }, 'ip_not_allowed'],
      [token, { anyTenant: undefined, tenantId: 'tnt_b' }, 'tenant_mismatch'],
      [token, { scopes: ['users:write'] }, 'insufficient_scope'],
      ['x'.repeat(1_000_000), {}, 'malformed'],
      [mintSecret('acme').value, {}, 'unknown'],
    ];
    for (const [value, options, reason] of reasons) {
      await expect(verify(value, options)).rejects.toMatchObject({ reason });
    }
    await expect(verifier.verify(token, {} as never)).rejects.toThrow(
      'takes one of tenantId, tenantIds and anyTenant',
    );
  });
});

/** Everything a client sees of an answer, but what differs with time. */
async function raw(answer: Response): Promise<string> {
  const headers = Object.fromEntries(answer.headers);
  delete headers.date;
  return JSON.stringify({ status: answer.status, headers, body: await answer.json() });
}

function uuid(id: string): string {
  return id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
