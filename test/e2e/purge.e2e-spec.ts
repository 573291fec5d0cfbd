import { Client as Database } from 'pg';
import { Clock } from '../../src/core/clock';
import { LifecycleScan } from '../../src/scan/lifecycle-scan';
import { startTestApp, tenantAdmin, TOKENS, type TestApp } from '../support/test-app';

class TestClock extends Clock {
  days = 0;
  now(): Date {
    return new Date(Date.now() + this.days * 86_400_000);
  }
}

describe('The purge of revoked tokens', () => {
  const clock = new TestClock();
  let apps: TestApp[];
  let sql: Database;

  beforeAll(async () => {
    const env = { SCIM_TOKEN_PURGE_AFTER_DAYS: '30' };
    const first = await startTestApp({ clock, env });
    apps = [first, await startTestApp({ clock, env, databaseUrl: first.databaseUrl })];
    sql = new Database({ connectionString: first.databaseUrl });
    await sql.connect();
  });
  afterAll(async () => {
    await sql.end();
    await apps[1]!.close();
    await apps[0]!.close();
  });

  const scan = async (): Promise<void> => {
    await Promise.all(apps.map((app) => app.get(LifecycleScan).run()));
    // One of the two may have found the other at it; whatever is left is due at its next scan.
    for (const app of apps) await app.get(LifecycleScan).run();
  };

  it('removes them once their time is over, in batches, and leaves their events', async () => {
    const admin = apps[0]!.as(tenantAdmin());
    const kept = (await admin.post(TOKENS).send({ name: 'kept', expires_in_days: 1 })).body
      .id as string;
    const gone = (await admin.post(TOKENS).send({ name: 'gone' })).body.id as string;
    await admin.delete(TOKENS + gone).expect(204);
    await sql.query(
      `INSERT INTO scim_tokens (id, tenant_id, name, scopes, allowed_ips, enabled, expires_at, created_at,
         updated_at, created_by, revoked_at, version)
       SELECT gen_random_uuid(), 'tnt_a', 'old', '{users:read}', '{}', true, now(), now(), now(), 'x', now(), 1
       FROM generate_series(1, 450)`,
    );

    clock.days = 29;
    await scan();
    expect((await admin.get(TOKENS + gone)).status).toBe(200);
    clock.days = 31;
    await scan();
    expect((await admin.get(TOKENS + gone)).status).toBe(404);
    expect((await admin.get(`${TOKENS}?status=revoked`)).body.total).toBe(0);
    expect((await admin.get(TOKENS + kept)).body.status).toBe('expired');
    expect((await admin.get(TOKENS)).body.total).toBe(1);
    const { rows } = await sql.query('SELECT DISTINCT token_id FROM scim_token_secrets');
    expect(rows).toHaveLength(1);
    const events = await admin.get(`${TOKENS}${gone}/events`);
    expect(events.body.items.map(({ type }: { type: string }) => type)).toEqual([
      'scim_token.revoked',
      'scim_token.created',
    ]);
  });
});
