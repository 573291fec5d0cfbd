import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../src/core/clock';
import { ScimTokenVerifier } from '../../src/index';
import { Client as Database } from 'pg';
import { UsageWriter } from '../../src/usage/usage-writer';
import { issueAccessToken } from '../support/access-tokens';
import { startTestApp, tenantAdmin, TOKENS, type Client, type TestApp } from '../support/test-app';

/** Checks a second, in turn on two instances. */
const RATE = 500;
const TICK_MS = 20;
/** Milliseconds in which the other instance has heard of a retirement, on a machine that is busy. */
const HEARD_MS = 1_000;
const HALF_AN_HOUR_MS = 30 * 60_000;

interface Check {
  value: string;
  instance: number;
  begun: number;
  ended: number;
  accepted: boolean;
}

class JumpingClock implements Clock {
  offset = 0;
  now(): Date {
    return new Date(Date.now() + this.offset);
  }
}

describe('500 checks a second through a rotation', () => {
  const clock = new JumpingClock();
  let apps: TestApp[];
  let admin: Client;
  let tenants = 0;

  beforeAll(async () => {
    const first = await startTestApp({ clock });
    apps = [first, await startTestApp({ clock, databaseUrl: first.databaseUrl })];
  });
  afterAll(async () => {
    for (const app of apps.reverse()) await app.close();
  });

  /** Presents values at the rate, until it is stopped. */
  function present(tenantId: string) {
    const verifiers = apps.map((app) => app.provider(ScimTokenVerifier));
    const checks: Check[] = [];
    const open = new Set<Promise<void>>();
    const load = { values: [] as string[], checks, stop };
    let turn = 0;
    const check = async (): Promise<void> => {
      const instance = turn % 2;
      const value = load.values[(turn >> 1) % load.values.length]!;
      turn += 1;
      const begun = performance.now();
      const accepted = await verifiers[instance]!.verify(value, { tenantId }).then(
        () => true,
        () => false,
      );
      checks.push({ value, instance, begun, ended: performance.now(), accepted });
    };
    let due = 0;
    let ticked = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      // A tick that comes late makes up for those that did not come.
      due += load.values.length === 0 ? 0 : ((now - ticked) * RATE) / 1000;
      ticked = now;
      for (; due >= 1; due -= 1) {
        const pending = check().finally(() => open.delete(pending));
        open.add(pending);
      }
    }, TICK_MS);
    async function stop(): Promise<void> {
      clearInterval(timer);
      await Promise.all(open);
    }
    return load;
  }

  async function flushAll(): Promise<void> {
    for (const app of apps) await app.provider(UsageWriter).flush({ all: true });
  }

  async function begin() {
    const tenant = `tnt_${tenants++}`;
    admin = apps[0]!.as(tenantAdmin(tenant));
    const { id, token } = (await admin.post(TOKENS).send({ name: 'Okta' })).body as {
      id: string;
      token: string;
    };
    const load = present(tenant);
    load.values = [token];
    await delay(2_000);
    const rotated = await admin.post(`${TOKENS}${id}/rotate`).send({}).expect(201);
    return { load, id, old: token, fresh: (rotated.body as { token: string }).token };
  }

  function judge(checks: readonly Check[], old: string, fresh: string, end: number): void {
    const refusals = checks.filter(({ accepted }) => !accepted);
    expect(refusals.filter(({ value }) => value === fresh)).toEqual([]);
    expect(refusals.filter(({ value, ended }) => value === old && ended < end)).toEqual([]);
  }

  /** A connection with an access token of each of its two client secrets. */
  async function connect(sql: Database) {
    const { id } = (
      await admin.post(TOKENS).send({ name: 'Entra', auth_method: 'client_credentials' })
    ).body as { id: string };
    const old = await issueAccessToken(sql, id);
    await admin.post(`${TOKENS}${id}/rotate`).send({}).expect(201);
    return { id, old, fresh: await issueAccessToken(sql, id) };
  }

  /** Nothing is refused before its end is asked for, or let through once that is answered and heard. */
  function judgeEnd(checks: readonly Check[], value: string, asked: number, answered: number) {
    const own = checks.filter((check) => check.value === value);
    const late = own.filter(
      ({ instance, begun }) => begun > answered + (instance === 0 ? 0 : HEARD_MS),
    );
    expect(late.length).toBeGreaterThan(100);
    expect(late.filter(({ accepted }) => accepted)).toEqual([]);
    expect(own.filter(({ accepted, ended }) => !accepted && ended < asked)).toEqual([]);
  }

  it('refuse nothing and let nothing through wrongly when it is completed by hand', async () => {
    const { load, id, old, fresh } = await begin();
    const sql = new Database({ connectionString: apps[0]!.databaseUrl });
    await sql.connect();
    const connection = await connect(sql);
    await sql.end();
    load.values = [old, connection.old, fresh, connection.fresh];
    await delay(3_000);
    const asked = performance.now();
    await Promise.all([
      admin.post(`${TOKENS}${id}/rotation/complete`).expect(200),
      admin
        .post(`${TOKENS}${connection.id}/rotation/complete`)
        .send({ end_access_tokens: true })
        .expect(200),
    ]);
    const answered = performance.now();
    await delay(3_000);
    const askedToRevoke = performance.now();
    await admin.delete(TOKENS + connection.id).expect(204);
    const revoked = performance.now();
    await delay(2_000);
    await load.stop();
    judge(load.checks, old, fresh, asked);
    judgeEnd(load.checks, connection.old, asked, answered);
    judgeEnd(load.checks, connection.fresh, askedToRevoke, revoked);
    const late = load.checks.filter(
      ({ value, instance, begun }) =>
        value === old && begun > answered + (instance === 0 ? 0 : HEARD_MS),
    );
    expect(late.length).toBeGreaterThan(300);
    expect(late.filter(({ accepted }) => accepted)).toEqual([]);
    expect(load.checks.length).toBeGreaterThan(RATE * 6);
  });

  it('refuse nothing and let nothing through wrongly when the provider has changed over', async () => {
    const { load, id, old, fresh } = await begin();
    await delay(1_000);
    load.values = [fresh];
    await delay(2_000);
    await flushAll();
    expect((await admin.get(TOKENS + id)).body.rotation).not.toBeNull();
    clock.offset += HALF_AN_HOUR_MS + 60_000;
    await delay(1_000);
    await flushAll();
    expect((await admin.get(TOKENS + id)).body.rotation).toBeNull();
    const retired = performance.now();
    await delay(HEARD_MS);
    load.values = [old, fresh];
    await delay(2_000);
    await load.stop();
    judge(load.checks, old, fresh, retired);
    const late = load.checks.filter(({ value, begun }) => value === old && begun > retired);
    expect(late.length).toBeGreaterThan(300);
    expect(late.filter(({ accepted }) => accepted)).toEqual([]);
  });
});
