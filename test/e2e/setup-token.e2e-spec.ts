import { setImmediate } from 'node:timers/promises';
import request from 'supertest';
import { verifyAuditTrail } from '../../src/audit/verify-audit-trail';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import { SCIM_TOKENS_DATA_SOURCE } from '../../src/database/scim-tokens-data-source';
import { ClientsRepository } from '../../src/oauth/clients.repository';
import { UsageBuffer } from '../../src/usage/usage-buffer';
import { ScimTokenVerifier } from '../../src/verification/scim-token.verifier';
import { UsageWriter } from '../../src/usage/usage-writer';
import { uuidOfToken } from '../support/access-tokens';
import { DAY, HOUR, MovingClock, SECOND } from '../support/moving-clock';
import { LINKS, makeLink, SETUP, type HeldLink } from '../support/setup-links';
import {
  clientOf,
  startTestApp,
  tenantAdmin,
  TOKENS,
  type Client,
  type TestApp,
} from '../support/test-app';
import { until } from '../support/until';

const TRUST = {
  issuer: 'https://login.microsoftonline.com/0b1e2c3d-4f5a-4b6c-8d7e-9f0a1b2c3d4e/v2.0',
  subject: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  audience: 'api://6f1d2b3c-8a9e-4c5d-b7f6-1e2d3c4b5a69/.default',
};

interface Made {
  readonly connection: { readonly id: string; readonly rotation: object | null };
  readonly token: string;
  readonly client_id: string;
  readonly client_secret: string;
}

interface Token {
  readonly id: string;
  readonly [member: string]: unknown;
}

