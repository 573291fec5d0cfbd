import { readFileSync } from 'node:fs';
import request from 'supertest';
import { ScimTokenVerifier } from '../../src';
import { startTestApp, superAdmin, TOKENS, type TestApp } from '../support/test-app';
import { until } from '../support/until';

const DAY_MS = 86_400_000;

describe('Metrics', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({ env: { RATE_LIMIT_PER_MINUTE: '20' } });
  });
  afterAll(() => app.close());

  const scrape = async (): Promise<string> =>
    (
      await request(app.url)
        .get('/metrics')
        .expect(200)
        .expect('content-type', /^text\/plain/)
    ).text;

  it('count requests by route and status, tokens by status and by days to expiry, and name nobody', async () => {
    const admin = app.as(superAdmin());
    const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
    const make = async (expires_at: string): Promise<string> => {
      const body = { name: 'secret-name', tenant_id: 'tnt_hidden', expires_at };
      return (await admin.post(TOKENS).send(body).expect(201)).body.id as string;
    };
    await make(inDays(5));
    const disabled = await make(inDays(20));
    const revoked = await make(inDays(200));
    await make(inDays(200));
    await admin
      .patch(TOKENS + disabled)
      .send({ enabled: false })
      .expect(200);
    await admin.delete(TOKENS + revoked).expect(204);
    await admin.get('/no/such/path/tnt_hidden').expect(404);

    let text = '';
    // A scrape waits a second for the counts, which is little on a busy machine.
    await until(async () => (text = await scrape()).includes('\nscim_tokens{'));
    const value = (series: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')[1],
      );
    expect(
      value('http_requests_total{method="POST",route="/api/v1/admin/scim-tokens",status="201"}'),
    ).toBe(4);
    expect(value('http_requests_total{method="GET",route="none",status="404"}')).toBe(1);
    expect(
      ['active', 'disabled', 'expired', 'revoked'].map((status) =>
        value(`scim_tokens{status="${status}"}`),
      ),
    ).toEqual([2, 1, 0, 1]);
    expect(
      [1, 7, 14, 30, 90].map((days) => value(`scim_tokens_expiring{within_days="${days}"}`)),
    ).toEqual([0, 1, 1, 2, 2]);
    expect(value('database_pool_max')).toBe(10);
    expect(value('database_pool_connections')).toBeGreaterThan(0);
    for (const name of [
      'tnt_hidden',
      'secret-name',
      'sct_',
      'scim_token_id',
      'admin@example.com',
      revoked,
    ]) {
      expect(text).not.toContain(name);
    }
  });

  it('tell of verification by result and reason', async () => {
    const { body } = await app
      .as(superAdmin())
      .post(TOKENS)
      .send({ name: 'x', tenant_id: 'tnt_v' })
      .expect(201);
    for (const tenantId of ['tnt_v', 'tnt_v', 'tnt_other']) {
      await app
        .get(ScimTokenVerifier)
        .verify(body.token, { tenantId })
        .catch(() => undefined);
    }
    const text = await scrape();
    expect(text).toContain('scim_token_verifications_total{result="accepted",reason=""} 2');
    expect(text).toContain(
      'scim_token_verifications_total{result="refused",reason="tenant_mismatch"} 1',
    );
    expect(text).toContain('scim_token_cache_lookups_total{result="hit"} 2');
    expect(text).toContain('scim_token_cache_entries 1');
    expect(text).toContain('scim_token_revocations_heard 1');
    expect(text).toMatch(/^scim_token_revocation_lag_seconds 0\.\d+$/m);
    expect(text).not.toContain(body.token_prefix);
  });

  it('hold every name that the dashboard and the alert rules ask for', async () => {
    const text = await scrape();
    const asked = ['deploy/grafana/dashboard.json', 'deploy/prometheus/rules.yml']
      .flatMap((path) =>
        readFileSync(path, 'utf8').match(
          /\b(?:scim_token|http|database|process|nodejs)s?_[a-z_0-9]+/g,
        ),
      )
      .map((name) => String(name).replace(/_bucket$/, ''));
    expect(new Set(asked).size).toBeGreaterThan(15);
    for (const name of asked) expect(text).toContain(`# TYPE ${name} `);
  });

  it('count the tokens at most every ten seconds, however often they are scraped', async () => {
    const counted = /^scim_tokens\{.*$/gm;
    const ageIn = (text: string): number =>
      Number(/^scim_tokens_counted_age_seconds (\S+)$/m.exec(text)?.[1]);
    let [before, after] = ['', ''];
    // Once more where the ten seconds were over between the two.
    await until(async () => {
      before = await scrape();
      await app.as(superAdmin()).post(TOKENS).send({ name: 'x', tenant_id: 'tnt_b' }).expect(201);
      after = await scrape();
      return ageIn(after) > ageIn(before);
    });
    expect(after.match(counted)).toEqual(before.match(counted));
  });

  it('and health are never limited', async () => {
    for (let times = 0; times < 25; times += 1) {
      await request(app.url).get(TOKENS);
    }
    await request(app.url)
      .get(TOKENS)
      .expect(429)
      .expect('retry-after', /^[1-9]\d*$/);
    for (const path of ['/metrics', '/health/live', '/health/ready']) {
      for (let times = 0; times < 25; times += 1) await request(app.url).get(path).expect(200);
    }
  });
});

describe('An instance that does not hear of revocations', () => {
  it('is ready all the same, and says so', async () => {
    const app = await startTestApp({
      env: { DATABASE_LISTEN_URL: 'postgres://nobody:hidden@127.0.0.1:1/none' },
    });
    const { body } = await request(app.url).get('/health/ready').expect(200);
    expect(body.details.listener).toMatchObject({ status: 'up', state: 'degraded' });
    expect((await request(app.url).get('/metrics')).text).toContain(
      'scim_token_revocations_heard 0',
    );
    expect(app.logs()).toContain('DATABASE_LISTEN_URL');
    expect(app.logs()).not.toContain('hidden@');
    await app.close();
  });
});

describe('Without metrics', () => {
  it('the route is not there', async () => {
    const app = await startTestApp({ env: { METRICS_ENABLED: 'false' } });
    await request(app.url).get('/metrics').expect(404);
    await app.close();
  });
});
