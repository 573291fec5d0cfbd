import { setTimeout as delay } from 'node:timers/promises';
import { Client as Database } from 'pg';
import { startService, type ServiceProcess } from '../support/service-process';
import { clientOf, JWT_SECRET, superAdmin, TOKENS } from '../support/test-app';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { startReceiver, WEBHOOK_SECRET, type WebhookReceiver } from '../support/webhook-receiver';

const TOKENS_DUE = 300;

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
    const admin = clientOf(services[1]!.url, superAdmin());
    await receiver.received(20);
    services[0]!.child.kill('SIGKILL');
    for (let turn = 0; turn < 10; turn++) {
      await admin
        .post(TOKENS)
        .send({ name: `made ${turn}`, tenant_id: 'tnt_made' })
        .expect(201);
    }

    const deadline = Date.now() + 240_000;
    for (;;) {
      const { rows } = await sql.query<{ left: number }>(
        'SELECT count(*)::int AS left FROM scim_token_outbox',
      );
      if (rows[0]!.left === 0 && receiver.deliveries.length >= TOKENS_DUE + 10) break;
      if (Date.now() > deadline) throw new Error(`${rows[0]!.left} events were never taken`);
      await delay(500);
    }

    const idsByEvent = new Map<string, Set<string>>();
    for (const { id, event } of receiver.deliveries) {
      const key = `${event.type} ${String(event.data.token_id)}`;
      idsByEvent.set(key, (idsByEvent.get(key) ?? new Set()).add(id));
    }
    expect(idsByEvent.size).toBe(TOKENS_DUE + 10);
    expect([...idsByEvent.values()].filter((ids) => ids.size !== 1)).toEqual([]);
    expect(failures.size).toBeGreaterThan(TOKENS_DUE / 5);
    expect(receiver.forged).toBe(0);
    const { rows } = await sql.query<{ expired: number }>(
      `SELECT count(*)::int AS expired FROM scim_token_events WHERE type = 'scim_token.expired'`,
    );
    expect(rows[0]!.expired).toBe(TOKENS_DUE / 3);
  });
});