describe('What a setup link makes', () => {
  let app: TestApp;
  /** Another instance, which writes uses down within the test only where it does so at once. */
  let other: TestApp;
  let clock: MovingClock;
  let admin: Client;
  let tenant: string;
  let tenants = 0;

  beforeAll(async () => {
    clock = new MovingClock();
    const directory = new FileTenantDirectory(
      Array.from({ length: 60 }, (_, index) => ({ id: `tnt_${index}`, max_ttl_days: 400 })),
    );
    app = await startTestApp({ clock, directory });
    const env = { SETUP_ENABLED: 'false', SCIM_TOKEN_USAGE_FLUSH_SECONDS: '3600' };
    other = await startTestApp({ clock, directory, databaseUrl: app.databaseUrl, env });
  });
  afterAll(async () => {
    await other.close();
    await app.close();
  });
  beforeEach(() => {
    tenant = `tnt_${tenants++}`;
    admin = app.as(tenantAdmin(tenant));
  });

  const linkFor = (fields: object = {}): Promise<HeldLink> => makeLink(admin, fields);
  const post = ({ secret }: HeldLink, body: object) =>
    clientOf(app.url, secret).post(`${SETUP}/token`).send(body);
  const make = async (link: HeldLink, body: object): Promise<Made> =>
    (await post(link, body).expect(201)).body as Made;
  const read = async ({ secret }: HeldLink) =>
    (await clientOf(app.url, secret).get(SETUP).expect(200)).body as Record<string, never>;
  const wrong = (answer: request.Response): unknown =>
    (answer.body as { detail: { loc: unknown; msg: unknown }[] }).detail.map(({ loc, msg }) => [
      loc,
      msg,
    ]);
  const token = async ({ connection: { id } }: Made): Promise<Token> =>
    (await admin.get(TOKENS + id).expect(200)).body as Token;
  const all = async (query = ''): Promise<Token[]> =>
    ((await admin.get(TOKENS + query)).body as { items: Token[] }).items;
  const types = async (): Promise<string[]> => {
    const { body } = await admin.get(`${TOKENS}events`);
    return (body as { items: { type: string }[] }).items.map(({ type }) => type).reverse();
  };
  /** Presents a value as a provider would; whether it is taken. */
  const works = async (value: string): Promise<boolean> => {
    try {
      await app.provider(ScimTokenVerifier).verify(value, { tenantId: tenant });
      return true;
    } catch {
      return false;
    }
  };
  /** The same, with the use written down. */
  const use = async (value: string): Promise<void> => {
    expect(await works(value)).toBe(true);
    await app.provider(UsageWriter).flush({ all: true });
  };

  describe('the first time', () => {
    it('is a token with a value, shown once, of which the trail names the link', async () => {
      const link = await linkFor({ provider: 'okta' });
      const answer = await post(link, { provider: 'okta' }).expect(201);
      expect(answer.headers['cache-control']).toBe('no-store');
      const made = answer.body as Made;
      expect(made).toEqual({
        connection: {
          id: expect.stringMatching(/^sct_/),
          name: 'Okta',
          auth_method: 'bearer',
          client_id: null,
          last_four: made.token.slice(-4),
          status: 'active',
          expires_at: new Date(clock.now().getTime() + 365 * DAY).toISOString(),
          first_used_at: null,
          last_used_at: null,
          health: { state: 'unused', since: clock.now().toISOString(), detail: null },
          rotation: null,
          trust: null,
        },
        token: expect.stringMatching(/^scim_/),
        client_id: null,
        client_secret: null,
        token_endpoint: null,
        expires_at: new Date(clock.now().getTime() + 365 * DAY).toISOString(),
      });
      expect(await works(made.token)).toBe(true);
      expect(await token(made)).toMatchObject({
        created_by: `setup:${link.id}`,
        tenant_id: tenant,
      });
      const shown = JSON.stringify([await read(link), await token(made), app.logs()]);
      expect(shown).not.toContain(made.token.slice(-30));
      expect(shown).not.toContain(link.secret.slice(-30));
      expect((await admin.get(`${LINKS}/${link.id}`)).body).toMatchObject({
        status: 'used',
        token_id: made.connection.id,
      });
    });

    it('is a client with its id, secret and token endpoint', async () => {
      const made = await make(await linkFor(), {
        provider: 'entra',
        auth_method: 'client_credentials',
      });
      expect(made).toMatchObject({
        connection: { name: 'Microsoft Entra ID', auth_method: 'client_credentials' },
        token: null,
        client_id: made.connection.id,
        client_secret: expect.stringMatching(/^scim_/),
        token_endpoint: expect.stringMatching(/\/api\/v1\/scim-tokens\/oauth\/token$/),
      });
    });

    it('is whom to trust, without a secret, by the method to take where none is named', async () => {
      const link = await linkFor();
      const missing = await post(link, { provider: 'entra' }).expect(422);
      expect(wrong(missing)).toEqual([[['body', 'trust'], 'Field required']]);
      const issuer = 'https://evil.example.com';
      const evil = await post(link, { provider: 'entra', trust: { ...TRUST, issuer } });
      expect(wrong(evil)).toEqual([
        [['body', 'trust', 'issuer'], 'Value error, issuer is not trusted here'],
      ]);
      const made = await make(link, { provider: 'entra', trust: TRUST });
      expect(made).toMatchObject({
        connection: { auth_method: 'workload_identity', trust: TRUST, last_four: null },
        token: null,
        client_secret: null,
        client_id: made.connection.id,
      });
    });

    it('has what the link says, and no more', async () => {
      const bounds = {
        name: 'HR',
        scopes: ['users:read'],
        allowed_ips: ['192.0.2.0/24'],
        expires_in_days: 30,
      };
      const link = await linkFor({ token: bounds });
      const more = await post(link, { provider: 'okta', scopes: ['users:write'], name: 'x' });
      expect(wrong(more)).toEqual([
        [['body', 'scopes'], 'Extra inputs are not permitted'],
        [['body', 'name'], 'Extra inputs are not permitted'],
      ]);
      const made = await make(link, { provider: 'okta' });
      const { expires_in_days: days, ...fields } = bounds;
      expect(await token(made)).toMatchObject({
        ...fields,
        expires_at: new Date(clock.now().getTime() + days * DAY).toISOString(),
      });
    });

    it('is refused for another provider or method than the link’s, at that field', async () => {
      const link = await linkFor({ provider: 'entra', auth_method: 'client_credentials' });
      expect(wrong(await post(link, { provider: 'okta' }).expect(422))).toEqual([
        [['body', 'provider'], "Input should be 'entra'"],
      ]);
      expect(
        wrong(await post(link, { provider: 'entra', auth_method: 'bearer' }).expect(422)),
      ).toEqual([[['body', 'auth_method'], "Input should be 'client_credentials'"]]);
      const open = await linkFor();
      expect(
        wrong(await post(open, { provider: 'okta', auth_method: 'client_credentials' })),
      ).toEqual([[['body', 'auth_method'], "Input should be 'bearer'"]]);
      expect(wrong(await post(open, {}).expect(422))).toEqual([
        [['body', 'provider'], 'Field required'],
      ]);
      expect(await all()).toEqual([]);
    });

    it('is one token for two requests at once', async () => {
      const link = await linkFor();
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => post(link, { provider: 'okta' })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
      expect(await all()).toHaveLength(1);
    });
  });

  describe('a second time', () => {
    it('is refused unless it is to be replaced', async () => {
      const link = await linkFor();
      const made = await make(link, { provider: 'okta' });
      const again = await post(link, { provider: 'okta' }).expect(409);
      expect(again.body).toEqual({ detail: 'Setup link has made a value already' });
      expect(await works(made.token)).toBe(true);
    });

    it('replaces at once what was never used', async () => {
      const link = await linkFor();
      const first = await make(link, { provider: 'okta' });
      const second = await make(link, { provider: 'okta', replace: true });
      expect(second.connection).toMatchObject({ id: first.connection.id, rotation: null });
      expect([await works(first.token), await works(second.token)]).toEqual([false, true]);
      expect(await all()).toHaveLength(1);
    });

    it('rotates with the usual overlap what is in use', async () => {
      const link = await linkFor({ token: { expires_in_days: 90 } });
      const first = await make(link, { provider: 'okta' });
      // Its use is not written down yet.
      expect(await works(first.token)).toBe(true);
      const second = await make(link, { provider: 'okta', replace: true });
      expect(second.connection).toMatchObject({
        id: first.connection.id,
        rotation: { previous_expires_at: new Date(clock.now().getTime() + DAY).toISOString() },
        expires_at: new Date(clock.now().getTime() + 90 * DAY).toISOString(),
      });
      expect(await works(first.token)).toBe(true);
      expect((await read(link)).check).toMatchObject({ state: 'waiting' });
      expect(await works(second.token)).toBe(true);
    });

    it('rotates what another instance has just seen for the first time', async () => {
      const link = await linkFor();
      const first = await make(link, { provider: 'okta' });
      await other.provider(ScimTokenVerifier).verify(first.token, { tenantId: tenant });
      await until(async () => (await token(first)).last_used_at !== null);
      const second = await make(link, { provider: 'okta', replace: true });
      expect(second.connection.rotation).not.toBeNull();
      expect([await works(first.token), await works(second.token)]).toEqual([true, true]);
    });

    it('hears at once of first uses, a client’s and a workload’s too, and of them alone', async () => {
      const seen = (made: Made) => until(async () => (await token(made)).last_used_at !== null);
      const [usage, buffer] = [other.provider(UsageWriter), other.provider(UsageBuffer)];
      const bearer = await make(await linkFor(), { provider: 'okta' });
      const present = () =>
        other.provider(ScimTokenVerifier).verify(bearer.token, { tenantId: tenant });
      await present();
      await seen(bearer);
      clock.advance(SECOND);
      await present();
      await setImmediate();
      // Waits for what is under way, and begins nothing.
      await usage.flush({ until: 0 });
      expect(buffer.isEmpty).toBe(false);

      const asked = { provider: 'entra', auth_method: 'client_credentials' };
      const client = await make(await linkFor(), asked);
      const { client_id, client_secret } = client;
      await request(other.url)
        .post('/api/v1/scim-tokens/oauth/token')
        .type('form')
        .send({ grant_type: 'client_credentials', client_id, client_secret })
        .expect(200);
      await seen(client);

      const workload = await make(await linkFor(), { provider: 'entra', trust: TRUST });
      const tokenId = uuidOfToken(workload.connection.id);
      const clients = other.provider(ClientsRepository);
      const areUnused = async () =>
        [
          await clients.find(tokenId, null),
          ...(await clients.findWorkloadIdentities(tenant, 5)),
        ].map((found) => found?.is_unused);
      expect(await areUnused()).toEqual([true, true]);
      const used = { tokenId, tenantId: tenant, secretId: null, isUnused: true };
      usage.used(used, clock.now().getTime(), {});
      await seen(workload);
      expect(await areUnused()).toEqual([false, false]);
    });

    it('starts a rotation again whose new value nobody used: the old one works on', async () => {
      const link = await linkFor();
      const first = await make(link, { provider: 'okta' });
      await use(first.token);
      const second = await make(link, { provider: 'okta', replace: true });
      clock.advance(HOUR);
      const third = await make(link, { provider: 'okta', replace: true });
      expect(
        await Promise.all([first, second, third].map(({ token: value }) => works(value))),
      ).toEqual([true, false, true]);
      expect(third.connection.rotation).toEqual({
        previous_expires_at: new Date(clock.now().getTime() + DAY).toISOString(),
      });
      expect((await types()).slice(-2)).toEqual([
        'scim_token.rotation_cancelled',
        'scim_token.rotated',
      ]);
    });

    it('completes a rotation whose new value is in use, and rotates that', async () => {
      const link = await linkFor();
      const first = await make(link, { provider: 'okta' });
      await use(first.token);
      const second = await make(link, { provider: 'okta', replace: true });
      clock.advance(SECOND);
      await use(second.token);
      const third = await make(link, { provider: 'okta', replace: true });
      expect(
        await Promise.all([first, second, third].map(({ token: value }) => works(value))),
      ).toEqual([false, true, true]);
    });

    it('takes back the old value where that was used since', async () => {
      const link = await linkFor();
      const first = await make(link, { provider: 'okta' });
      await use(first.token);
      const second = await make(link, { provider: 'okta', replace: true });
      await use(second.token);
      clock.advance(SECOND);
      await use(first.token);
      const third = await make(link, { provider: 'okta', replace: true });
      expect(
        await Promise.all([first, second, third].map(({ token: value }) => works(value))),
      ).toEqual([true, false, true]);
    });

    it('ends what was never used for another provider or method, and makes that', async () => {
      const link = await linkFor();
      const first = await make(link, { provider: 'okta' });
      const second = await make(link, { provider: 'entra', auth_method: 'bearer', replace: true });
      const third = await make(link, {
        provider: 'entra',
        trust: TRUST,
        replace: true,
        auth_method: 'workload_identity',
      });
      expect(new Set([first, second, third].map(({ connection }) => connection.id)).size).toBe(3);
      expect((await all()).map(({ id }) => id)).toEqual([third.connection.id]);
      expect(await all('?status=revoked')).toHaveLength(2);
      expect(await token(first)).toMatchObject({
        revoked_by: `setup:${link.id}`,
        revocation_reason: 'Replaced on the setup page',
      });
      expect(await read(link)).toMatchObject({
        provider: 'entra',
        connection: { id: third.connection.id },
      });
    });

    it('is refused for another method while the first is in use', async () => {
      const link = await linkFor();
      const first = await make(link, { provider: 'entra', auth_method: 'bearer' });
      await use(first.token);
      const asked = { provider: 'entra', auth_method: 'client_credentials', replace: true };
      const answer = await post(link, asked).expect(409);
      expect(answer.body).toEqual({ detail: 'SCIM token is in use with another method' });
      expect(await works(first.token)).toBe(true);
    });

    it('trusts another workload in the place of the first, on the same token', async () => {
      const link = await linkFor();
      const first = await make(link, { provider: 'entra', trust: TRUST });
      const trust = { ...TRUST, subject: '0a1b2c3d-0000-4000-8000-000000000000' };
      clock.advance(DAY);
      const second = await make(link, { provider: 'entra', trust, replace: true });
      expect(second.connection).toMatchObject({
        id: first.connection.id,
        trust,
        expires_at: new Date(clock.now().getTime() + 365 * DAY).toISOString(),
      });
      await make(link, { provider: 'entra', trust, replace: true });
      expect(await all()).toHaveLength(1);
    });

    it('is refused where an administrator revoked the token: the link makes no other', async () => {
      const link = await linkFor();
      const made = await make(link, { provider: 'okta' });
      await admin.delete(TOKENS + made.connection.id).expect(204);
      const again = await post(link, { provider: 'okta', replace: true }).expect(409);
      expect(again.body).toEqual({ detail: 'SCIM token is revoked' });
      expect(await read(link)).toMatchObject({ connection: { status: 'revoked' } });
    });
  });

  describe('for a token that is to be renewed', () => {
    const existing = async (fields: object = {}): Promise<Token & { token: string }> =>
      (
        await admin
          .post(TOKENS)
          .send({ name: 'HR', ...fields })
          .expect(201)
      ).body as never;

    it('is a new value beside the one in use, the first time without being asked to replace', async () => {
      const old = await existing({ scopes: ['users:read'] });
      await use(old.token);
      const link = await linkFor({ token_id: old.id });
      expect(await read(link)).toMatchObject({
        link: { renews: true, auth_method: 'bearer' },
        connection: { id: old.id },
        check: { state: 'not_started' },
      });
      clock.advance(HOUR);
      const made = await make(link, { provider: 'okta' });
      expect(made.connection).toMatchObject({ id: old.id, rotation: expect.any(Object) });
      expect([await works(old.token), await works(made.token)]).toEqual([true, true]);
      expect(await token(made)).toMatchObject({ name: 'HR', scopes: ['users:read'] });
      await post(link, { provider: 'okta' }).expect(409);
      expect(await all()).toHaveLength(1);
    });

    it('stays its method, used or not', async () => {
      const old = await existing();
      const link = await linkFor({ token_id: old.id });
      const other = { provider: 'entra', auth_method: 'client_credentials' };
      expect(wrong(await post(link, other).expect(422))).toEqual([
        [['body', 'auth_method'], "Input should be 'bearer'"],
      ]);
      await make(link, { provider: 'onelogin' });
      await make(link, { provider: 'okta', replace: true });
      expect((await all()).map(({ id }) => id)).toEqual([old.id]);
    });

    it('makes it known for whom the token is', async () => {
      const old = await existing();
      await use(old.token);
      const link = await linkFor({ token_id: old.id });
      const made = await make(link, { provider: 'okta' });
      expect(await token(made)).toMatchObject({ provider: 'okta' });
      expect(await read(link)).toMatchObject({ provider: 'okta', providers: { length: 11 } });
      await use(made.token);
      // Chosen by mistake, or the customer changes over.
      await make(link, { provider: 'onelogin', replace: true });
      expect(await token(made)).toMatchObject({ provider: 'onelogin' });
      const trail = await admin.get(`${TOKENS}${old.id}/events?type=scim_token.rotated`);
      expect(trail.body.items).toMatchObject([
        { changes: { provider: { from: 'okta', to: 'onelogin' } } },
        { changes: { provider: { from: null, to: 'okta' } } },
      ]);
    });

    it('is for the provider that the token has by now, when it is shown as when it is made', async () => {
      const old = await existing();
      const link = await linkFor({ token_id: old.id });
      await admin.patch(TOKENS + old.id).send({ provider: 'onelogin' });
      expect(await read(link)).toMatchObject({ providers: [{ id: 'onelogin' }] });
      expect(wrong(await post(link, { provider: 'okta' }).expect(422))).toEqual([
        [['body', 'provider'], "Input should be 'onelogin'"],
      ]);
      await make(link, { provider: 'onelogin' });
    });

    it('revives one that has expired', async () => {
      const old = await existing({ expires_in_days: 1 });
      await use(old.token);
      const link = await linkFor({ token_id: old.id, expires_in_hours: 72 });
      clock.advance(2 * DAY);
      const made = await make(link, { provider: 'okta' });
      expect(made.connection).toMatchObject({ status: 'active', rotation: null });
      expect([await works(old.token), await works(made.token)]).toEqual([false, true]);
    });

    it('no other token is ever touched', async () => {
      const [mine, others] = [await existing(), await existing()];
      const link = await linkFor({ token_id: mine.id });
      await make(link, { provider: 'okta' });
      await make(link, { provider: 'okta', replace: true });
      expect(await works(others.token)).toBe(true);
      expect((await admin.get(TOKENS + others.id)).body).toMatchObject({
        last_four: others.token.slice(-4),
      });
    });
  });

  it('is nothing once the link has ended, and one 401 says so', async () => {
    const [expired, revoked] = [await linkFor({ expires_in_hours: 1 }), await linkFor()];
    await make(revoked, { provider: 'okta' });
    await admin.delete(`${LINKS}/${revoked.id}`).expect(204);
    clock.advance(HOUR);
    for (const link of [expired, revoked]) {
      const answer = await post(link, { provider: 'okta', replace: true }).expect(401);
      expect(answer.body).toEqual({ detail: 'Invalid or expired setup link' });
    }
    expect(await all()).toHaveLength(1);
  });

  it('leaves a trail that holds, whatever was replaced by what', async () => {
    const sources = app.get(SCIM_TOKENS_DATA_SOURCE as never);
    const found = [];
    for await (const verdict of verifyAuditTrail(sources as never)) {
      if ('broken' in verdict && (verdict.broken || verdict.differs)) found.push(verdict);
    }
    expect(found).toEqual([]);
  });
});
