import { hash } from 'node:crypto';
import { crc32, gzipSync } from 'node:zlib';
import { Client as PgClient } from 'pg';
import { ScimTokenVerifier } from '../../src/index';
import { mintSecret } from '../../src/secrets/scim-token.secret';
import { UsageWriter } from '../../src/usage/usage-writer';
import { respell } from '../support/forge';
import { DAY, HOUR, MovingClock } from '../support/moving-clock';
import { startTestApp, superAdmin, tenantAdmin, TOKENS } from '../support/test-app';
import type { Client, TestApp } from '../support/test-app';
import { until } from '../support/until';
import { startReceiver, WEBHOOK_SECRET, type WebhookReceiver } from '../support/webhook-receiver';

const NOT_FOUND = { detail: 'SCIM token not found' };
const ENDED = { detail: 'SCIM token value has ended already' };

interface Made {
  id: string;
  token: string;
  last_four: string;
  updated_at: string;
}

describe('A value that turned up', () => {
  let app: TestApp;
  let receiver: WebhookReceiver;
  let clock: MovingClock;
  let admin: Client;
  let tenant: string;
  let tenants = 0;

  beforeAll(async () => {
    receiver = await startReceiver();
    clock = new MovingClock();
    app = await startTestApp({ clock, env: { WEBHOOK_URL: receiver.url, WEBHOOK_SECRET } });
  });
  afterAll(async () => {
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
  const identify = (token: unknown, by = admin) => by.post(`${TOKENS}identify`).send({ token });
  const revoke = (token: string, by = admin, reason = 'build log') =>
    by.post(`${TOKENS}revoke-by-value`).send({ token, reason });
  const hand = (body: string | Buffer, type = 'application/x-www-form-urlencoded') =>
    fetch(`${app.url}/api/v1/scim-tokens/revoke`, {
      method: 'POST',
      headers: { ...(type !== '' && { 'content-type': type }), 'user-agent': 'scanner/1' },
      // Of a text fetch would make up a type.
      body: Buffer.from(body),
    });
  const works = (value: string): Promise<boolean> =>
    app
      .provider(ScimTokenVerifier)
      .verify(value, { tenantId: tenant })
      .then(
        () => true,
        () => false,
      );
  const leaks = async (): Promise<Record<string, unknown>[]> =>
    (await admin.get(`${TOKENS}events?type=scim_token.leaked`)).body.items as never;
  const forged = (value: string): string => {
    const [prefix, lookupId] = value.split('_');
    const body = `${prefix}_${lookupId}_${mintSecret('scim').random}`;
    return body + checksumOf(body);
  };

  it('is identified, a revoked one too, and that is no use of it', async () => {
    const made = await create();
    const found = await identify(made.token).expect(200);
    const { token: _, ...object } = made;
    expect(found.body).toEqual(object);
    await app.provider(UsageWriter).flush();
    expect((await admin.get(TOKENS + made.id)).body.last_used_at).toBeNull();
    await admin.delete(TOKENS + made.id);
    expect((await identify(made.token)).body).toMatchObject({ id: made.id, status: 'revoked' });
    expect((await identify(made.token, app.as(superAdmin()))).status).toBe(200);
    expect(await leaks()).toEqual([]);
  });

  it('is not found where it is unknown, malformed, wrong, or another tenant’s', async () => {
    const made = await create();
    const stranger = app.as(tenantAdmin('stranger'));
    const nobody = [
      mintSecret('scim').value,
      forged(made.token),
      made.token.slice(0, -1),
      '',
      'x'.repeat(5000),
    ];
    for (const value of nobody) {
      for (const answer of [await identify(value), await revoke(value)]) {
        expect([answer.status, answer.body]).toEqual([404, NOT_FOUND]);
      }
    }
    for (const answer of [
      await identify(made.token, stranger),
      await revoke(made.token, stranger),
    ]) {
      expect([answer.status, answer.body]).toEqual([404, NOT_FOUND]);
    }
    expect(await works(made.token)).toBe(true);
    expect(await leaks()).toEqual([]);
    for (const body of [{}, { token: 5, reason: 'x' }, { token: 'x', reason: '' }]) {
      expect((await admin.post(`${TOKENS}revoke-by-value`).send(body)).status).toBe(422);
    }
  });

  it('revokes its token, once, with who and why', async () => {
    const made = await create();
    expect(await works(made.token)).toBe(true);
    await app.provider(UsageWriter).flush();
    const revoked = await revoke(made.token).expect(200);
    expect(revoked.body).toMatchObject({
      id: made.id,
      status: 'revoked',
      revoked_by: 'admin@example.com',
      revocation_reason: 'build log',
    });
    expect(await works(made.token)).toBe(false);
    expect((await admin.get(TOKENS + made.id)).body).toEqual(revoked.body);
    expect((await revoke(made.token, admin, 'again')).body).toEqual(revoked.body);
    const [event, ...others] = await leaks();
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      actor: 'admin@example.com',
      changes: { live: { from: null, to: true }, last_four: { to: made.last_four } },
    });
    expect(JSON.stringify(event)).not.toContain(made.token.slice(20));
    expect((await admin.get(TOKENS)).body.total).toBe(0);
    await until(() => receiver.deliveries.some(({ event }) => event.type === 'scim_token.leaked'));
    expect(app.logs()).not.toContain(made.token.slice(20));
  });

  it('revokes with an overlap’s new secret, and with a disabled token’s', async () => {
    const [rotated, disabled] = [await create(), await create()];
    const next = await admin.post(`${TOKENS}${rotated.id}/rotate`).send({}).expect(201);
    expect((await revoke(next.body.token)).body.status).toBe('revoked');
    expect([await works(rotated.token), await works(next.body.token)]).toEqual([false, false]);
    await admin.patch(TOKENS + disabled.id).send({ enabled: false });
    expect((await revoke(disabled.token)).body.status).toBe('revoked');
  });

  it.each([
    ['an administrator', 'admin@example.com', (value: string) => revoke(value)],
    ['whoever holds it', null, (value: string) => hand(`token=${value}`)],
  ])('ends an overlap’s old secret alone, by %s', async (_, actor, end) => {
    const made = await create();
    const next = (await admin.post(`${TOKENS}${made.id}/rotate`).send({}).expect(201)).body as Made;
    expect(await works(made.token)).toBe(true);
    await app.provider(UsageWriter).flush();
    const before = (await admin.get(TOKENS + made.id)).headers.etag;
    clock.advance(HOUR);
    const ended = await end(made.token);
    expect(ended.status).toBe(200);
    const now = await admin.get(TOKENS + made.id);
    expect([await works(made.token), await works(next.token)]).toEqual([false, true]);

    expect(now.body).toMatchObject({
      status: 'active',
      rotation: null,
      revoked_at: null,
      last_four: next.last_four,
    });
    if (actor) expect((ended as { body: unknown }).body).toEqual(now.body);
    expect(Number(now.headers.etag?.slice(1, -1))).toBe(Number(before?.slice(1, -1)) + 1);
    expect(Date.parse(now.body.updated_at) - Date.parse(made.updated_at)).toBeGreaterThan(HOUR / 2);
    const trail = await admin.get(`${TOKENS}${made.id}/events`);
    const [leaked, completed] = trail.body.items as Record<string, never>[];
    expect(leaked).toMatchObject({
      type: 'scim_token.leaked',
      actor,
      changes: { live: { to: true }, last_four: { to: made.last_four } },
    });
    expect(completed).toMatchObject({ type: 'scim_token.rotation_completed', actor });
    await until(() => receiver.deliveries.some(({ event }) => isLeakOf(event, made.last_four)));

    expect((await revoke(made.token)).body).toEqual(ENDED);
    expect((await hand(`token=${made.token}`)).status).toBe(200);
    expect(await leaks()).toHaveLength(1);
    expect((await revoke(next.token)).body.status).toBe('revoked');
  });

  it('ends an overlap’s old secret once when it is handed in by many at once', async () => {
    const made = await create();
    const next = (await admin.post(`${TOKENS}${made.id}/rotate`).send({}).expect(201)).body as Made;
    const answers = await Promise.all(Array.from({ length: 6 }, () => revoke(made.token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    expect(await leaks()).toHaveLength(1);
    expect(await works(next.token)).toBe(true);
  });

  it('is the value that was minted, and no other spelling of it', async () => {
    const [live, dead] = [await create(), await create()];
    await admin.post(`${TOKENS}${dead.id}/rotate`).send({ overlap_hours: 0 }).expect(201);
    for (const { token } of [live, dead]) {
      const spellings = Array.from({ length: 8 }, (_, turn) => respell(token, `other${turn}`));
      for (const spelling of spellings) {
        expect((await identify(spelling)).status).toBe(404);
        expect((await revoke(spelling)).status).toBe(404);
        expect((await hand(`token=${spelling}`)).status).toBe(200);
      }
    }
    expect(await leaks()).toEqual([]);
    expect(await works(live.token)).toBe(true);
    expect((await identify(dead.token)).body.id).toBe(dead.id);
  });

  it('is told once for each dead secret, however many hand it in, and whatever its last four are', async () => {
    const value = (start: string): string => `${start}-a-value-from-elsewhere-QQQQ`;
    const digest = (text: string): string => hash('sha256', text, 'hex');
    const imported = await app
      .as(superAdmin())
      .post(`${TOKENS}import`)
      .send({
        tenant_id: tenant,
        tokens: [{ sha256: digest(value('one')), name: 'imported' }],
      });
    const { id } = (imported.body as { results: [{ id: string }] }).results[0];
    await admin.post(`${TOKENS}${id}/rotate`).send({ overlap_hours: 0 }).expect(201);
    const sql = new PgClient(app.databaseUrl);
    await sql.connect();
    await sql.query(
      `INSERT INTO scim_token_secrets (tenant_id, id, token_id, format, lookup_id, created_at, expires_at, retired_at)
       SELECT tenant_id, gen_random_uuid(), token_id, 'sha256', $2, created_at, expires_at, retired_at
       FROM scim_token_secrets WHERE lookup_id = $1`,
      [digest(value('one')), digest(value('two'))],
    );
    await sql.end();
    for (const text of [value('one'), value('two')]) {
      await Promise.all(Array.from({ length: 5 }, () => hand(`token=${text}`)));
      expect((await revoke(text)).body).toEqual(ENDED);
    }
    expect((await leaks()).map(({ token_id }) => token_id)).toEqual([id, id]);
  });

  it('is told again where it was dead and came back to life with its token', async () => {
    const made = await create({ expires_in_days: 1 });
    clock.advance(DAY + HOUR);
    expect((await revoke(made.token)).body).toEqual(ENDED);
    await admin
      .patch(TOKENS + made.id)
      .send({ expires_in_days: 30 })
      .expect(200);
    expect((await revoke(made.token)).body.status).toBe('revoked');
    expect(await leaks()).toMatchObject([
      { changes: { live: { to: true } } },
      { changes: { live: { to: false } } },
    ]);
  });

  it('changes nothing where it has ended, and is recorded once', async () => {
    const [rotated, expired] = [await create(), await create({ expires_in_days: 1 })];
    await admin.post(`${TOKENS}${rotated.id}/rotate`).send({ overlap_hours: 0 }).expect(201);
    clock.advance(DAY + HOUR);
    for (const { id, token } of [rotated, expired, rotated, expired]) {
      const answer = await revoke(token);
      expect([answer.status, answer.body]).toEqual([409, ENDED]);
      expect((await admin.get(TOKENS + id)).body.revoked_at).toBeNull();
    }
    const events = await leaks();
    expect(events.map(({ token_id }) => token_id)).toEqual([expired.id, rotated.id]);
    expect(events[0]).toMatchObject({ changes: { live: { from: null, to: false } } });
  });

  it('is revoked by whoever holds it, without a JWT, and the trail tells from where', async () => {
    const made = await create();
    const answer = await hand(new URLSearchParams({ token: made.token }).toString());
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(await works(made.token)).toBe(false);
    const { body } = await admin.get(TOKENS + made.id);
    expect(body).toMatchObject({ status: 'revoked', revoked_by: null });
    const [event] = await leaks();
    expect(event).toMatchObject({ actor: null, ip: '127.0.0.1', user_agent: 'scanner/1' });
    await until(() => receiver.deliveries.some(({ event }) => event.type === 'scim_token.leaked'));
    const { data } = receiver.deliveries.at(-1)!.event;
    expect(data).not.toHaveProperty('actor');
    const json = await create();
    await hand(JSON.stringify({ token: json.token }), 'application/json');
    expect(await works(json.token)).toBe(false);
  });

  it('is answered with the same 200 whatever it is', async () => {
    const made = await create();
    for (const body of [
      `token=${mintSecret('scim').value}`,
      `token=${forged(made.token)}`,
      'token=nonsense',
      'token=%20&token_type_hint=access_token',
    ]) {
      const answer = await hand(body);
      expect([body, answer.status, await answer.text()]).toEqual([body, 200, '']);
    }
    expect(await works(made.token)).toBe(true);
  });

  it('is not answered 200 where it cannot be read', async () => {
    const { token } = await create();
    const json = JSON.stringify({ token });
    const part = `--x\r\ncontent-disposition: form-data; name="token"\r\n\r\n${token}\r\n--x--`;
    const form = 'application/x-www-form-urlencoded';
    const wrong: [number, string | Buffer, string?][] = [
      [400, ''],
      [400, '', ''],
      [400, '%'],
      [400, 'token='],
      [400, 'token'],
      [400, `Token=${token}`],
      [400, `token[]=${token}`],
      [400, 'token_type_hint=access_token'],
      [400, `token=${token}&token=${token}`],
      [400, `token=${token}%00`],
      [400, `token=${token}%0a`],
      [400, `token=${token}%ff`],
      [400, Buffer.concat([Buffer.from(`token=${token}`), Buffer.from([0xff])])],
      [400, '{', 'application/json'],
      [400, '', 'application/json'],
      [400, 'null', 'application/json'],
      [400, '{"token":null}', 'application/json'],
      [400, '{"token":1}', 'application/json'],
      [400, `{"token":[${JSON.stringify(token)}]}`, 'application/json'],
      [400, `[${json}]`, 'application/json'],
      [400, Buffer.from([0xff]), 'application/json'],
      [400, `token=${token}`, 'application/json'],
      [415, json, form.replace('form', 'forms')],
      [415, `token=${token}`, 'text/plain;charset=UTF-8'],
      [415, '', 'text/plain;charset=UTF-8'],
      [415, part, 'multipart/form-data; boundary=x'],
      [415, `token=${token}`, ''],
      [415, json, ''],
    ];
    for (const [status, body, type] of wrong) {
      const answer = await hand(body, type);
      expect([String(body), type, answer.status]).toEqual([String(body), type, status]);
      expect(await answer.json()).toEqual({ detail: expect.any(String) });
    }
    const zipped = await fetch(`${app.url}/api/v1/scim-tokens/revoke`, {
      method: 'POST',
      headers: { 'content-type': form, 'content-encoding': 'gzip' },
      body: gzipSync(`token=${token}`),
    });
    expect(zipped.status).toBe(415);
    expect(await works(token)).toBe(true);
    expect((await hand(json, 'application/vnd.found+json; charset=utf-8')).status).toBe(200);
    expect(await works(token)).toBe(false);
  });

  it('ends its token once when it is handed in by many at once', async () => {
    const made = await create();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, turn) =>
        turn % 2 ? hand(`token=${made.token}`) : revoke(made.token),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(8).fill(200));
    expect(await leaks()).toHaveLength(1);
    expect((await admin.get(TOKENS)).body.total).toBe(0);
  });
});

describe('The revocation endpoint', () => {
  it('refuses an address more that ends nothing, and ends what works all the same', async () => {
    const app = await startTestApp({ env: { RATE_LIMIT_PER_MINUTE: '3' } });
    const admin = app.as(tenantAdmin());
    const make = async () => (await admin.post(TOKENS).send({ name: 'x' })).body as Made;
    const [{ token }, other] = [await make(), await make()];
    const hand = (value: string) =>
      fetch(`${app.url}/api/v1/scim-tokens/revoke`, {
        method: 'POST',
        body: new URLSearchParams({ token: value }),
      });
    expect((await hand(token)).status).toBe(200);
    for (let turn = 0; turn < 3; turn++) expect((await hand('nonsense')).status).toBe(200);
    // Dead values are among them, and leave their tenant in peace.
    for (const dead of ['nonsense', token]) {
      const refused = await hand(dead);
      expect(refused.status).toBe(429);
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    }
    expect((await hand(other.token)).status).toBe(200);
    const { body } = await app.as(superAdmin()).get(TOKENS + other.id);
    expect(body.status).toBe('revoked');
    expect((await hand(other.token)).status).toBe(429);
    await app.close();
  });
});

interface LeakEvent {
  type: string;
  data: { last_four?: unknown };
}

const isLeakOf = ({ type, data }: LeakEvent, lastFour: string): boolean =>
  type === 'scim_token.leaked' && data.last_four === lastFour;

/** The checksum of a value's body, as the parser wants it. */
function checksumOf(body: string): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let rest = crc32(body);
  let text = '';
  for (let index = 0; index < 6; index++) {
    text = digits.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
