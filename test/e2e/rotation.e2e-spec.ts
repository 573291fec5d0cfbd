import { Client as Database } from 'pg';
import { ScimTokenVerifier } from '../../src/index';
import { LifecycleScan } from '../../src/scan/lifecycle-scan';
import { UsageWriter } from '../../src/usage/usage-writer';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import { DAY, HOUR, MovingClock } from '../support/moving-clock';
import {
  startTestApp,
  superAdmin,
  tenantAdmin,
  TOKENS,
  type Client,
  type TestApp,
} from '../support/test-app';
import { until } from '../support/until';
import { startReceiver, WEBHOOK_SECRET, type WebhookReceiver } from '../support/webhook-receiver';

const MINUTE = 60_000;
const NOT_ROTATED = { detail: 'SCIM token is not being rotated' };
const UNDER_WAY = { detail: 'SCIM token is being rotated already' };
const REVOKED = { detail: 'SCIM token is revoked' };

interface Made {
  id: string;
  token: string;
  last_four: string;
  token_prefix: string;
  expires_at: string;
  rotation: Record<string, string | null> | null;
}

describe('A rotation', () => {
  let app: TestApp;
  let other: TestApp;
  let receiver: WebhookReceiver;
  let database: Database;
  let clock: MovingClock;
  let admin: Client;
  let tenant: string;
  let tenants = 0;

  beforeAll(async () => {
    receiver = await startReceiver();
    clock = new MovingClock();
    const env = {
      WEBHOOK_URL: receiver.url,
      WEBHOOK_SECRET,
      SCIM_TOKEN_MAX_ACTIVE_PER_TENANT: '2',
      // Longer than the tests wait: what is remembered dies by being told, or it lives on.
      SCIM_TOKEN_CACHE_TTL_SECONDS: '60',
    };
    app = await startTestApp({ env, clock });
    other = await startTestApp({ env, clock, databaseUrl: app.databaseUrl });
    database = new Database({ connectionString: app.databaseUrl });
    await database.connect();
  });
  afterAll(async () => {
    await database.end();
    await other.close();
    await app.close();
    await receiver.close();
  });
  beforeEach(() => {
    tenant = `tnt_${tenants++}`;
    admin = app.as(tenantAdmin(tenant));
    receiver.deliveries.length = 0;
  });

  const create = async (fields: object = {}): Promise<Made> =>
    (
      await admin
        .post(TOKENS)
        .send({ name: 'Okta', ...fields })
        .expect(201)
    ).body as Made;
  const rotate = async (id: string, body?: object): Promise<Made> =>
    (await admin.post(`${TOKENS}${id}/rotate`).send(body).expect(201)).body as Made;
  const read = async (id: string): Promise<Made> => (await admin.get(TOKENS + id)).body as Made;
  const works = async (value: string, at = app): Promise<boolean> =>
    at
      .provider(ScimTokenVerifier)
      .verify(value, { tenantId: tenant })
      .then(
        () => true,
        () => false,
      );
  const used = async (value: string, at = app): Promise<void> => {
    expect(await works(value, at)).toBe(true);
    await at.provider(UsageWriter).flush();
  };
  const scan = (): Promise<void> => app.provider(LifecycleScan).run();
  const trail = async (): Promise<{ type: string; actor: string | null; changes: object }[]> =>
    (await admin.get(`${TOKENS}events`)).body.items as never;
  const typesTold = (): string[] =>
    receiver.deliveries
      .filter(({ event }) => event.data.tenant_id === tenant)
      .map(({ event }) => event.type);

  it('gives a new value beside the old one, moves the expiry, and keeps the rest', async () => {
    const made = await create({ expires_in_days: 10, scopes: ['users:read'] });
    clock.advance(HOUR);
    const rotated = await rotate(made.id);
    const now = clock.now().getTime();
    expect(rotated).toMatchObject({
      id: made.id,
      name: 'Okta',
      scopes: ['users:read'],
      expires_at: new Date(now + 365 * DAY).toISOString(),
      updated_at: clock.now().toISOString(),
      rotation: {
        started_at: clock.now().toISOString(),
        previous_last_four: made.last_four,
        previous_expires_at: new Date(now + 24 * HOUR).toISOString(),
        previous_last_used_at: null,
        new_first_used_at: null,
      },
    });
    expect(rotated.token).not.toBe(made.token);
    expect(rotated.token.startsWith(rotated.token_prefix)).toBe(true);
    expect(rotated.last_four).toBe(rotated.token.slice(-4));
    const { token: _, ...shown } = rotated;
    expect(await read(made.id)).toEqual(shown);
    expect((await admin.get(TOKENS)).body.items).toEqual([shown]);
    for (const at of [app, other]) {
      expect(await works(made.token, at)).toBe(true);
      expect(await works(rotated.token, at)).toBe(true);
    }
    const [event] = await trail();
    expect(event).toMatchObject({ type: 'scim_token.rotated', actor: 'admin@example.com' });
    expect(event!.changes).toMatchObject({
      last_four: { from: made.last_four, to: rotated.last_four },
      expires_at: { from: made.expires_at, to: rotated.expires_at },
    });
    expect(JSON.stringify(event)).not.toContain(rotated.token.slice(20));
    await until(() => typesTold().includes('scim_token.rotated'));
  });

  it('answers the new value uncached, under the new version', async () => {
    const { id } = await create();
    const answer = await admin.post(`${TOKENS}${id}/rotate`).send({}).expect(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers.etag).toBe('"2"');
    expect((await admin.get(TOKENS + id)).headers.etag).toBe('"2"');
  });

  it('ends the old secret at the very end of the overlap, and can be done again then', async () => {
    const made = await create();
    const rotated = await rotate(made.id, { overlap_hours: 2, expires_in_days: 30 });
    clock.advance(2 * HOUR - 1);
    expect(await works(made.token)).toBe(true);
    clock.advance(1);
    expect(await works(made.token)).toBe(false);
    expect(await works(made.token, other)).toBe(false);
    expect(await works(rotated.token)).toBe(true);
    expect((await read(made.id)).rotation).toBeNull();
    for (const call of [
      admin.post(`${TOKENS}${made.id}/rotation/complete`),
      admin.delete(`${TOKENS}${made.id}/rotation`),
    ]) {
      const answer = await call;
      expect([answer.status, answer.body]).toEqual([409, NOT_ROTATED]);
    }
    const again = await rotate(made.id, { overlap_hours: 0 });
    expect(again.rotation).toBeNull();
    expect(await works(rotated.token)).toBe(false);
    expect(await works(rotated.token, other)).toBe(false);
    expect(await works(again.token, other)).toBe(true);
    await scan();
    expect((await trail()).map(({ type }) => type)).toEqual([
      'scim_token.rotated',
      'scim_token.rotated',
      'scim_token.created',
    ]);
  });

  it('shows in the row of its token from its start to its end, however it ends', async () => {
    const made = await create();
    const endsAt = async (): Promise<Date | null> =>
      (
        await database.query<{ at: Date | null }>(
          'SELECT rotation_ends_at AS at FROM scim_tokens WHERE id = $1',
          [made.id.slice(4)],
        )
      ).rows[0]!.at;
    expect(await endsAt()).toBeNull();
    for (const end of [
      () => admin.post(`${TOKENS}${made.id}/rotation/complete`).expect(200),
      () => admin.delete(`${TOKENS}${made.id}/rotation`).expect(200),
      () => {
        clock.advance(24 * HOUR);
        return scan();
      },
    ]) {
      const { rotation } = await rotate(made.id);
      expect((await endsAt())?.toISOString()).toBe(rotation?.previous_expires_at);
      await end();
      expect(await endsAt()).toBeNull();
      expect((await read(made.id)).rotation).toBeNull();
    }
  });

  it('records the end of an overlap that has run its course, once', async () => {
    const made = await create();
    await rotate(made.id, { overlap_hours: 1 });
    clock.advance(HOUR);
    await Promise.all([scan(), other.provider(LifecycleScan).run()]);
    await scan();
    const events = await trail();
    expect(events.map(({ type }) => type)).toEqual([
      'scim_token.rotation_completed',
      'scim_token.rotated',
      'scim_token.created',
    ]);
    expect(events[0]!.actor).toBeNull();
  });

  it('ends early once the new secret is used again half an hour after its first use, the old one not', async () => {
    const made = await create();
    await used(made.token);
    const rotated = await rotate(made.id);
    clock.advance(MINUTE);
    await used(made.token);
    clock.advance(MINUTE);
    await used(rotated.token);
    const firstUse = clock.now().toISOString();
    clock.advance(29 * MINUTE);
    await used(rotated.token);
    expect((await read(made.id)).rotation).toMatchObject({ new_first_used_at: firstUse });
    clock.advance(2 * MINUTE);
    await used(rotated.token, other);
    expect((await read(made.id)).rotation).toBeNull();
    expect(await works(made.token, other)).toBe(false);
    await until(async () => !(await works(made.token)));
    const [event] = await trail();
    expect(event).toMatchObject({ type: 'scim_token.rotation_completed', actor: null });
  });

  it('goes on while the old secret is used after the first use of the new one', async () => {
    const made = await create();
    const rotated = await rotate(made.id);
    await used(rotated.token);
    clock.advance(10 * MINUTE);
    await used(made.token);
    clock.advance(30 * MINUTE);
    await used(rotated.token);
    expect(await works(made.token)).toBe(true);
    expect((await read(made.id)).rotation).not.toBeNull();
  });

  it.each([
    ['the new secret was never seen', false, false, true],
    ['the old secret is still in use', true, true, true],
    ['only the new secret is in use', true, false, false],
  ])('stalls, and says so once, when %s', async (_, newUsed, oldUsed, stalls) => {
    const made = await create();
    const rotated = await rotate(made.id, { overlap_hours: 4 });
    if (newUsed) await used(rotated.token);
    clock.advance(MINUTE);
    if (oldUsed) await used(made.token);
    clock.advance(3 * HOUR - 2 * MINUTE);
    await scan();
    clock.advance(MINUTE);
    const early = typesTold().length;
    await Promise.all([scan(), other.provider(LifecycleScan).run()]);
    await scan();
    await admin.patch(TOKENS + made.id).send({ name: 'last' });
    await until(() => typesTold().includes('scim_token.updated'));
    const told = typesTold().filter((type) => type === 'scim_token.rotation_stalled');
    expect(told).toHaveLength(stalls ? 1 : 0);
    expect(early).toBeLessThanOrEqual(2);
  });

  it('is what the list sorts, filters and shows from then on', async () => {
    const soon = await create({ name: 'Soon', expires_in_days: 10 });
    await create({ name: 'Later', expires_in_days: 20 });
    const listed = async (query: string): Promise<string[]> => {
      const { body } = await admin.get(`${TOKENS}?${query}`).expect(200);
      expect(body.total).toBe(body.items.length);
      return (body.items as { name: string }[]).map(({ name }) => name);
    };
    const bound = new Date(clock.now().getTime() + 15 * 24 * HOUR).toISOString();
    expect(await listed('sort=expires_at')).toEqual(['Soon', 'Later']);
    expect(await listed(`expires_before=${bound}`)).toEqual(['Soon']);

    const rotated = await rotate(soon.id, { expires_in_days: 30 });
    expect(await listed('sort=expires_at')).toEqual(['Later', 'Soon']);
    expect(await listed(`expires_before=${bound}`)).toEqual([]);
    expect(await listed(`expires_after=${bound}&q=soon&status=active`)).toEqual(['Soon']);
    const { body } = await admin.get(`${TOKENS}?q=soon`);
    expect(body.items).toEqual([await read(soon.id)]);
    expect(body.items[0]).toMatchObject({
      last_four: rotated.last_four,
      rotation: { previous_last_four: soon.last_four },
    });
  });

  it('is completed by hand: the old secret ends at once, on every instance', async () => {
    const made = await create();
    const rotated = await rotate(made.id);
    expect(await works(made.token, other)).toBe(true);
    const done = await admin.post(`${TOKENS}${made.id}/rotation/complete`).expect(200);
    expect(done.body).toMatchObject({ id: made.id, rotation: null, last_four: rotated.last_four });
    expect(done.headers.etag).toBe('"3"');
    expect(await works(made.token)).toBe(false);
    await until(async () => !(await works(made.token, other)));
    expect(await works(rotated.token)).toBe(true);
    clock.advance(-HOUR);
    await other.provider(UsageWriter).flush();
    expect(await works(made.token)).toBe(false);
    clock.advance(HOUR);
  });

  it('is taken back: the new secret ends at once, and the old one has its expiry and face again', async () => {
    const made = await create({ expires_in_days: 10 });
    const rotated = await rotate(made.id);
    expect(await works(rotated.token, other)).toBe(true);
    const back = await admin.delete(`${TOKENS}${made.id}/rotation`).expect(200);
    expect(back.body).toMatchObject({
      rotation: null,
      expires_at: made.expires_at,
      last_four: made.last_four,
      token_prefix: made.token_prefix,
    });
    expect(await works(rotated.token)).toBe(false);
    await until(async () => !(await works(rotated.token, other)));
    clock.advance(3 * DAY);
    expect(await works(made.token)).toBe(true);
    expect(await works(made.token, other)).toBe(true);
    expect(await works((await rotate(made.id)).token)).toBe(true);
  });

  it('revives an expired token with its new secret alone, where the tenant has room', async () => {
    const made = await create({ expires_in_days: 1 });
    clock.advance(2 * DAY);
    const [one, two] = [await create(), await create()];
    const full = await admin.post(`${TOKENS}${made.id}/rotate`).send({});
    expect([full.status, full.body]).toEqual([
      409,
      { detail: 'Tenant already has 2 active SCIM tokens' },
    ]);
    await admin.delete(TOKENS + two.id);
    const rotated = await rotate(made.id, { overlap_hours: 100 });
    expect(rotated).toMatchObject({ status: 'active', rotation: null });
    expect(await works(made.token)).toBe(false);
    expect(await works(rotated.token)).toBe(true);
    await admin.delete(TOKENS + one.id);
  });

  it('is given to a disabled token, which stays disabled', async () => {
    const made = await create();
    await admin.patch(TOKENS + made.id).send({ enabled: false });
    const rotated = await rotate(made.id);
    expect(rotated).toMatchObject({ status: 'disabled', enabled: false });
    expect(await works(rotated.token)).toBe(false);
    await admin.patch(TOKENS + made.id).send({ enabled: true });
    expect(await works(rotated.token)).toBe(true);
    expect(await works(made.token)).toBe(true);
  });

  it('is refused while one is under way and for a revoked token, whose two secrets are dead', async () => {
    const made = await create();
    const rotated = await rotate(made.id);
    const twice = await admin.post(`${TOKENS}${made.id}/rotate`).send({});
    expect([twice.status, twice.body]).toEqual([409, UNDER_WAY]);
    await admin.delete(TOKENS + made.id).expect(204);
    expect(await works(made.token)).toBe(false);
    expect(await works(rotated.token)).toBe(false);
    expect((await read(made.id)).rotation).toBeNull();
    for (const call of [
      admin.post(`${TOKENS}${made.id}/rotate`).send({}),
      admin.post(`${TOKENS}${made.id}/rotation/complete`),
      admin.delete(`${TOKENS}${made.id}/rotation`),
    ]) {
      const answer = await call;
      expect([answer.status, answer.body]).toEqual([409, REVOKED]);
    }
    await scan();
    clock.advance(3 * DAY);
    await scan();
    const types = (await trail()).map(({ type }) => type);
    // The refused checks above may be among them, once their hour has closed.
    expect(types.find((type) => type !== 'scim_token.auth_failed')).toBe('scim_token.revoked');
  });

  it.each([
    [{ overlap_hours: 169 }, 'overlap_hours', 'less_than_equal'],
    [{ overlap_hours: -1 }, 'overlap_hours', 'greater_than_equal'],
    [{ overlap_hours: null }, 'overlap_hours', 'int_type'],
    [{ expires_in_days: 0 }, 'expires_in_days', 'greater_than_equal'],
    [{ expires_in_days: 731 }, 'expires_in_days', 'value_error'],
    [{ name: 'x' }, 'name', 'extra_forbidden'],
  ])('refuses %j', async (body, field, type) => {
    const { id } = await create();
    const answer = await admin.post(`${TOKENS}${id}/rotate`).send(body);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toMatchObject([{ loc: ['body', field], type }]);
    expect((await read(id)).rotation).toBeNull();
  });

  it('is not for another tenant, nor for ids that are nobody’s', async () => {
    const { id } = await create();
    await rotate(id);
    const stranger = app.as(tenantAdmin('stranger'));
    for (const path of [id, 'sct_nonsense', `sct_${'0'.repeat(32)}`]) {
      for (const call of [
        stranger.post(`${TOKENS}${path}/rotate`).send({}),
        stranger.post(`${TOKENS}${path}/rotation/complete`),
        stranger.delete(`${TOKENS}${path}/rotation`),
      ]) {
        const answer = await call;
        expect([answer.status, answer.body]).toEqual([404, { detail: 'SCIM token not found' }]);
      }
    }
    expect((await read(id)).rotation).not.toBeNull();
  });

  it('keeps one current secret and one trail when rotate, complete, cancel and revoke race', async () => {
    const clients = [app, other].map((at) => at.as(tenantAdmin(tenant)));
    for (let round = 0; round < 6; round++) {
      const { id } = await create();
      const path = TOKENS + id;
      await Promise.all(
        clients.flatMap((client) => [
          client.post(`${path}/rotate`).send({ overlap_hours: round % 2 }),
          client.post(`${path}/rotation/complete`),
          client.delete(`${path}/rotation`),
          client.post(`${path}/rotate`).send({}),
        ]),
      );
      const { rows } = await database.query<{ current: string; previous: string }>(
        `SELECT count(*) FILTER (WHERE expires_at IS NULL AND retired_at IS NULL) AS current,
                count(*) FILTER (WHERE expires_at IS NOT NULL AND retired_at IS NULL) AS previous
         FROM scim_token_secrets WHERE replace(token_id::text, '-', '') = $1`,
        [id.slice(4)],
      );
      expect(Number(rows[0]!.current)).toBe(1);
      expect(Number(rows[0]!.previous)).toBe((await read(id)).rotation ? 1 : 0);
      const [revoked, late] = await Promise.all([
        clients[0]!.delete(path),
        clients[1]!.post(`${path}/rotate`).send({}),
      ]);
      expect(revoked.status).toBe(204);
      expect([201, 409]).toContain(late.status);
      if (late.status === 201) expect(await works(late.body.token as string)).toBe(false);
    }
  });
});

