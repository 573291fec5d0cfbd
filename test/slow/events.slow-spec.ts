import { setTimeout as delay } from 'node:timers/promises';
import { Client as Database } from 'pg';
import { startService, type ServiceProcess } from '../support/service-process';
import { clientOf, JWT_SECRET, superAdmin, TOKENS } from '../support/test-app';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { startReceiver, WEBHOOK_SECRET, type WebhookReceiver } from '../support/webhook-receiver';

const TOKENS_DUE = 300;
const TOKENS_QUIET = 100;

describe('Two instances, one killed with -9 while it delivers, the receiver failing at random', () => {
  let database: TestDatabase;
  let sql: Database;
  let receiver: WebhookReceiver;
  let services: ServiceProcess[];

  beforeAll(async () => {
    database = await createTestDatabase();
    sql = new Database(database.url);
    await sql.connect();
    receiver = await startReceiver();
    const env = {
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      JWT_SECRET,
      SCIM_TOKEN_PEPPER: 'events-pepper-of-thirty-two-bytes-or-more',
      WEBHOOK_URL: receiver.url,
      WEBHOOK_SECRET,
      EXPIRY_SCAN_SECONDS: '1',
      LOG_LEVEL: 'error',
    };
    services = [await startService(env), await startService(env)];
  });
  afterAll(async () => {
    await Promise.all(
      services
        .filter(({ child }) => child.exitCode === null && child.signalCode === null)
        .map((s) => s.end('SIGTERM')),
    );
    await receiver.close();
    await sql.end();
    await database.drop();
  });

  it('nothing is missing, nothing is made twice, and each event keeps its id', async () => {
    const failures = new Map<string, number>();
    receiver.answer = ({ id }) => {
      const failed = failures.get(id) ?? 0;
      const dice = Math.random();
      if (failed === 1 || dice > 0.4) return 204;
      failures.set(id, failed + 1);
      if (dice < 0.02) return 'hang';
      return 500;
    };
    // Due at three thresholds' worth of time: expired, within a day, within a week.
    await sql.query(
      `INSERT INTO scim_tokens (id, tenant_id, name, scopes, allowed_ips, enabled, expires_at, created_at,
                                updated_at, created_by, version)
       SELECT gen_random_uuid(), 'tnt_' || n % 10, 'n' || n, '{users:read}', '{}', true,
              now() + (n % 3 * 3 - 1) * interval '1 day', now() - interval '40 days', now(), 'x', 1
       FROM generate_series(1, $1) n`,
      [TOKENS_DUE],
    );
    // In use until two hours ago, while the scan ran all the time.
    await sql.query(
      `WITH silent AS (
         INSERT INTO scim_tokens (id, tenant_id, name, scopes, allowed_ips, enabled, expires_at, created_at,
                                  updated_at, created_by, version, quiet_after_hours)
         SELECT gen_random_uuid(), 'tnt_' || n % 10, 'n' || n, '{users:read}', '{}', true,
                now() + interval '90 days', now() - interval '40 days', now(), 'x', 1, 1
         FROM generate_series(1, $1) n RETURNING tenant_id, id)
       INSERT INTO scim_token_usage (tenant_id, token_id, first_used_at, last_used_at)
       SELECT tenant_id, id, now() - interval '30 days', now() - interval '2 hours' FROM silent`,
      [TOKENS_QUIET],
    );
    const runsForHours = () =>
      sql.query(`UPDATE scim_token_scan SET running_since = now() - interval '3 hours'`);
    await runsForHours();
    const admin = clientOf(services[1]!.url, superAdmin());
    await receiver.received(20);
    services[0]!.child.kill('SIGKILL');
    for (let turn = 0; turn < 10; turn++) {
      await admin
        .post(TOKENS)
        .send({ name: `made ${turn}`, tenant_id: 'tnt_made' })
        .expect(201);
    }

    const all = TOKENS_DUE + TOKENS_QUIET + 10;
    const deadline = Date.now() + 240_000;
    for (;;) {
      await runsForHours();
      const { rows } = await sql.query<{ left: number }>(
        'SELECT count(*)::int AS left FROM scim_token_outbox',
      );
      if (rows[0]!.left === 0 && receiver.deliveries.length >= all) break;
      if (Date.now() > deadline) throw new Error(`${rows[0]!.left} events were never taken`);
      await delay(500);
    }

    const idsByEvent = new Map<string, Set<string>>();
    for (const { id, event } of receiver.deliveries) {
      const key = `${event.type} ${String(event.data.token_id)}`;
      idsByEvent.set(key, (idsByEvent.get(key) ?? new Set()).add(id));
    }
    expect(idsByEvent.size).toBe(all);
    expect([...idsByEvent.values()].filter((ids) => ids.size !== 1)).toEqual([]);
    expect(failures.size).toBeGreaterThan(TOKENS_DUE / 5);
    expect(receiver.forged).toBe(0);
    const { rows } = await sql.query<{ type: string; count: number }>(
      `SELECT type, count(*)::int FROM scim_token_events
       WHERE type IN ('scim_token.expired', 'scim_token.quiet') GROUP BY type ORDER BY type`,
    );
    expect(rows).toEqual([
      { type: 'scim_token.expired', count: TOKENS_DUE / 3 },
      { type: 'scim_token.quiet', count: TOKENS_QUIET },
    ]);
  });
});
