import request from 'supertest';
import { DataSource } from 'typeorm';
import { FAILURE_HINTS, ScimTokenRefusedError, type FailureHint } from '../../src/core/refusal';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import { failureText } from '../../src/endpoint-info/texts/failure-text';
import { LifecycleScan } from '../../src/scan/lifecycle-scan';
import { UsageBuffer } from '../../src/usage/usage-buffer';
import { UsageRepository } from '../../src/usage/usage.repository';
import { UsageWriter } from '../../src/usage/usage-writer';
import { ScimTokenVerifier } from '../../src/verification/scim-token.verifier';
import { uuidOfToken } from '../support/access-tokens';
import { DAY, HOUR, MovingClock, SECOND } from '../support/moving-clock';
import { LINKS, makeLink, SETUP, type HeldLink } from '../support/setup-links';
import {
  clientOf,
  mintJwt,
  startTestApp,
  tenantAdmin,
  TOKENS,
  type Client,
  type TestApp,
} from '../support/test-app';

const MINUTE = 60 * SECOND;

interface Check {
  readonly state: string;
  readonly since: string | null;
  readonly failures: readonly { readonly hint: string; readonly count: number }[];
}

describe('How far a connection is', () => {
  let app: TestApp;
  let second: TestApp;
  let clock: MovingClock;
  let admin: Client;
  let tenant: string;
  let tenants = 0;

  beforeAll(async () => {
    clock = new MovingClock();
    const options = {
      clock,
      directory: new FileTenantDirectory(
        Array.from({ length: 40 }, (_, index) => ({ id: `tnt_${index}` })),
      ),
      env: { RATE_LIMIT_PER_MINUTE: '100000' },
    };
    app = await startTestApp(options);
    second = await startTestApp({ ...options, databaseUrl: app.databaseUrl });
  });
  afterAll(async () => {
    await second.close();
    await app.close();
  });
  beforeEach(() => {
    tenant = `tnt_${tenants++}`;
    admin = app.as(tenantAdmin(tenant));
    clock.advance(MINUTE);
  });

  const linkFor = (fields: object = {}): Promise<HeldLink> => makeLink(admin, fields);
  const make = async ({ secret }: HeldLink, fields: object = {}) =>
    (
      await clientOf(app.url, secret)
        .post(`${SETUP}/token`)
        .send({ provider: 'okta', ...fields })
        .expect(201)
    ).body as { token: string; client_id: string; client_secret: string };
  const check = async ({ secret }: HeldLink, at = app): Promise<Check> =>
    ((await clientOf(at.url, secret).get(SETUP).expect(200)).body as { check: Check }).check;
  const flush = (at = app) => at.provider(UsageWriter).flush();
  const present = async (value: string, at = app): Promise<void> => {
    await at
      .provider(ScimTokenVerifier)
      .verify(value, { tenantId: tenant })
      .catch(() => undefined);
    await flush(at);
  };
  const refuse = (hint: FailureHint, whose = tenant): void => {
    app
      .provider(UsageWriter)
      .refused(new ScimTokenRefusedError('malformed', hint), clock.now().getTime(), {
        tenantId: whose,
      });
  };
  const status = async ({ id }: HeldLink): Promise<unknown> =>
    ((await admin.get(`${LINKS}/${id}`)).body as { status: unknown }).status;
  const completions = async (): Promise<number> => {
    const { body } = await admin.get(`${TOKENS}events?type=scim_token.setup_link_completed`);
    return (body as { items: object[] }).items.length;
  };

  it('goes from not_started to synced, and never back, whatever is refused', async () => {
    const link = await linkFor();
    expect(await check(link)).toMatchObject({ state: 'not_started', since: null });
    const { token } = await make(link);
    const madeAt = clock.now().toISOString();
    expect(await check(link)).toMatchObject({ state: 'waiting', since: madeAt, failures: [] });

    clock.advance(SECOND);
    const refusedAt = clock.now().toISOString();
    await present(`"${token}"`);
    clock.advance(SECOND);
    await present(`"${token}"`);
    expect(await check(link)).toMatchObject({
      state: 'failing',
      since: refusedAt,
      failures: [{ hint: 'quoted', count: 2, last_at: clock.now().toISOString() }],
    });

    clock.advance(SECOND);
    const connectedAt = clock.now().toISOString();
    await present(token);
    expect(await check(link)).toMatchObject({ state: 'connected', since: connectedAt });
    clock.advance(9 * MINUTE);
    await present(token);
    await present(`${token} x`);
    expect(await check(link)).toMatchObject({
      state: 'connected',
      since: connectedAt,
      failures: [{ hint: 'white_space' }, { hint: 'quoted' }],
    });

    clock.advance(MINUTE);
    await present(token);
    expect(await check(link)).toMatchObject({ state: 'synced', since: clock.now().toISOString() });
    expect([await status(link), await completions()]).toEqual(['completed', 1]);
  });

  it('lists every kind of failure in the words of its language', async () => {
    const link = await linkFor({ language: 'fr' });
    await make(link);
    const hints = Object.keys(FAILURE_HINTS) as FailureHint[];
    for (const hint of hints) refuse(hint);
    await flush();
    const { failures } = await check(link);
    const expected = hints.map((hint) => ({
      hint,
      text: failureText(hint, 'fr'),
      count: 1,
      last_at: clock.now().toISOString(),
    }));
    expect(failures).toEqual(expect.arrayContaining(expected));
    expect(failures).toHaveLength(hints.length);
  });

  it('counts nothing from before the value, and nothing of another tenant', async () => {
    const link = await linkFor();
    refuse('quoted');
    await flush();
    await make(link);
    refuse('missing', `${tenant}x`);
    await flush();
    expect(await check(link)).toMatchObject({ state: 'waiting', failures: [] });
    clock.advance(SECOND);
    refuse('no_bearer');
    await flush();
    expect(await check(link)).toMatchObject({ failures: [{ hint: 'no_bearer', count: 1 }] });
    clock.advance(SECOND);
    await make(link, { replace: true });
    expect(await check(link)).toMatchObject({ state: 'waiting', failures: [] });
  });

  it('begins anew with another value, which a use of the old one does not connect', async () => {
    const link = await linkFor();
    const first = await make(link);
    await present(first.token);
    clock.advance(10 * MINUTE);
    await present(first.token);
    expect(await check(link)).toMatchObject({ state: 'synced' });
    clock.advance(SECOND);
    const next = await make(link, { replace: true });
    clock.advance(20 * MINUTE);
    await present(first.token);
    expect(await check(link)).toMatchObject({ state: 'waiting' });
    await present(next.token);
    clock.advance(10 * MINUTE);
    await present(next.token);
    expect(await check(link)).toMatchObject({ state: 'synced' });
    expect([await status(link), await completions()]).toEqual(['completed', 1]);
  });

  it('is not that of an older value, which works alone again after the change-over was cancelled', async () => {
    const { body } = await admin.post(TOKENS).send({ name: 'HR' }).expect(201);
    const old = body as { id: string; token: string };
    await present(old.token);
    const link = await linkFor({ token_id: old.id });
    clock.advance(SECOND);
    await make(link);
    await admin.delete(`${TOKENS}${old.id}/rotation`).expect(200);
    await present(old.token);
    expect(await check(link)).toMatchObject({ state: 'waiting' });
  });

  it('is what another instance saw, whose next use need not wait for its minute', async () => {
    const link = await linkFor();
    const { token } = await make(link);
    await present(token, second);
    expect(await check(link)).toMatchObject({ state: 'connected' });
    clock.advance(SECOND);
    const buffer = second.provider(UsageBuffer);
    await second.provider(ScimTokenVerifier).verify(token, { tenantId: tenant });
    expect(buffer.isEmpty).toBe(false);
    await flush(second);
    expect(buffer.isEmpty).toBe(true);
    clock.advance(10 * MINUTE);
    await Promise.all([present(token, second), present(token)]);
    expect(await check(link, second)).toMatchObject({ state: 'synced' });
    expect(await completions()).toBe(1);
  });

  it('is noted by the scan where who wrote the use stopped before it did', async () => {
    const link = await linkFor();
    const { token } = await make(link);
    // From a buffer of its own: this app would note what it writes of its own at its next flush.
    const [secret] = await app.provider(DataSource).query<[{ secretId: string; tokenId: string }]>(
      `SELECT id AS "secretId", token_id AS "tokenId" FROM scim_token_secrets
       WHERE tenant_id = $1 AND lookup_id = $2`,
      [tenant, token.slice(5, 17)],
    );
    const write = async (): Promise<void> => {
      const buffer = new UsageBuffer();
      const now = clock.now().getTime();
      buffer.use({ ...secret, tenantId: tenant, isUnused: false }, now, {});
      await app.provider(UsageRepository).writeUses(buffer.dueUses(now, 100, true));
    };
    await write();
    expect(await check(link)).toMatchObject({ state: 'connected' });
    clock.advance(10 * MINUTE);
    await write();
    expect(await check(link)).toMatchObject({ state: 'synced' });
    expect([await status(link), await completions()]).toEqual(['used', 0]);
    await Promise.all([app, second].map((one) => one.provider(LifecycleScan).run()));
    expect([await status(link), await completions()]).toEqual(['completed', 1]);
  });

  it('is seen of a client: its first access token, and what that is used for', async () => {
    const link = await linkFor();
    const client = await make(link, { provider: 'entra', auth_method: 'client_credentials' });
    const { body } = await request(app.url)
      .post('/api/v1/scim-tokens/oauth/token')
      .type('form')
      .send({ ...client, token: undefined, grant_type: 'client_credentials' })
      .expect(200);
    await flush();
    expect(await check(link)).toMatchObject({ state: 'connected' });
    clock.advance(10 * MINUTE);
    await present((body as { access_token: string }).access_token);
    expect(await check(link)).toMatchObject({ state: 'synced' });
  });

  it('is seen of a workload identity, by its uses since it is trusted', async () => {
    const link = await linkFor();
    const trust = {
      issuer: 'https://login.microsoftonline.com/0b1e2c3d-4f5a-4b6c-8d7e-9f0a1b2c3d4e/v2.0',
      subject: 'x',
      audience: 'y',
    };
    const entra = { provider: 'entra', auth_method: 'workload_identity' };
    const { client_id: id } = await make(link, { ...entra, trust });
    const use = async (): Promise<void> => {
      const secret = {
        secretId: null,
        tokenId: uuidOfToken(id),
        tenantId: tenant,
        isUnused: false,
      };
      app.provider(UsageWriter).used(secret, clock.now().getTime(), {});
      await flush();
    };
    const connectedAt = clock.now().toISOString();
    await use();
    clock.advance(5 * MINUTE);
    await use();
    expect(await check(link)).toMatchObject({ state: 'connected', since: connectedAt });
    clock.advance(SECOND);
    await make(link, { ...entra, trust: { ...trust, subject: 'z' }, replace: true });
    expect(await check(link)).toMatchObject({ state: 'waiting' });
    clock.advance(MINUTE);
    await use();
    clock.advance(10 * MINUTE);
    await use();
    expect(await check(link)).toMatchObject({ state: 'synced' });
  });

  it('takes an accepted introspection for a use', async () => {
    const link = await linkFor();
    const { token } = await make(link);
    const server = mintJwt({ scope: 'scim:introspect' });
    const asked = app.as(server).post('/api/v1/scim-tokens/introspect').type('form');
    expect((await asked.send({ token })).body).toMatchObject({ active: true });
    await flush();
    expect(await check(link)).toMatchObject({ state: 'connected' });
  });

  it('can be asked for until a day after it synced', async () => {
    const link = await linkFor({ expires_in_hours: 720 });
    const { token } = await make(link);
    await present(token);
    clock.advance(HOUR);
    await present(token);
    clock.advance(DAY - SECOND);
    expect(await check(link)).toMatchObject({ state: 'synced' });
    clock.advance(SECOND);
    const ended = await clientOf(app.url, link.secret).get(SETUP).expect(401);
    expect(ended.body).toEqual({ detail: 'Invalid or expired setup link' });
  });

  it('can be asked for 120 times a minute by a link, whatever the limit of others', async () => {
    const [link, other] = [await linkFor(), await linkFor()];
    const answers = await Promise.all(
      Array.from({ length: 122 }, () => clientOf(app.url, link.secret).get(SETUP)),
    );
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused).toHaveLength(2);
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
    await check(other);
  });

  it('can be asked for without a limit where there is none, and not at all where links are off', async () => {
    const link = await linkFor();
    await check(link);
    const env = (more: object) => ({ clock, databaseUrl: app.databaseUrl, env: { ...more } });
    const free = await startTestApp(env({ RATE_LIMIT_PER_MINUTE: '0' }));
    const off = await startTestApp(env({ SETUP_ENABLED: 'false' }));
    try {
      const answers = await Promise.all(
        Array.from({ length: 125 }, () => clientOf(free.url, link.secret).get(SETUP)),
      );
      expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
      const bearer = `Bearer ${link.secret}`;
      await request(off.url).get(SETUP).set('Authorization', bearer).expect(404);
      await request(off.url).post(`${SETUP}/token`).set('Authorization', bearer).expect(404);
    } finally {
      await Promise.all([free.close(), off.close()]);
    }
  });
});