describe('A tenant with limits of its own', () => {
  let app: TestApp;
  let clock: MovingClock;
  let admin: Client;

  beforeAll(async () => {
    clock = new MovingClock();
    const directory = new FileTenantDirectory([
      { id: 'short', max_ttl_days: 90, max_active: 1 },
      { id: 'long', max_ttl_days: 1000 },
      { id: 'usual' },
    ]);
    app = await startTestApp({ clock, directory });
    admin = app.as(superAdmin());
  });
  afterAll(() => app.close());

  it('has its default and longest lifetime, and its number of tokens, in every message', async () => {
    const late = await admin
      .post(TOKENS)
      .send({ name: 'x', tenant_id: 'short', expires_in_days: 91 });
    expect(late.body.detail).toEqual([
      {
        loc: ['body', 'expires_in_days'],
        msg: 'Value error, must be at most 90 days ahead',
        type: 'value_error',
      },
    ]);
    const made = (await admin.post(TOKENS).send({ name: 'x', tenant_id: 'short' })).body as Made;
    const inDays = (days: number) => new Date(clock.now().getTime() + days * DAY).toISOString();
    expect(made.expires_at).toBe(inDays(90));
    const full = await admin.post(TOKENS).send({ name: 'x', tenant_id: 'short' });
    expect([full.status, full.body]).toEqual([
      409,
      { detail: 'Tenant already has 1 active SCIM tokens' },
    ]);
    const path = TOKENS + made.id;
    const change = await admin.patch(path).send({ expires_in_days: 91 });
    expect(change.body.detail[0].msg).toBe('Value error, must be at most 90 days ahead');
    const rotation = await admin.post(`${path}/rotate`).send({ expires_in_days: 91 });
    expect(rotation.body.detail[0].msg).toBe('Value error, must be at most 90 days ahead');
    expect((await admin.post(`${path}/rotate`).send({})).body.expires_at).toBe(inDays(90));
  });

  it('may have more than the configured ones, and without its own has those', async () => {
    const fields = { name: 'x', expires_in_days: 1000 };
    expect((await admin.post(TOKENS).send({ ...fields, tenant_id: 'long' })).status).toBe(201);
    const usual = await admin.post(TOKENS).send({ ...fields, tenant_id: 'usual' });
    expect(usual.body.detail[0].msg).toBe('Value error, must be at most 730 days ahead');
  });
});

