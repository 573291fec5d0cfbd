import { Client as PgClient } from 'pg';
import { LifecycleScan } from '../../src/scan/lifecycle-scan';
import { Ledger } from '../../src/ledger/ledger';
import {
  completeSetupLink,
  lockedSetupLink,
  openSetupLink,
  useSetupLink,
} from '../../src/ledger/setup-links';
import { NOBODY_ASKED } from '../../src/core/request-context';
import { setupActor } from '../../src/core/setup-link';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import { digestOfValue, mintSetupSecret } from '../../src/secrets/scim-token.secret';
import { SetupLinksRepository } from '../../src/setup/links/setup-links.repository';
import { forge, respell } from '../support/forge';
import { DAY, HOUR, MovingClock } from '../support/moving-clock';
import { secretOf } from '../support/setup-links';
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
import { until } from '../support/until';
import { startReceiver, WEBHOOK_SECRET, type WebhookReceiver } from '../support/webhook-receiver';

const LINKS = `${TOKENS}setup-links`;
const NOT_FOUND = { detail: 'Setup link not found' };

interface Link {
  readonly id: string;
  readonly url: string;
  readonly [member: string]: unknown;
}

describe('A setup link', () => {
  let app: TestApp;
  let receiver: WebhookReceiver;
  let clock: MovingClock;
  let sql: PgClient;
  let admin: Client;
  let tenant: string;
  let tenants = 0;

  beforeAll(async () => {
    receiver = await startReceiver();
    clock = new MovingClock();
    app = await startTestApp({
      clock,
      directory: new FileTenantDirectory([
        ...Array.from({ length: 40 }, (_, index) => ({ id: `tnt_${index}` })),
        { id: 'tnt_p', partner_id: 'prt_1' },
      ]),
      env: {
        WEBHOOK_URL: receiver.url,
        WEBHOOK_SECRET,
        PUBLIC_URL: 'https://scim.example.com',
        SETUP_RETURN_ORIGINS: 'https://app.example.com',
        SCIM_TOKEN_PURGE_AFTER_DAYS: '90',
      },
    });
    sql = new PgClient({ connectionString: app.databaseUrl });
    await sql.connect();
  });
  afterAll(async () => {
    await sql.end();
    await app.close();
    await receiver.close();
  });
  beforeEach(() => {
    tenant = `tnt_${tenants++}`;
    admin = app.as(tenantAdmin(tenant));
    receiver.deliveries.length = 0;
  });

  const post = (fields: object = {}, by = admin) => by.post(LINKS).send(fields);
  const create = async (fields: object = {}, by = admin): Promise<Link> =>
    (await post(fields, by).expect(201)).body as Link;
  const shown = ({ url: _, ...link }: Link): object => link;
  const found = (link: Link) => app.get(SetupLinksRepository).findBySecret(secretOf(link));
  const entries = async (): Promise<Record<string, unknown>[]> =>
    (await admin.get(`${TOKENS}events`)).body.items as never;
  const types = async (): Promise<unknown[]> => (await entries()).map(({ type }) => type);
  const wrong = (answer: { body: unknown }): unknown =>
    (answer.body as { detail: { loc: unknown; msg: unknown }[] }).detail.map(({ loc, msg }) => [
      loc,
      msg,
    ]);

  describe('when it is made', () => {
    it('is answered once with its URL, whose secret stands in the fragment', async () => {
      const answer = await post({ provider: 'okta' }).expect(201);
      const link = answer.body as Link;
      expect(link).toEqual({
        id: expect.stringMatching(/^sul_[0-9a-f]{32}$/),
        tenant_id: tenant,
        provider: 'okta',
        auth_method: null,
        token_id: null,
        status: 'open',
        expires_at: new Date(clock.now().getTime() + 7 * DAY).toISOString(),
        created_at: clock.now().toISOString(),
        created_by: 'admin@example.com',
        opened_at: null,
        completed_at: null,
        return_url: null,
        language: null,
        url: expect.stringMatching(
          /^https:\/\/scim\.example\.com\/setup#scimsetup_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$/,
        ),
      });
      expect(answer.headers).toMatchObject({
        'cache-control': 'no-store',
        location: `${LINKS}/${link.id}`,
      });
      expect((await admin.get(`${LINKS}/${link.id}`).expect(200)).body).toEqual(shown(link));
      expect((await admin.get(LINKS)).body.items).toEqual([shown(link)]);
    });

    it('leaves its secret nowhere: not in the database, the log, the trail or an event', async () => {
      const link = await create({ provider: 'okta' });
      const secret = secretOf(link);
      const [created] = await receiver.received(1);
      const { rows } = await sql.query(
        'SELECT * FROM scim_token_setup_links WHERE tenant_id = $1',
        [tenant],
      );
      expect(rows[0]).toMatchObject({ value_hash: digestOfValue(secret) });
      const everywhere = [rows, await entries(), created, app.logs()];
      expect(JSON.stringify(everywhere)).not.toContain(secret.slice(-38));
    });

    it('is told in the trail with all that it may do, and outside', async () => {
      const token = { name: 'HR', scopes: ['users:read'], expires_in_days: 30 };
      const link = await create({ token, expires_in_hours: 2, language: 'de' });
      expect(await entries()).toMatchObject([
        {
          type: 'scim_token.setup_link_created',
          token_id: null,
          actor: 'admin@example.com',
          changes: {
            link_id: { from: null, to: link.id },
            language: { from: null, to: 'de' },
            bounds: { from: null, to: { ...token, allowed_ips: null } },
            expires_at: { from: null, to: link.expires_at },
          },
        },
      ]);
      const [delivery] = await receiver.received(1);
      expect(delivery?.event).toEqual({
        type: 'scim_token.setup_link_created',
        timestamp: clock.now().toISOString(),
        data: {
          link_id: link.id,
          tenant_id: tenant,
          token_id: null,
          provider: null,
          auth_method: null,
          expires_at: link.expires_at,
          actor: 'admin@example.com',
        },
      });
    });

    it.each([
      [{ provider: 'nobody' }, ['body', 'provider'], /^Input should be 'entra', 'okta'/],
      [
        { provider: 'okta', auth_method: 'workload_identity' },
        ['body', 'auth_method'],
        /'bearer'$/,
      ],
      [{ auth_method: 'password' }, ['body', 'auth_method'], /^Input should be 'bearer'/],
      [{ expires_in_hours: 721 }, ['body', 'expires_in_hours'], /less than or equal to 720/],
      [{ expires_in_hours: 0 }, ['body', 'expires_in_hours'], /greater than or equal to 1/],
      [{ language: 'xx' }, ['body', 'language'], /^Input should be 'en'/],
      [
        { token: { expires_in_days: 731 } },
        ['body', 'token', 'expires_in_days'],
        /at most 730 days/,
      ],
      [{ token: { scopes: [] } }, ['body', 'token', 'scopes'], /at least 1 item/],
      [{ token: { tenant_id: 'tnt_b' } }, ['body', 'token', 'tenant_id'], /Extra inputs/],
      [{ token_id: 'sct_x', token: {} }, ['body'], /set either token_id or token, not both/],
      [{ bounds: {} }, ['body', 'bounds'], /Extra inputs/],
    ])('takes no %j', async (fields, loc, says) => {
      const answer = await post(fields).expect(422);
      expect(wrong(answer)).toEqual([[loc, expect.stringMatching(says)]]);
      expect((await admin.get(LINKS)).body.total).toBe(0);
    });

    it('leads back to an allowed origin alone, however a URL is spelled', async () => {
      const to = (return_url: string) => post({ return_url });
      const good = await to('https://APP.example.com/a/../settings?x=1').expect(201);
      expect(good.body.return_url).toBe('https://app.example.com/settings?x=1');
      for (const bad of [
        'https://app.example.com.evil.example/',
        'https://app.example.com@evil.example/',
        'https://evil.example/#https://app.example.com',
        'https://app.example.com:8443/',
        'http://app.example.com/',
        'javascript:alert(1)//https://app.example.com',
        '//app.example.com/',
        '/settings',
        'https:\\\\evil.example\\@app.example.com',
        '',
      ]) {
        expect([bad, wrong(await to(bad))]).toEqual([
          bad,
          [
            [
              ['body', 'return_url'],
              'Value error, must be an https URL of an origin that is allowed here',
            ],
          ],
        ]);
      }
      const all = { provider: 'x', return_url: 'https://evil.example/', expires_in_hours: 0 };
      expect((wrong(await post(all)) as string[][][]).map(([loc]) => loc?.at(-1))).toEqual([
        'provider',
        'expires_in_hours',
        'return_url',
      ]);
      const long = `https://evil.example/${'x'.repeat(2048)}`;
      expect(wrong(await to(long))).toEqual([
        [['body', 'return_url'], 'String should have at most 2048 characters'],
      ]);
    });

    it('renews a token of its tenant that has a secret, by that token’s method, for its provider', async () => {
      const make = async (fields: object, by = admin): Promise<string> =>
        (
          await by
            .post(TOKENS)
            .send({ name: 'x', ...fields })
            .expect(201)
        ).body.id as string;
      const client = await make({ auth_method: 'client_credentials', provider: 'entra' });
      const link = await create({ token_id: client });
      const asItIs = { auth_method: 'client_credentials', provider: 'entra' };
      expect(link).toMatchObject({ token_id: client, ...asItIs });
      expect((await admin.get(`${TOKENS}${client}/events`)).body.items).toMatchObject([
        { type: 'scim_token.setup_link_created', changes: { link_id: { to: link.id } } },
        { type: 'scim_token.created' },
      ]);
      expect(wrong(await post({ token_id: client, auth_method: 'bearer' }))).toEqual([
        [['body', 'auth_method'], "Input should be 'client_credentials'"],
      ]);
      expect(wrong(await post({ token_id: client, provider: 'okta' }))).toEqual([
        [
          ['body', 'provider'],
          "Input should be 'entra', 'pingone', 'sailpoint', 'authentik', 'oracle' or 'generic'",
        ],
      ]);
      const foreign = await make({}, app.as(tenantAdmin('tnt_39')));
      for (const token_id of [foreign, 'sct_x', `sct_${'0'.repeat(32)}`, '']) {
        expect((await post({ token_id }).expect(404)).body).toEqual({
          detail: 'SCIM token not found',
        });
      }
      const trust = {
        issuer: 'https://login.microsoftonline.com/0b1e2c3d-4f5a-4b6c-8d7e-9f0a1b2c3d4e/v2.0',
        subject: 's',
        audience: 'a',
      };
      const identity = await make({ auth_method: 'workload_identity', trust, expires_at: null });
      expect((await post({ token_id: identity }).expect(409)).body).toEqual({
        detail: 'SCIM token has no secret to rotate',
      });
      await admin.delete(TOKENS + client).expect(204);
      expect((await post({ token_id: client }).expect(409)).body).toEqual({
        detail: 'SCIM token is revoked',
      });
    });

    it('is one of at most ten that are open or used, also when twenty are asked for at once', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => post()));
      const made = answers.filter(({ status }) => status === 201);
      expect(made).toHaveLength(10);
      expect((await post().expect(409)).body).toEqual({
        detail: 'Tenant already has 10 open setup links',
      });
      await admin.delete(`${LINKS}/${made[0]!.body.id as string}`).expect(204);
      await post({ expires_in_hours: 1 }).expect(201);
      await post().expect(409);
      clock.advance(HOUR);
      await post().expect(201);
    });
  });

  describe('and who may', () => {
    it('shows a tenant’s links to its own callers alone: another’s are as if they were not', async () => {
      const link = await create();
      const stranger = app.as(tenantAdmin('tnt_39'));
      for (const id of [
        link.id,
        'sul_x',
        `sul_${'0'.repeat(32)}`,
        secretOf(link),
        'x'.repeat(3000),
      ]) {
        const path = `${LINKS}/${id}`;
        for (const answer of [await stranger.get(path), await stranger.delete(path)]) {
          expect([answer.status, answer.body]).toEqual([404, NOT_FOUND]);
        }
      }
      expect((await stranger.get(LINKS)).body).toMatchObject({ items: [], total: 0 });
      expect((await stranger.get(`${LINKS}?tenant_id=${tenant}`)).status).toBe(403);
      expect((await post({ tenant_id: tenant }, stranger)).status).toBe(403);
      expect(await found(link)).toMatchObject({ tenant_id: tenant });
    });

    it('is as for tokens: partners for their tenants, platform tokens by scope, nobody without a JWT', async () => {
      const partner = app.as(partnerAdmin());
      const link = await create({ tenant_id: 'tnt_p' }, partner);
      expect((await partner.get(LINKS)).body.items).toEqual([shown(link)]);
      expect((await post({}, partner)).status).toBe(422);
      expect((await post({ tenant_id: tenant }, partner)).status).toBe(403);
      const reader = app.as(mintJwt({ platform_token: true, scope: 'admin:read' }));
      expect((await reader.get(`${LINKS}/${link.id}`)).status).toBe(200);
      expect((await post({ tenant_id: 'tnt_p' }, reader)).status).toBe(403);
      expect((await reader.delete(`${LINKS}/${link.id}`)).status).toBe(403);
      expect((await app.as(secretOf(link)).get(LINKS)).status).toBe(401);
      expect((await post({ tenant_id: 'gone' }, app.as(superAdmin()))).status).toBe(404);
    });

    it('lists them newest first, by page, tenant and status', async () => {
      const made: Link[] = [];
      for (let index = 0; index < 3; index++) {
        clock.advance(1000);
        made.push(await create({ expires_in_hours: index + 1 }));
      }
      const [first, second, third] = made as [Link, Link, Link];
      const ids = async (query: string, by = admin): Promise<unknown> =>
        ((await by.get(`${LINKS}?${query}`).expect(200)).body.items as Link[]).map(({ id }) => id);
      expect(await ids('per_page=2')).toEqual([third.id, second.id]);
      expect((await admin.get(`${LINKS}?per_page=2&page=2`)).body).toEqual({
        items: [shown(first)],
        total: 3,
        page: 2,
        per_page: 2,
        pages: 2,
      });
      expect(await ids('page=9007199254740991')).toEqual([]);
      expect((await ids(`tenant_id=${tenant}`, app.as(superAdmin()))) as string[]).toHaveLength(3);
      await mark(first, (transaction, id) => useSetupLink(transaction, id, null));
      await mark(second, completeSetupLink);
      await admin.delete(`${LINKS}/${third.id}`).expect(204);
      const fourth = await create({ expires_in_hours: 1 });
      for (const [status, link] of [
        ['used', first],
        ['completed', second],
        ['revoked', third],
        ['open', fourth],
      ] as const) {
        expect([status, await ids(`status=${status}`)]).toEqual([status, [link.id]]);
        expect((await admin.get(`${LINKS}/${link.id}`)).body).toMatchObject({ status });
      }
      expect(await ids('status=open', app.as(superAdmin()))).toContain(fourth.id);
      clock.advance(HOUR);
      expect(await ids('status=expired')).toEqual([fourth.id, first.id]);
      expect((await admin.get(`${LINKS}?status=gone`)).status).toBe(422);
    });
  });

  const mark = (
    link: Link,
    work: (transaction: Parameters<typeof openSetupLink>[0], id: string) => Promise<void>,
  ): Promise<void> =>
    app.get(Ledger).write(tenant, NOBODY_ASKED, async (transaction) => {
      const { id } = (await found(link))!;
      await work(transaction, id);
    });

  describe('found by its secret', () => {
    it('is found whole, without its hash, and by nothing but the whole secret', async () => {
      const link = await create({ provider: 'entra' });
      const stored = await found(link);
      expect(stored).toMatchObject({ tenant_id: tenant, provider: 'entra', opened_at: null });
      expect(stored).not.toHaveProperty('value_hash');
      const secret = secretOf(link);
      const links = app.get(SetupLinksRepository);
      for (const value of [
        '',
        'x'.repeat(5000),
        secret.slice(0, -1),
        respell(secret, 'scim'),
        respell(secret, 'othersetup'),
        forge(secret),
        mintSetupSecret('scim').value,
        link.id,
      ]) {
        expect([value, await links.findBySecret(value)]).toEqual([value, null]);
      }
    });

    it('is found as often as it is opened, until its time is over', async () => {
      const link = await create({ expires_in_hours: 1 });
      for (let time = 0; time < 3; time++) expect(await found(link)).not.toBeNull();
      clock.advance(HOUR - 1);
      expect(await found(link)).not.toBeNull();
      clock.advance(1);
      expect(await found(link)).toBeNull();
    });

    it('is found for a day after its connection synced, and no longer', async () => {
      const link = await create();
      await mark(link, completeSetupLink);
      clock.advance(DAY - 1);
      expect(await found(link)).toMatchObject({ completed_at: expect.any(Date) });
      clock.advance(1);
      expect(await found(link)).toBeNull();
    });

    it('is gone at once where it is revoked, and revoking it again is no error and no entry', async () => {
      const link = await create();
      await admin.delete(`${LINKS}/${link.id}`).expect(204);
      expect(await found(link)).toBeNull();
      await admin.delete(`${LINKS}/${link.id}`).expect(204);
      expect(await types()).toEqual([
        'scim_token.setup_link_revoked',
        'scim_token.setup_link_created',
      ]);
    });
  });

  describe('as it is opened, used and completed', () => {
    it('is told of once each, by whoever did it, and not where it is revoked', async () => {
      const link = await create();
      const stored = (await found(link))!;
      const holder = { ...NOBODY_ASKED, actor: setupActor(stored) };
      const write = (work: (transaction: Parameters<typeof openSetupLink>[0]) => Promise<void>) =>
        app.get(Ledger).write(tenant, holder, work);
      await Promise.all(
        [1, 2, 3].map(() => write((transaction) => openSetupLink(transaction, stored.id))),
      );
      const opened = clock.now();
      clock.advance(1000);
      await write((transaction) => useSetupLink(transaction, stored.id, null));
      const token = (await admin.post(TOKENS).send({ name: 'x' })).body.id as string;
      const uuid = (
        await sql.query<{ id: string }>('SELECT id FROM scim_tokens WHERE tenant_id = $1', [tenant])
      ).rows[0]!.id;
      clock.advance(1000);
      await write(async (transaction) => {
        await useSetupLink(transaction, stored.id, uuid);
        expect(await lockedSetupLink(transaction, stored.id)).toMatchObject({
          used_at: new Date(clock.now().getTime() - 1000),
          value_made_at: clock.now(),
          made_token_id: uuid,
        });
      });
      for (let time = 0; time < 2; time++) await mark(link, completeSetupLink);
      expect((await admin.get(`${LINKS}/${link.id}`)).body).toMatchObject({
        status: 'completed',
        token_id: token,
        opened_at: opened.toISOString(),
        completed_at: clock.now().toISOString(),
      });
      const told = (await entries()).filter(({ type }) => String(type).includes('setup_link'));
      expect(told).toMatchObject([
        { type: 'scim_token.setup_link_completed', token_id: token, actor: null },
        { type: 'scim_token.setup_link_opened', token_id: null, actor: `setup:${link.id}` },
        { type: 'scim_token.setup_link_created' },
      ]);
      const events = (await receiver.received(4)).map(({ event }) => event);
      expect(events.find(({ type }) => type.endsWith('link_opened'))?.data).toMatchObject({
        link_id: link.id,
        actor: `setup:${link.id}`,
      });
      const revoked = await create();
      const { id } = (await found(revoked))!;
      await admin.delete(`${LINKS}/${revoked.id}`).expect(204);
      await write((transaction) => openSetupLink(transaction, id));
      await expect(write((transaction) => useSetupLink(transaction, id, null))).rejects.toThrow();
      expect((await types())[0]).toBe('scim_token.setup_link_revoked');
    });
  });

  describe('whose secret turned up', () => {
    const identify = (token: string, by = admin) => by.post(`${TOKENS}identify`).send({ token });
    const revoke = (token: string, by = admin) =>
      by.post(`${TOKENS}revoke-by-value`).send({ token, reason: 'in a ticket' });
    const hand = (token: string) =>
      fetch(`${app.url}/api/v1/scim-tokens/revoke`, {
        method: 'POST',
        body: new URLSearchParams({ token }),
      });

    it('is identified for its own callers, and revoked by it with the reason', async () => {
      const link = await create({ provider: 'okta' });
      const stranger = app.as(tenantAdmin('tnt_39'));
      expect((await identify(secretOf(link)).expect(200)).body).toEqual(shown(link));
      for (const answer of [
        await identify(secretOf(link), stranger),
        await revoke(secretOf(link), stranger),
        await identify(mintSetupSecret('scim').value),
        await identify(forge(secretOf(link))),
        await revoke(forge(secretOf(link))),
      ]) {
        expect([answer.status, answer.body]).toEqual([404, { detail: 'SCIM token not found' }]);
      }
      expect(await found(link)).not.toBeNull();
      const revoked = { ...shown(link), status: 'revoked' };
      expect((await revoke(secretOf(link)).expect(200)).body).toEqual(revoked);
      expect(await found(link)).toBeNull();
      expect((await revoke(secretOf(link)).expect(200)).body).toEqual(revoked);
      expect((await identify(secretOf(link)).expect(200)).body).toEqual(revoked);
      const [entry, ...others] = await entries();
      expect(entry).toMatchObject({
        type: 'scim_token.setup_link_revoked',
        actor: 'admin@example.com',
        changes: { leaked: { from: null, to: true }, reason: { from: null, to: 'in a ticket' } },
      });
      expect(others).toHaveLength(1);
    });

    it('is revoked by whoever hands it in, and one whose time is over leaves no trace', async () => {
      const link = await create({ expires_in_hours: 1 });
      const old = await create({ expires_in_hours: 1 });
      expect((await hand(secretOf(link))).status).toBe(200);
      expect(await found(link)).toBeNull();
      expect((await entries())[0]).toMatchObject({ actor: null, ip: '127.0.0.1' });
      clock.advance(HOUR);
      const before = await types();
      expect((await hand(secretOf(old))).status).toBe(200);
      expect((await revoke(secretOf(old)).expect(409)).body).toEqual({
        detail: 'SCIM token value has ended already',
      });
      expect(await types()).toEqual(before);
    });

    it('opens neither the admin API nor a SCIM route nor the introspection', async () => {
      const link = await create();
      const { token } = (await admin.post(TOKENS).send({ name: 'rs' })).body as { token: string };
      expect(token).toBeDefined();
      const server = app.as(mintJwt({ scope: 'scim:introspect' }));
      const answer = await server
        .post('/api/v1/scim-tokens/introspect')
        .type('form')
        .send({ token: secretOf(link) });
      expect(answer.body).toEqual({ active: false });
      expect((await app.as(secretOf(link)).get(TOKENS)).status).toBe(401);
    });
  });

  it('renews the token that an event says expires, which tells nothing secret', async () => {
    const fields = { name: 'Okta', expires_in_days: 10 };
    const { id, token } = (await admin.post(TOKENS).send(fields).expect(201)).body as {
      id: string;
      token: string;
    };
    clock.advance(4 * DAY);
    await app.get(LifecycleScan).run();
    await until(() => receiver.deliveries.some(({ event }) => event.type.endsWith('expiring')));
    const { event } = receiver.deliveries.find((one) => one.event.type.endsWith('expiring'))!;
    expect(Object.keys(event.data).sort()).toEqual([
      'days_left',
      'expires_at',
      'last_four',
      'name',
      'tenant_id',
      'token_id',
    ]);
    expect(JSON.stringify(event)).not.toContain(token.slice(5, -4));
    const { tenant_id, token_id } = event.data;
    const platform = app.as(mintJwt({ platform_token: true, scope: 'admin:write' }));
    const link = await create({ tenant_id, token_id, expires_in_hours: 336 }, platform);
    expect(link).toMatchObject({ tenant_id: tenant, token_id: id, auth_method: 'bearer' });
    expect(await found(link)).toMatchObject({ made_token_id: null, used_at: null });
  });

  it('ends with its tenant’s tokens in an incident', async () => {
    const link = await create();
    const { body } = await admin
      .post(`${TOKENS}revoke-all`)
      .send({ reason: 'laptop stolen' })
      .expect(200);
    expect(body).toEqual({ revoked: 0 });
    expect(await found(link)).toBeNull();
    expect((await types())[0]).toBe('scim_token.setup_link_revoked');
  });

  it('is removed once its time was over long enough, and its entries stay', async () => {
    const link = await create({ expires_in_hours: 1 });
    const scan = () => app.get(LifecycleScan).run();
    clock.advance(90 * DAY);
    await scan();
    expect((await admin.get(`${LINKS}/${link.id}`)).status).toBe(200);
    clock.advance(HOUR);
    await scan();
    expect((await admin.get(`${LINKS}/${link.id}`)).status).toBe(404);
    expect(await types()).toContain('scim_token.setup_link_created');
  });
});
