import { Client as Database } from 'pg';
import { DataSource } from 'typeorm';
import { ScimTokenVerifier, type ScimTokenResponse } from '../../src';
import { verifyAuditTrail } from '../../src/audit/verify-audit-trail';
import { LifecycleScan } from '../../src/scan/lifecycle-scan';
import { UsageWriter } from '../../src/usage/usage-writer';
import { HOUR, MovingClock } from '../support/moving-clock';
import { makeLink, SETUP } from '../support/setup-links';
import {
  clientOf,
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
const INSIDE = '192.0.2.1';
const OUTSIDE = '198.51.100.1';

type Named = Pick<ScimTokenResponse, 'name'>;

interface Token {
  readonly id: string;
  readonly token: string;
}

describe('The health of a connection', () => {
  let receiver: WebhookReceiver;
  let clock: MovingClock;
  let apps: TestApp[];
  let app: TestApp;
  let database: Database;
  let admin: Client;
  let tenant: string;
  let tenants = 0;

  beforeAll(async () => {
    receiver = await startReceiver();
    clock = new MovingClock();
    const env = {
      WEBHOOK_URL: receiver.url,
      WEBHOOK_SECRET,
      // By the clock that the tests move: what passes within 50 minutes of it is no gap.
      EXPIRY_SCAN_SECONDS: '600',
      SCIM_TOKEN_CACHE_TTL_SECONDS: '0',
    };
    app = await startTestApp({ env, clock });
    // Two instances look after the same tokens.
    apps = [app, await startTestApp({ env, clock, databaseUrl: app.databaseUrl })];
    database = new Database({ connectionString: app.databaseUrl });
    await database.connect();
    await scan();
  });
  afterAll(async () => {
    await database.end();
    for (const each of apps.reverse()) await each.close();
    await receiver.close();
  });
  beforeEach(async () => {
    tenant = `tnt_${tenants++}`;
    admin = app.as(tenantAdmin(tenant));
    await scan();
  });

  const create = async (fields: object = {}): Promise<Token> =>
    (
      await admin
        .post(TOKENS)
        .send({ name: 'Entra', provider: 'entra', ...fields })
        .expect(201)
    ).body as Token;
  const patch = async (token: Token, fields: object): Promise<ScimTokenResponse> => {
    const { body } = await admin
      .patch(TOKENS + token.id)
      .send(fields)
      .expect(200);
    return body as ScimTokenResponse;
  };
  const read = async (token: Token): Promise<ScimTokenResponse> =>
    (await admin.get(TOKENS + token.id).expect(200)).body as ScimTokenResponse;
  const health = async (token: Token) => (await read(token)).health;
  const present = (token: Token, ip = INSIDE) =>
    app.provider(ScimTokenVerifier).verify(token.token, { tenantId: tenant, ip });
  const flush = () => app.provider(UsageWriter).flush({ all: true });
  const use = async (token: Token): Promise<void> => {
    await present(token);
    await flush();
  };
  const refuse = async (token: Token, ip = OUTSIDE): Promise<void> => {
    await expect(present(token, ip)).rejects.toThrow('SCIM token refused');
    await flush();
  };
  /** Both instances at once. */
  const scan = async (): Promise<void> => {
    await Promise.all(apps.map((each) => each.provider(LifecycleScan).run()));
  };
  /** Time that passes while the scan runs as often as it should. */
  const pass = async (minutes: number): Promise<void> => {
    for (let left = minutes; left > 0; left -= 20) {
      clock.advance(Math.min(left, 20) * MINUTE);
      await app.provider(LifecycleScan).run();
    }
    await scan();
  };
  /** What the trail tells of this tenant's connections. */
  const told = async (): Promise<string[]> =>
    (
      await database.query<{ type: string }>(
        `SELECT type FROM scim_token_events WHERE tenant_id = $1
         AND type IN ('scim_token.quiet', 'scim_token.failing', 'scim_token.recovered') ORDER BY seq`,
        [tenant],
      )
    ).rows.map(({ type }) => type.replace('scim_token.', ''));
  const sent = () =>
    receiver.deliveries
      .map(({ event }) => event)
      .filter(({ data }) => data.tenant_id === tenant && 'health' in data);

  it('is unused until the first use, then ok, and ended with the token', async () => {
    const token = await create();
    const made = await read(token);
    expect(made.health).toEqual({ state: 'unused', since: made.created_at, detail: null });
    clock.advance(MINUTE);
    const usedAt = clock.now().toISOString();
    await use(token);
    clock.advance(MINUTE);
    await use(token);
    expect(await health(token)).toEqual({ state: 'ok', since: usedAt, detail: null });

    const disabled = await patch(token, { enabled: false });
    const ended = { state: 'ended', since: disabled.updated_at, detail: null };
    expect(disabled.health).toEqual(ended);
    clock.advance(MINUTE);
    expect((await patch(token, { name: 'Entra, off' })).health).toEqual(ended);
    const enabled = await patch(token, { enabled: true });
    expect(enabled.health).toEqual({ state: 'ok', since: enabled.updated_at, detail: null });
    await admin.delete(TOKENS + token.id).expect(204);
    const { revoked_at } = await read(token);
    expect(await health(token)).toEqual({ state: 'ended', since: revoked_at, detail: null });
    const short = await create({ expires_in_days: 1 });
    await pass(24 * 60);
    const { expires_at } = await read(short);
    expect(await health(short)).toEqual({ state: 'ended', since: expires_at, detail: null });
    expect(await told()).toEqual([]);
  });

  it('takes 6 hours for entra, no silence for others, and what an administrator says instead', async () => {
    const hours = async (fields: object) => (await read(await create(fields))).quiet_after_hours;
    expect(await hours({})).toBe(6);
    expect(await hours({ quiet_after_hours: null })).toBeNull();
    expect(await hours({ quiet_after_hours: 8760 })).toBe(8760);
    expect(await hours({ provider: 'okta' })).toBeNull();
    expect(await hours({ provider: null })).toBeNull();
    const token = await create({ provider: 'okta' });
    const changed = await patch(token, { provider: 'entra' });
    expect(changed).toMatchObject({ provider: 'entra', quiet_after_hours: null });
    const named = await patch(token, { provider: null, quiet_after_hours: 12 });
    expect(named).toMatchObject({ provider: null, quiet_after_hours: 12 });
    const { body: trail } = await admin.get(`${TOKENS}events?per_page=2`).expect(200);
    expect(trail.items.map(({ changes }: { changes: object }) => changes)).toEqual([
      { provider: { from: 'entra', to: null }, quiet_after_hours: { from: null, to: 12 } },
      { provider: { from: 'okta', to: 'entra' } },
    ]);
    for (const [field, value, type] of [
      ['quiet_after_hours', 0, 'greater_than_equal'],
      ['quiet_after_hours', 8761, 'less_than_equal'],
      ['quiet_after_hours', 1.5, 'int_from_float'],
      ['provider', 'acme', 'literal_error'],
    ] as const) {
      for (const send of [
        admin.post(TOKENS).send({ name: 'n', [field]: value }),
        admin.patch(TOKENS + token.id).send({ [field]: value }),
      ]) {
        const { body: refused } = await send.expect(422);
        expect(refused.detail).toEqual([
          expect.objectContaining({ loc: ['body', field], type: expect.stringContaining(type) }),
        ]);
      }
    }
  });

  it('is quiet once nobody came for too long, and recovers with the next use, each told once', async () => {
    const token = await create();
    await use(token);
    const before = await read(token);
    await pass(6 * 60);
    expect(await health(token)).toMatchObject({ state: 'ok' });
    await pass(20);
    const since = clock.now().toISOString();
    expect(await health(token)).toEqual({ state: 'quiet', since, detail: 6 });
    await pass(60);
    expect(await health(token)).toEqual({ state: 'quiet', since, detail: 7 });
    expect(await told()).toEqual(['quiet']);
    expect(await read(token)).toEqual({ ...before, health: { state: 'quiet', since, detail: 7 } });
    expect((await admin.get(TOKENS + token.id)).headers.etag).toBe('"1"');

    await use(token);
    await scan();
    const back = clock.now().toISOString();
    expect(await health(token)).toEqual({ state: 'ok', since: back, detail: null });
    await pass(60);
    expect(await told()).toEqual(['quiet', 'recovered']);
    await until(() => sent().length === 2);
    expect(sent().map(({ type, timestamp, data }) => [type, timestamp, data.health])).toEqual([
      ['scim_token.quiet', since, { state: 'quiet', since, detail: 6 }],
      ['scim_token.recovered', back, { state: 'ok', since: back, detail: null }],
    ]);
    const { body } = await admin.get(`${TOKENS}events?type=scim_token.quiet`).expect(200);
    expect(body.items).toEqual([
      expect.objectContaining({
        token_id: token.id,
        actor: null,
        changes: { health: { from: 'ok', to: 'quiet' }, detail: { from: null, to: 6 } },
      }),
    ]);
    const trail = verifyAuditTrail(app.get(DataSource), { tenantId: tenant });
    for await (const { broken, events } of trail) expect([broken, events]).toEqual([null, 3]);
  });

  it('is failing once 30 minutes of refusals brought no use, says why, and recovers with a use', async () => {
    const token = await create({ allowed_ips: [`${INSIDE}/32`] });
    await refuse(token);
    await pass(60);
    expect(await health(token)).toMatchObject({ state: 'unused' });
    await use(token);
    clock.advance(MINUTE);
    await refuse(token);
    await pass(20);
    await use(token);
    clock.advance(MINUTE);
    await refuse(token);
    await pass(29);
    await refuse(token);
    expect(await health(token)).toMatchObject({ state: 'ok' });
    await pass(1);
    const since = clock.now().toISOString();
    const failing = { state: 'failing', since, detail: 'ip_not_allowed' };
    expect(await health(token)).toEqual(failing);
    await expect(
      app.provider(ScimTokenVerifier).verify(token.token, { tenantId: 'tnt_other', ip: INSIDE }),
    ).rejects.toThrow();
    await flush();
    await pass(7 * 60);
    expect(await health(token)).toEqual({ ...failing, detail: 'used_elsewhere' });
    expect(await told()).toEqual(['failing']);
    await use(token);
    await scan();
    expect(await told()).toEqual(['failing', 'recovered']);
    await until(() => sent().length === 2);
    expect(sent()[0]!.data.health).toEqual(failing);
  });

  it('is shown on the setup page to whoever connected it', async () => {
    const { secret } = await makeLink(admin, { provider: 'entra' });
    const contact = clientOf(app.url, secret);
    const made = await contact
      .post(`${SETUP}/token`)
      .send({ provider: 'entra', auth_method: 'bearer' })
      .expect(201);
    const { token, connection } = made.body as { token: string; connection: Token };
    const shown = async (): Promise<unknown> =>
      ((await contact.get(SETUP).expect(200)).body as { connection: unknown }).connection;
    expect(connection).toMatchObject({ health: { state: 'unused' } });
    await use({ id: connection.id, token });
    expect(await shown()).toMatchObject({ health: { state: 'ok' } });
    await pass(7 * 60);
    expect(await shown()).toMatchObject({ health: { state: 'quiet', detail: 7 } });
  });

  it('is failing rather than quiet where both are true', async () => {
    const token = await create({ quiet_after_hours: 1, allowed_ips: [`${INSIDE}/32`] });
    await use(token);
    await pass(80);
    await refuse(token);
    await pass(40);
    await use(token);
    await pass(80);
    expect(await told()).toEqual(['quiet', 'failing', 'recovered', 'quiet']);
    expect((await health(token)).state).toBe('quiet');
  });

  it('counts refusals from the last use on, whichever of them was written first', async () => {
    const token = await create({ allowed_ips: [`${INSIDE}/32`] });
    const refusedAt = async (milliseconds: number): Promise<void> => {
      clock.advance(milliseconds);
      await expect(present(token, OUTSIDE)).rejects.toThrow();
    };
    const usedAt = async (milliseconds: number): Promise<void> => {
      clock.advance(milliseconds);
      await present(token);
    };
    // Uses are written when their minute is over, refusals at once.
    const flushRefusals = () => app.provider(UsageWriter).flush();
    await use(token);
    await refusedAt(1_000);
    await usedAt(1_000);
    await flushRefusals();
    await flush();
    const { rows } = await database.query(
      'SELECT failing_since FROM scim_token_usage WHERE tenant_id = $1',
      [tenant],
    );
    expect(rows).toEqual([{ failing_since: null }]);
    await pass(60);
    expect(await told()).toEqual([]);
    await use(token);
    await refusedAt(1_000);
    await flushRefusals();
    await usedAt(1_000);
    await refusedAt(1_000);
    await flushRefusals();
    await flush();
    await pass(40);
    expect(await told()).toEqual(['failing']);
  });

  it('counts no refusal from when the token was off, and each one since', async () => {
    const token = await create({ provider: 'okta', allowed_ips: [`${INSIDE}/32`] });
    await use(token);
    for (const written of ['before it is on', 'after'] as const) {
      await patch(token, { enabled: false });
      clock.advance(1_000);
      await expect(present(token)).rejects.toThrow();
      if (written === 'before it is on') await flush();
      clock.advance(1_000);
      await patch(token, { enabled: true });
      clock.advance(1_000);
      await flush();
      await pass(60);
      expect(await told()).toEqual([]);
    }
    await refuse(token);
    await pass(40);
    expect(await told()).toEqual(['failing']);
  });

  it('recovers when an administrator allows the silence, and is quiet at once when one forbids it', async () => {
    const token = await create({ quiet_after_hours: 1 });
    await use(token);
    await pass(3 * 60);
    await patch(token, { quiet_after_hours: 2 });
    await scan();
    expect(await told()).toEqual(['quiet']);
    await patch(token, { quiet_after_hours: 24 });
    await scan();
    expect(await told()).toEqual(['quiet', 'recovered']);
    await patch(token, { quiet_after_hours: 1 });
    await scan();
    await patch(token, { quiet_after_hours: null });
    await scan();
    expect(await told()).toEqual(['quiet', 'recovered', 'quiet', 'recovered']);
  });

  it('says nothing when the token ends or comes back, and then counts anew', async () => {
    const token = await create({ quiet_after_hours: 1, allowed_ips: [`${INSIDE}/32`] });
    await use(token);
    await pass(80);
    expect(await told()).toEqual(['quiet']);
    await patch(token, { enabled: false });
    await refuse(token, INSIDE);
    await pass(6 * 60);
    await patch(token, { enabled: true });
    await pass(60);
    expect(await health(token)).toMatchObject({ state: 'ok' });
    expect(await told()).toEqual(['quiet']);
    await pass(20);
    expect(await told()).toEqual(['quiet', 'quiet']);

    const short = await create({ expires_in_days: 1, quiet_after_hours: 1 });
    await pass(23 * 60 + 50);
    await use(short);
    await pass(24 * 60);
    await patch(short, { expires_in_days: 10 });
    await pass(60);
    expect(await health(short)).toMatchObject({ state: 'ok' });
    expect(await told()).toEqual(['quiet', 'quiet']);
  });

  describe.each([
    ["an hour's outage of ours", HOUR],
    ['a clock that jumps a week ahead', 7 * 24 * HOUR],
    ['a clock that is set back', -3 * HOUR],
  ])('through %s', (_, jump) => {
    it('makes no silence and no failure, and none of its ends', async () => {
      const [good, refused, silent] = [
        await create({ quiet_after_hours: 1 }),
        await create({ quiet_after_hours: 1, allowed_ips: [`${INSIDE}/32`] }),
        await create({ quiet_after_hours: 1 }),
      ];
      await use(silent);
      await pass(80);
      expect(await told()).toEqual(['quiet']);
      await use(good);
      await use(refused);
      clock.advance(1_000);
      await refuse(refused);
      await scan();
      clock.advance(jump);
      await scan();
      await pass(20);
      expect(await told()).toEqual(['quiet']);
      // Who came meanwhile is written as soon as the clock is past what was written before.
      expect((await health(silent)).state).toBe('quiet');
      clock.advance(4 * HOUR);
      await scan();
      for (const token of [good, refused, silent]) await use(token);
      await pass(40);
      expect(await told()).toEqual(['quiet', 'recovered']);
    });
  });

  it('counts silence from a restart of all instances after an outage, and through one of some', async () => {
    const token = await create({ quiet_after_hours: 2 });
    await use(token);
    await pass(60);
    const env = { EXPIRY_SCAN_SECONDS: '600' };
    const third = await startTestApp({ env, clock, databaseUrl: app.databaseUrl });
    await third.provider(LifecycleScan).run();
    await third.close();
    await pass(80);
    expect(await told()).toEqual(['quiet']);
    await use(token);
    await scan();
    clock.advance(3 * HOUR);
    const restarted = await startTestApp({ env, clock, databaseUrl: app.databaseUrl });
    await restarted.provider(LifecycleScan).run();
    await restarted.close();
    await pass(2 * 60);
    expect(await told()).toEqual(['quiet', 'recovered']);
    await pass(20);
    expect(await told()).toEqual(['quiet', 'recovered', 'quiet']);
  });

  it('is watched again as soon as a clock that ran ahead is right', async () => {
    const token = await create({ quiet_after_hours: 1 });
    clock.advance(7 * 24 * HOUR);
    await scan();
    clock.advance(-7 * 24 * HOUR);
    await scan();
    await use(token);
    await pass(80);
    expect(await told()).toEqual(['quiet']);
  });

  it('is found wrong by neither of two scans whose process slept between looking and writing', async () => {
    const token = await create({ quiet_after_hours: 1, provider: 'generic' });
    await use(token);
    await pass(60);
    // Holds the tenant while its scan waits, and the clock jumps.
    await database.query('BEGIN');
    await database.query('SELECT FROM scim_token_tenants WHERE tenant_id = $1 FOR UPDATE', [
      tenant,
    ]);
    clock.advance(MINUTE);
    const scanned = app.provider(LifecycleScan).run();
    await until(async () => {
      const { rows } = await database.query<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND datname = current_database()`,
      );
      return rows[0]!.waiting > 0;
    });
    clock.advance(2 * HOUR);
    await database.query('COMMIT');
    await scanned;
    expect(await told()).toEqual([]);
  });

  it('narrows a list, within a tenant and over all, and is counted', async () => {
    await create({ name: 'unused' });
    const [ok, quiet, failing, off, gone] = [
      await create({ name: 'ok' }),
      await create({ name: 'quiet', quiet_after_hours: 1 }),
      await create({ name: 'failing', allowed_ips: [`${INSIDE}/32`] }),
      await create({ name: 'off' }),
      await create({ name: 'gone' }),
    ];
    for (const token of [quiet, failing, off, gone]) await use(token);
    clock.advance(MINUTE);
    await refuse(failing);
    await pass(80);
    await use(ok);
    await patch(off, { enabled: false });
    await admin.delete(TOKENS + gone.id).expect(204);
    const named = async (query: string, as = admin): Promise<string[]> =>
      ((await as.get(`${TOKENS}?${query}&sort=name`).expect(200)).body.items as Named[]).map(
        ({ name }) => name,
      );
    for (const state of ['unused', 'ok', 'failing', 'quiet'] as const) {
      expect(await named(`health=${state}`)).toEqual([state]);
      expect(await named(`health=${state}&tenant_id=${tenant}`, app.as(superAdmin()))).toEqual([
        state,
      ]);
      expect(await named(`health=${state}&status=revoked`)).toEqual([]);
    }
    expect(await named('health=ended')).toEqual(['off']);
    expect(await named('health=ended&status=revoked')).toEqual(['gone']);
    expect(await named('health=quiet', app.as(superAdmin()))).toContain('quiet');
    await admin.get(`${TOKENS}?health=well`).expect(422);

    const { rows } = await database.query<{ state: string; count: string }>(
      `SELECT CASE WHEN NOT t.enabled OR t.expires_at <= $1 THEN 'ended' WHEN u.last_used_at IS NULL THEN 'unused'
                   ELSE coalesce(t.health_state, 'ok') END AS state, count(*)
       FROM scim_tokens t LEFT JOIN scim_token_usage u ON u.token_id = t.id
       WHERE t.revoked_at IS NULL GROUP BY 1`,
      [clock.now()],
    );
    const metrics = (await app.as(superAdmin()).get('/metrics')).text;
    for (const { state, count } of rows) {
      expect(metrics).toContain(`scim_tokens_health{state="${state}"} ${count}\n`);
    }
    expect(rows).toHaveLength(5);
  });

  it('comes with an import', async () => {
    const sha256 = (digit: string): string => digit.repeat(63) + String(tenants % 10);
    const rows = [
      { sha256: sha256('a'), name: 'Entra', provider: 'entra' },
      { sha256: sha256('b'), name: 'Own', quiet_after_hours: 48 },
      { sha256: sha256('c'), name: 'Bad', provider: 'acme' },
    ];
    const { body } = await app
      .as(superAdmin())
      .post(`${TOKENS}import`)
      .send({ tenant_id: tenant, tokens: rows })
      .expect(200);
    expect(body).toMatchObject({ imported: 2, failed: 1 });
    const { items } = (await admin.get(`${TOKENS}?sort=name`).expect(200)).body;
    expect(items).toMatchObject([
      { name: 'Entra', provider: 'entra', quiet_after_hours: 6, health: { state: 'unused' } },
      { name: 'Own', provider: null, quiet_after_hours: 48 },
    ]);
  });
});