describe('Allowed networks in report mode', () => {
  let app: TestApp;
  let admin: Client;
  const clock = new MovingClock();

  beforeAll(async () => {
    app = await startTestApp({ clock });
    admin = app.as(tenantAdmin());
  });
  afterAll(() => app.close());

  const verify = (value: string, ip?: string): Promise<unknown> =>
    app.provider(ScimTokenVerifier).verify(value, { tenantId: 'tnt_a', ip });
  const flush = () => app.provider(UsageWriter).flush();

  it('let requests from elsewhere through and count them, until they are enforced', async () => {
    const made = await admin
      .post(TOKENS)
      .send({ name: 'x', allowed_ips: ['203.0.113.0/24'], allowed_ips_mode: 'report' });
    expect(made.body).toMatchObject({ allowed_ips_mode: 'report', ip_report: null });
    const path = TOKENS + (made.body as Made).id;
    const value = (made.body as Made).token;
    await verify(value, '203.0.113.9');
    await flush();
    expect((await admin.get(path)).body.ip_report).toBeNull();
    await verify(value, '198.51.100.7');
    await verify(value, '::ffff:198.51.100.8');
    await flush();
    const first = { refused: 2, last_ip: '198.51.100.8', last_at: clock.now().toISOString() };
    expect((await admin.get(path)).body.ip_report).toEqual(first);
    clock.advance(DAY);
    await verify(value);
    await flush();
    expect((await admin.get(path)).body.ip_report).toEqual({
      refused: 3,
      last_ip: null,
      last_at: clock.now().toISOString(),
    });
    const enforced = await admin.patch(path).send({ allowed_ips_mode: 'enforce' });
    expect(enforced.body.allowed_ips_mode).toBe('enforce');
    await expect(verify(value, '198.51.100.7')).rejects.toMatchObject({ reason: 'ip_not_allowed' });
    await verify(value, '203.0.113.9');
    await flush();
    expect((await admin.get(path)).body.ip_report.refused).toBe(3);
  });

  it('take the two modes alone', async () => {
    const answer = await admin.post(TOKENS).send({ name: 'x', allowed_ips_mode: 'off' });
    expect(answer.body.detail).toEqual([
      {
        loc: ['body', 'allowed_ips_mode'],
        msg: "Input should be 'enforce' or 'report'",
        type: 'literal_error',
      },
    ]);
  });
});
