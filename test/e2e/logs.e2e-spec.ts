import { createHash } from 'node:crypto';
import request from 'supertest';
import {
  clientOf,
  JWT_SECRET,
  mintJwt,
  startTestApp,
  superAdmin,
  TOKENS,
  type TestApp,
} from '../support/test-app';
import { until } from '../support/until';
import { startReceiver, WEBHOOK_SECRET, type WebhookReceiver } from '../support/webhook-receiver';

const PUBLIC = '/api/v1/scim-tokens';
const VERIFY_SECRET = 'proxy-secret-of-thirty-two-bytes-or-more';
const PEPPER = 'pepper-of-the-log-test-of-thirty-two-bytes';
const IMPORTED = 'imported-value-0123456789abcdef-hidden';

/** What only bodies and queries hold, and no line may. */
const TEXTS = { name: 'NAME-5f1c', reason: 'REASON-5f1c', agent: 'AGENT-5f1c' };

interface Line {
  msg?: string;
  [field: string]: unknown;
}

describe('The log', () => {
  let app: TestApp;
  let receiver: WebhookReceiver;
  let jwt: string;
  const secrets: string[] = [VERIFY_SECRET, PEPPER, JWT_SECRET, WEBHOOK_SECRET, 'key=1', IMPORTED];
  let asked = 0;

  beforeAll(async () => {
    receiver = await startReceiver();
    receiver.answer = () => 500;
    app = await startTestApp({
      env: {
        SCIM_TOKEN_PEPPER: PEPPER,
        SCIM_VERIFY_SECRET: VERIFY_SECRET,
        SCIM_VERIFY_URI_HEADER: 'X-Original-URI',
        WEBHOOK_URL: receiver.url,
        WEBHOOK_SECRET,
      },
    });
    jwt = superAdmin();
    secrets.push(jwt, new URL(app.databaseUrl).password, ...Object.values(TEXTS));
    await useEverything();
  });
  afterAll(async () => {
    await app.close();
    await receiver.close();
  });

  const requestLines = (): Line[] =>
    app
      .logs()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
      .filter((line) => 'duration_ms' in line);

  async function useEverything(): Promise<void> {
    const admin = clientOf(app.url, jwt);
    const call = async (
      method: 'get' | 'post' | 'patch' | 'delete',
      path: string,
      body?: object,
    ): Promise<Record<string, unknown>> => {
      asked += 1;
      const answer = await admin[method](path).set('User-Agent', TEXTS.agent).send(body);
      if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.text}`);
      return answer.body as Record<string, unknown>;
    };
    const form = (path: string, fields: object, bearer = jwt): Promise<request.Response> => {
      asked += 1;
      const sent = request(app.url)
        .post(PUBLIC + path)
        .type('form')
        .send(fields);
      return sent.set('Authorization', `Bearer ${bearer}`);
    };
    const create = async (): Promise<{ id: string; token: string }> => {
      const made = await call('post', TOKENS, { name: TEXTS.name, tenant_id: 'tnt_a' });
      const { id, token } = made as { id: string; token: string };
      secrets.push(token, token.slice(-38));
      return { id, token };
    };
    const reason = { reason: TEXTS.reason };

    const first = await create();
    await call('patch', TOKENS + first.id, { description: TEXTS.name });
    await call('get', `${TOKENS}?tenant_id=tnt_a&q=${TEXTS.name}`);
    await call('get', `${TOKENS}endpoint-info?tenant_id=tnt_a`);
    const rotated = (await call('post', `${TOKENS}${first.id}/rotate`, {})) as { token: string };
    secrets.push(rotated.token, rotated.token.slice(-38));
    for (const token of [
      rotated.token,
      first.token,
      `${first.token}x`,
      jwt,
      IMPORTED,
      TEXTS.name,
    ]) {
      await form('/introspect', { token, tenant_id: 'tnt_a', user_agent: TEXTS.agent });
    }
    await form('/introspect', { token: first.token }, `${jwt}x`);
    for (const [value, path] of [
      [rotated.token, '/api/v1/tenants/tnt_a/scim/v2/Users'],
      [first.token, '/api/v1/tenants/tnt_b/scim/v2/Users'],
      [jwt, `/${rotated.token}`],
    ] as const) {
      asked += 1;
      await request(app.url)
        .get(`${PUBLIC}/verify`)
        .set('X-Scim-Verify-Secret', VERIFY_SECRET)
        .set('X-Original-URI', `${path}?filter=${TEXTS.name}`)
        .set('Authorization', `Bearer ${value}`);
    }
    await call('post', `${TOKENS}identify`, { token: first.token });
    await call('post', `${TOKENS}revoke-by-value`, { token: rotated.token, ...reason });
    await form('/revoke', { token: (await create()).token });
    const sha256 = createHash('sha256').update(IMPORTED).digest('hex');
    secrets.push(sha256);
    const rows = [{ sha256, name: TEXTS.name }];
    await call('post', `${TOKENS}import`, { tenant_id: 'tnt_a', tokens: rows });
    await form('/introspect', { token: IMPORTED, tenant_id: 'tnt_a' });
    await call('delete', `${TOKENS}${(await create()).id}?reason=${TEXTS.reason}`);
    await call('post', `${TOKENS}revoke-all`, { tenant_id: 'tnt_a', ...reason });
    await call('get', `${TOKENS}events?tenant_id=tnt_a`);
    for (const [path, body] of [
      [TOKENS, `{"name":"${first.token}`],
      [`${TOKENS}${first.token}?token=${first.token}`, '{}'],
      [`/scim/${jwt}`, TEXTS.name],
    ] as const) {
      asked += 1;
      await request(app.url)
        .post(path)
        .set({ Authorization: `Bearer ${jwt}`, 'Content-Type': 'application/json' })
        .send(body);
    }
    asked += 1;
    const guest = mintJwt({ sub: 'guest@example.com', role: 'guest' });
    secrets.push(guest);
    await request(app.url).get(TOKENS).set('Authorization', `Bearer ${guest}`).expect(403);
    await until(() => app.logs().includes('was not taken'));
  }

  it('has one line a request: id, caller, tenant, route, status and duration', () => {
    const lines = requestLines();
    expect(lines).toHaveLength(asked);
    const fields = new Set(lines.flatMap((line) => Object.keys(line)));
    expect([...fields].sort()).toEqual(
      [
        ...['duration_ms', 'hostname', 'level', 'method', 'path', 'pid', 'request_id', 'route'],
        ...['status', 'sub', 'tenant', 'time'],
      ].sort(),
    );
    const created = lines.find(({ method, status }) => method === 'POST' && status === 201);
    expect(created).toMatchObject({
      route: '/api/v1/admin/scim-tokens',
      sub: 'admin@example.com',
      tenant: 'tnt_a',
    });
    const refused = lines.find(({ status }) => status === 403);
    expect(refused).toMatchObject({ sub: 'guest@example.com', method: 'GET' });
  });

  it('tells of refusals and of events that were not taken', () => {
    expect(app.logs()).toContain('SCIM token refused');
    expect(app.logs()).toContain('was not taken');
  });

  it('holds no value, JWT, key, password, digest, body or query, whatever was asked', () => {
    const logs = app.logs();
    expect(secrets.filter((secret) => logs.includes(secret))).toEqual([]);
    expect(secrets.length).toBeGreaterThan(15);
  });

  it('shows no more than 1 kB of a path', async () => {
    await request(app.url).get(`/long/${'eyJ'.repeat(5000)}`);
    const path = (): string | undefined =>
      requestLines()
        .map((line) => String(line.path))
        .find((one) => one.startsWith('/long/'));
    await until(() => path() !== undefined);
    expect(path()).toHaveLength(1024);
  });
});
