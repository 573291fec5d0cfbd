import { Client as Database } from 'pg';
import { DataSource } from 'typeorm';
import { ScimTokenVerifier } from '../../src/index';
import { verifyAuditTrail } from '../../src/audit/verify-audit-trail';
import { LifecycleScan } from '../../src/scan/lifecycle-scan';
import { UsageWriter } from '../../src/usage/usage-writer';
import { DAY, HOUR, MovingClock, SECOND } from '../support/moving-clock';
import { startTestApp, tenantAdmin, TOKENS, type Client, type TestApp } from '../support/test-app';
import { until } from '../support/until';
import {
  startReceiver,
  WEBHOOK_SECRET,
  type Answer,
  type Delivery,
  type WebhookReceiver,
} from '../support/webhook-receiver';

describe('Events', () => {
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
      EXPIRY_SCAN_SECONDS: '1',
      SCIM_TOKEN_MAX_ACTIVE_PER_TENANT: '1000',
    };
    app = await startTestApp({ env, clock });
    // Two instances look after the same tokens all the time.
    apps = [app, await startTestApp({ env, clock, databaseUrl: app.databaseUrl })];
    database = new Database({ connectionString: app.databaseUrl });
    await database.connect();
  });
  afterAll(async () => {
    await database.end();
    for (const each of apps.reverse()) await each.close();
    await receiver.close();
  });
  beforeEach(() => {
    tenant = `tnt_${tenants++}`;
    admin = app.as(tenantAdmin(tenant));
    receiver.deliveries.length = 0;
    receiver.answer = () => 204;
  });

  const create = async (fields: object = {}): Promise<{ id: string; last_four: string }> =>
    (
      await admin
        .post(TOKENS)
        .send({ name: 'Okta', ...fields })
        .expect(201)
    ).body as {
      id: string;
      last_four: string;
    };
  /** Answers this test's tenant's first deliveries so, and takes all others. */
  const firstly =
    (count: number, answer: Answer) =>
    ({ event }: Delivery): Answer => {
      if (event.data.tenant_id !== tenant) return 204;
      return count-- > 0 ? answer : 204;
    };
  /** Deliveries about this test's tenant once so many have come. */
  const told = async (count: number): Promise<Delivery[]> => {
    const mine = () => receiver.deliveries.filter(({ event }) => event.data.tenant_id === tenant);
    await soon(async () => mine().length >= count && !(await isSending()));
    return mine();
  };
  /** Waits until something holds; meanwhile both instances scan, as they else do once a second. */
  const soon = (holds: () => boolean | Promise<boolean>): Promise<void> =>
    until(async () => {
      await Promise.all(apps.map((each) => each.provider(LifecycleScan).run()));
      return holds();
    });
  const typesTold = async (count: number): Promise<string[]> =>
    (await told(count)).map(({ event }) => event.type);
  const queued = async (): Promise<Record<string, unknown>[]> =>
    (
      await database.query<Record<string, unknown>>(
        'SELECT * FROM scim_token_outbox ORDER BY event_id',
      )
    ).rows;
  const audited = async (): Promise<string[]> =>
    (
      await database.query<{ type: string }>(
        'SELECT type FROM scim_token_events WHERE tenant_id = $1 ORDER BY seq',
        [tenant],
      )
    ).rows.map(({ type }) => type);

  it('tell of a workload identity without an end or last characters, and never that it expires', async () => {
    const trust = {
      issuer: 'https://login.microsoftonline.com/0b1e2c3d-4f5a-4b6c-8d7e-9f0a1b2c3d4e/v2.0',
      subject: 'app',
      audience: 'api',
    };
    const connection = { auth_method: 'workload_identity', trust, expires_at: null };
    const { id } = await create(connection);
    const dated = await create({ expires_in_days: 1 });
    const [first] = await told(2);
    expect(first!.event.data).toMatchObject({ token_id: id, last_four: null, expires_at: null });
    clock.advance(DAY);
    const expired = (await told(3)).slice(2);
    expect(expired.map(({ event }) => [event.type, event.data.token_id])).toEqual([
      ['scim_token.expired', dated.id],
    ]);
    await admin
      .patch(TOKENS + id)
      .send({ expires_in_days: 7 })
      .expect(200);
    await admin
      .patch(TOKENS + id)
      .send({ expires_at: null })
      .expect(200);
    // What is under way when the clock jumps is sent again.
    await told(5);
    clock.advance(30 * DAY);
    await create();
    expect((await typesTold(6)).slice(3)).toEqual([
      'scim_token.updated',
      'scim_token.updated',
      'scim_token.created',
    ]);
  });

  it('tell of a creation, a change and a revocation, signed, with what and who, never the value', async () => {
    const made = (await admin.post(TOKENS).send({ name: 'Okta', expires_in_days: 90 })).body;
    const [created] = await told(1);
    expect(created!.event).toEqual({
      type: 'scim_token.created',
      timestamp: clock.now().toISOString(),
      data: {
        token_id: made.id,
        tenant_id: tenant,
        name: 'Okta',
        last_four: made.last_four,
        expires_at: made.expires_at,
        actor: 'admin@example.com',
      },
    });
    expect(created!.headers['content-type']).toBe('application/json');
    expect(created!.id).toMatch(/^msg_[0-9a-f]{32}$/);
    await admin.patch(TOKENS + made.id).send({ name: 'Entra', enabled: false });
    await told(2);
    await admin.delete(TOKENS + made.id);
    await admin.delete(TOKENS + made.id);
    const deliveries = await told(3);
    expect(deliveries.map(({ event }) => [event.type, event.data.name])).toEqual([
      ['scim_token.created', 'Okta'],
      ['scim_token.updated', 'Entra'],
      ['scim_token.revoked', 'Entra'],
    ]);
    expect(JSON.stringify(deliveries)).not.toContain(made.token.slice(30));
    await until(async () => (await queued()).length === 0);
    expect(receiver.forged).toBe(0);
  });

  it('announce each threshold once and then the expiry, with two instances looking', async () => {
    await create({ expires_in_days: 40 });
    await told(1);
    clock.advance(9 * DAY);
    for (const [days, left] of [
      [1, 30],
      [16, 14],
      [7, 7],
      [6, 1],
    ] as const) {
      clock.advance(days * DAY);
      const count = [30, 14, 7, 1].indexOf(left) + 2;
      const { event } = (await told(count)).at(-1)!;
      expect([event.type, event.data.days_left]).toEqual(['scim_token.expiring', left]);
      expect(event.data).not.toHaveProperty('actor');
    }
    clock.advance(DAY);
    expect(await typesTold(6)).toEqual([
      'scim_token.created',
      ...Array<string>(4).fill('scim_token.expiring'),
      'scim_token.expired',
    ]);
    clock.advance(40 * DAY);
    await scanned();
    expect(await typesTold(6)).toHaveLength(6);
    expect(await audited()).toEqual(['scim_token.created', 'scim_token.expired']);
  });

  it('leave thresholds out that were past when the expiry was set', async () => {
    const { id } = await create({ expires_in_days: 14 });
    await told(1);
    clock.advance(HOUR);
    await scanned();
    await admin.patch(TOKENS + id).send({ expires_in_days: 5 });
    await told(2);
    clock.advance(4 * DAY + HOUR);
    const [, , expiring] = await told(3);
    expect(expiring!.event.data.days_left).toBe(1);
    await scanned();
    expect(await typesTold(3)).toEqual([
      'scim_token.created',
      'scim_token.updated',
      'scim_token.expiring',
    ]);
  });

  it('announce only the tightest threshold after an outage, and an expiry that came meanwhile alone', async () => {
    const [late, gone] = [
      await create({ name: 'late', expires_in_days: 60 }),
      await create({ name: 'gone', expires_in_days: 50 }),
    ];
    await told(2);
    clock.advance(54 * DAY + HOUR);
    await told(4);
    await scanned();
    const news = (await told(4)).slice(2).map(({ event }) => event);
    expect(news).toHaveLength(2);
    expect(news.find(({ data }) => data.token_id === late.id)).toMatchObject({
      type: 'scim_token.expiring',
      data: { days_left: 6 },
    });
    expect(news.find(({ data }) => data.token_id === gone.id)?.type).toBe('scim_token.expired');
  });

  it('begin anew when the expiry is moved, and say nothing of a revoked token', async () => {
    const { id } = await create({ expires_in_days: 20 });
    await told(1);
    clock.advance(6 * DAY);
    await told(2);
    await admin.patch(TOKENS + id).send({ expires_in_days: 40 });
    await told(3);
    clock.advance(10 * DAY);
    const again = (await told(4)).at(-1)!;
    expect([again.event.type, again.event.data.days_left]).toEqual(['scim_token.expiring', 30]);
    await admin.delete(TOKENS + id);
    await told(5);
    clock.advance(60 * DAY);
    await scanned();
    expect((await typesTold(5)).at(-1)).toBe('scim_token.revoked');
    expect(await told(5)).toHaveLength(5);
  });

  it('are tried again after 5 s, 30 s and 2 min under one id until the receiver takes them', async () => {
    receiver.answer = firstly(3, 503);
    await create();
    for (const [index, wait] of [5, 30, 120].entries()) {
      await told(index + 1);
      const [row] = await settled(index + 1);
      const delay = Number(row!.next_try_at) - clock.now().getTime();
      expect(Math.abs(delay / SECOND - wait)).toBeLessThanOrEqual(wait / 10);
      expect(row).toMatchObject({ tries: index + 1, last_error: 'answered 503', dead_at: null });
      clock.advance(delay);
    }
    const deliveries = await told(4);
    expect(new Set(deliveries.map(({ id }) => id)).size).toBe(1);
    expect(new Set(deliveries.map(({ event }) => JSON.stringify(event))).size).toBe(1);
    await until(async () => (await queued()).length === 0);
  });

  it('do not follow a redirect', async () => {
    const stranger = await startReceiver();
    receiver.answer = firstly(1, { status: 307, headers: { location: stranger.url } });
    await create();
    await told(1);
    const [row] = await settled(1);
    expect(row!.last_error).toBe('answered 307');
    clock.advance(6 * SECOND);
    await told(2);
    expect(stranger.deliveries).toEqual([]);
    await stranger.close();
  });

  it('are given up after 78 tries, with an error in the log and a row that stays', async () => {
    receiver.answer = firstly(100, 500);
    await create();
    await told(1);
    await settled(1);
    await database.query('UPDATE scim_token_outbox SET tries = 77');
    clock.advance(2 * HOUR);
    await soon(async () => (await queued())[0]?.dead_at !== null);
    const [row] = await queued();
    expect(row).toMatchObject({ tries: 78, type: 'scim_token.created' });
    const line = apps
      .flatMap((each) => each.logs().split('\n'))
      .find((text) => text.includes('given up'));
    expect(JSON.parse(line!)).toMatchObject({ level: 50, type: 'scim_token.created', tries: 78 });
    clock.advance(5 * DAY);
    await scanned();
    expect(receiver.deliveries.filter(({ id }) => line!.includes(id))).toHaveLength(2);
    receiver.answer = () => 204;
    clock.advance(31 * DAY);
    await soon(async () => (await queued()).length === 0);
  });

  it('have failed checks in the trail once their hour has closed, once, with no other tenant’s token', async () => {
    const hour = new Date(Math.floor(clock.now().getTime() / HOUR) * HOUR).toISOString();
    const other = `${tenant}_other`;
    const { body } = await app.as(tenantAdmin(other)).post(TOKENS).send({ name: 'Okta' });
    await create();
    for (const each of apps) {
      const verifier = each.get(ScimTokenVerifier);
      for (const value of ['nobody’s', body.token as string]) {
        await expect(verifier.verify(value, { tenantId: tenant })).rejects.toThrow();
      }
      await each.provider(UsageWriter).flush();
    }
    const counted = async (): Promise<number> => {
      const { rows } = await database.query<{ sum: string | null }>(
        'SELECT sum(count) FROM scim_token_auth_failures WHERE tenant_id = $1',
        [tenant],
      );
      return Number(rows[0]!.sum);
    };
    expect(await counted()).toBe(4);
    clock.advance(2 * HOUR);
    await soon(async () => (await audited()).length >= 3);
    await scanned();
    const { rows } = await database.query(
      `SELECT token_id, changes->'reason'->>'to' AS reason, changes->'count'->'to' AS count,
              changes->'hint'->>'to' AS hint, changes->'hour'->>'to' AS hour
       FROM scim_token_events WHERE tenant_id = $1 AND type = 'scim_token.auth_failed' ORDER BY 2`,
      [tenant],
    );
    expect(rows).toEqual([
      { token_id: null, reason: 'malformed', count: 2, hint: 'malformed', hour },
      { token_id: null, reason: 'tenant_mismatch', count: 2, hint: 'tenant_mismatch', hour },
    ]);
    const trail = verifyAuditTrail(app.get(DataSource), { tenantId: tenant });
    for await (const { broken, events } of trail) expect([broken, events]).toEqual([null, 3]);
  });

  it('are made once for hundreds of tokens that are due together', async () => {
    await create();
    await told(1);
    await database.query(
      `INSERT INTO scim_tokens (id, tenant_id, name, scopes, allowed_ips, enabled, expires_at, created_at,
                                updated_at, created_by, version)
       SELECT gen_random_uuid(), $1, 'n' || n, '{users:read}', '{}', true, $3, $2, $2, 'x', 1
       FROM generate_series(1, 600) n`,
      [tenant, clock.now(), new Date(clock.now().getTime() + 60 * DAY)],
    );
    clock.advance(53 * DAY);
    const deliveries = (await told(601)).slice(1);
    const ids = deliveries.map(({ event }) => event.data.token_id);
    expect(new Set(ids).size).toBe(600);
    await scanned();
    expect(await told(601)).toHaveLength(601);
  });

  /** Resolves when both instances have scanned since, and what they queued was sent. */
  async function scanned(): Promise<void> {
    // What is under way at first may have begun before.
    for (const each of [...apps, ...apps]) await each.provider(LifecycleScan).run();
    await until(async () => (await queued()).every(({ dead_at: deadAt }) => deadAt !== null));
  }

  /** The queue once its only event has been tried so often and put off. */
  async function settled(tries: number): Promise<Record<string, unknown>[]> {
    await until(async () => {
      const [row] = await queued();
      return row?.tries === tries && row.last_error !== null && !(await isSending());
    });
    return queued();
  }

  /** Whether an event's next try is only the end of its claim. */
  async function isSending(): Promise<boolean> {
    const now = clock.now().getTime();
    return (await queued()).some(({ next_try_at: at }) => Number(at) - now === 30 * SECOND);
  }
});

describe('Without a receiver', () => {
  it('nothing is queued, and an expiry is audited all the same', async () => {
    const clock = new MovingClock();
    const app = await startTestApp({ clock, env: { EXPIRY_SCAN_SECONDS: '1' } });
    const database = new Database({ connectionString: app.databaseUrl });
    await database.connect();
    await app.as(tenantAdmin()).post(TOKENS).send({ name: 'Okta', expires_in_days: 40 });
    clock.advance(40 * DAY);
    await until(async () => {
      const { rows } = await database.query(
        `SELECT FROM scim_token_events WHERE type = 'scim_token.expired' AND actor IS NULL`,
      );
      return rows.length === 1;
    });
    expect((await database.query('SELECT FROM scim_token_outbox')).rows).toEqual([]);
    await database.end();
    await app.close();
  });
});
