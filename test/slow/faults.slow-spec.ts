import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { mintJwt, TOKENS } from '../support/test-app';
import { until } from '../support/until';
import { debianPostgres, PostgresServer } from './support/postgres-server';
import { Service, type Answer } from './support/service';
import { TcpProxy } from './support/tcp-proxy';

/** The service has this long to work again once its database does. */
const RECOVERY_MS = 10_000;
/** And this long to say that it is ready. */
const READY_MS = 5_000;

const UNAVAILABLE = { detail: 'Service temporarily unavailable' };

function expectUnavailable(answer: Answer): void {
  expect([answer.status, answer.body]).toEqual([503, UNAVAILABLE]);
  expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
}

/** Asks for the writes and reads of a token, all at once. */
function everyOperation(service: Service, id: string): Promise<Answer[]> {
  return Promise.all<Answer>([
    service.get(TOKENS),
    service.get(TOKENS + id),
    service.get(`${TOKENS}endpoint-info?tenant_id=tnt_a`),
    service.create(),
    service.call('PATCH', TOKENS + id, { name: 'y' }),
    service.call('DELETE', TOKENS + id),
  ]);
}

interface Credentials {
  readonly client_id: string;
  readonly client_secret: string;
}

/** Nobody gets a 401 from the token endpoint who would get an access token later; what cannot be read stays a 400. */
async function expectNoAccessToken({ url }: Service, client: Credentials): Promise<void> {
  const { client_id, client_secret } = client;
  const ask = async (fields: Record<string, string>): Promise<unknown[]> => {
    const answer = await fetch(`${url}/api/v1/scim-tokens/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams(fields),
    });
    const { error } = (await answer.json()) as { error?: string };
    const { headers } = answer;
    return [answer.status, error, headers.get('retry-after'), headers.get('cache-control')];
  };
  const known = { grant_type: 'client_credentials', client_id };
  for (const fields of [
    { ...known, client_secret },
    { ...known, client_secret: 'wrong' },
  ]) {
    const retry: unknown = expect.stringMatching(/^[1-9]\d*$/);
    expect(await ask(fields)).toEqual([503, 'temporarily_unavailable', retry, 'no-store']);
  }
  expect(await ask({ ...known, grant_type: 'x' })).toEqual([
    400,
    'unsupported_grant_type',
    null,
    'no-store',
  ]);
}

/** Creates tokens until one is created, and answers how long that took. */
async function untilCreated(service: Service): Promise<number> {
  const began = Date.now();
  while ((await service.create({ tenant_id: 'tnt_after' })).status !== 201) {
    if (Date.now() - began > RECOVERY_MS) throw new Error('No write within 10 s');
    await delay(50);
  }
  return Date.now() - began;
}

/** Asks until it says that it is not ready: what it tells may be a second old. */
async function untilNotReady(service: Service): Promise<void> {
  const began = Date.now();
  while ((await service.get('/health/ready')).status !== 503) {
    if (Date.now() - began > READY_MS) throw new Error('Ready without its database');
    await delay(20);
  }
}

describe('The service, when its database', () => {
  let database: PostgresServer;
  let service: Service;
  let id: string;
  let client: Credentials;

  beforeAll(async () => {
    database = await PostgresServer.create({ max_connections: '20' });
    service = await Service.start({ DATABASE_URL: database.url });
    id = (await service.create()).body.id;
    const made = await service.create({ auth_method: 'client_credentials' });
    client = made.body as unknown as Credentials;
  });
  afterAll(async () => {
    expect(await service.end()).toBe(0);
    await database.remove();
  });
  afterEach(async () => {
    expect((await service.get('/health/live')).status).toBe(200);
    await service.untilReady(RECOVERY_MS);
    await untilCreated(service);
    expect((await service.get(TOKENS + id)).body).toMatchObject({ id, revoked_at: null });
  });

  it('crashes, answers 503 and is ready within 5 s of its return', async () => {
    await database.end('SIGKILL');
    for (const answer of await everyOperation(service, id)) expectUnavailable(answer);
    await expectNoAccessToken(service, client);
    expect((await service.get('/health/live')).status).toBe(200);
    await untilNotReady(service);
    expect((await service.get('/metrics')).status).toBe(200);
    await database.start({ max_connections: '20' });
    expect(await service.untilReady(READY_MS)).toBeLessThan(READY_MS);
  });

  it('stops answering, gives up in time, and soon says that it is not ready', async () => {
    database.freeze();
    const began = Date.now();
    const probe = untilNotReady(service).then(() => ({ status: 503, ms: Date.now() - began }));
    const scrape = service
      .get('/metrics')
      .then(({ status }) => ({ status, ms: Date.now() - began }));
    for (const answer of await everyOperation(service, id)) expectUnavailable(answer);
    expect(Date.now() - began).toBeLessThan(RECOVERY_MS);
    for (const [expected, { status, ms }] of [
      [503, await probe],
      [200, await scrape],
    ] as const) {
      expect(status).toBe(expected);
      expect(ms).toBeLessThan(4_000);
    }
    database.thaw();
    expect(await service.untilReady(READY_MS)).toBeLessThan(READY_MS);
  });

  it('has no connection to spare, answers 503 until it has', async () => {
    const held: Client[] = [];
    const fill = async (): Promise<void> => {
      for (;;) {
        const client = new Client(database.url);
        client.on('error', () => undefined);
        try {
          await client.connect();
        } catch {
          return;
        }
        held.push(client);
      }
    };
    const OURS = "FROM pg_stat_activity WHERE application_name LIKE 'scim-tokens%'";
    await fill();
    // What it had goes to others, what it takes meanwhile too, until it has none.
    while ((await held[0]!.query(`SELECT pg_terminate_backend(pid) ${OURS}`)).rowCount !== 0) {
      await delay(100);
      await fill();
    }
    await fill();
    for (const answer of await everyOperation(service, id)) expectUnavailable(answer);
    await untilNotReady(service);
    await Promise.all(held.map((client) => client.end()));
    expect(await service.untilReady(READY_MS)).toBeLessThan(READY_MS);
  });

  it('takes no writes, answers 503 to them and goes on reading', async () => {
    const readOnly = async (on: boolean): Promise<void> => {
      await database.query(`ALTER SYSTEM SET default_transaction_read_only = ${on ? 'on' : 'off'}`);
      await database.query('SELECT pg_reload_conf()');
      // A session that begins later has it from the server, which has told the others before.
      const [wanted, shown] = [on ? 'on' : 'off', 'SHOW default_transaction_read_only'];
      await until(async () => {
        const [row] = await database.query<{ default_transaction_read_only: string }>(shown);
        return row?.default_transaction_read_only === wanted;
      });
    };
    await readOnly(true);
    expectUnavailable(await service.create());
    expectUnavailable(await service.call('PATCH', TOKENS + id, { name: 'y' }));
    expectUnavailable(await service.call('DELETE', TOKENS + id));
    expect((await service.get(TOKENS + id)).status).toBe(200);
    expect((await service.get(TOKENS)).status).toBe(200);
    await readOnly(false);
    expect(await untilCreated(service)).toBeLessThan(RECOVERY_MS);
  });

  it('can write no more to its disk, answers 503, and keeps what was answered for', async () => {
    const made: string[] = [];
    const make = async (): Promise<number> => {
      const { status, body } = await service.create({ tenant_id: `tnt_${made.length}` });
      if (status === 201) made.push(body.id);
      return status;
    };
    await make();
    await database.query(
      `INSERT INTO scim_token_events (id, seq, tenant_id, type, at, changes, prev_hash, hash)
       SELECT gen_random_uuid(), n, 'tnt_filler', 'filler', now(), '{}', repeat('0', 64), repeat('0', 64)
       FROM generate_series(1, 8000) n`,
    );
    const [file] = await database.query<{ kib: number }>(
      "SELECT (pg_relation_size('scim_token_events') / 1024)::int AS kib",
    );
    await database.end();
    await database.start({}, file?.kib);
    await service.untilReady(READY_MS);

    const statuses = new Set<number>();
    for (let times = 0; times < 60; times += 1) statuses.add(await make());
    expect(statuses).toContain(503);
    expect([...statuses].filter((status) => status !== 201 && status !== 503)).toEqual([]);
    expect((await service.get(TOKENS + id)).status).toBe(200);
    expect((await service.get('/health/live')).status).toBe(200);

    await database.end('SIGKILL');
    await database.start({ max_connections: '20' });
    expect(await service.untilReady(READY_MS)).toBeLessThan(READY_MS);
    for (const token of made) expect((await service.get(TOKENS + token)).status).toBe(200);
  });
});

describe('The service, when another server takes over', () => {
  it('works again within 10 s though its connections fell silent, and lost nothing it answered for', async () => {
    const first = await PostgresServer.create({}, debianPostgres());
    const second = await PostgresServer.standbyOf(first);
    await first.query("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
    await first.query('SELECT pg_reload_conf()');
    const proxy = await TcpProxy.to(first.port);
    const service = await Service.start({
      DATABASE_URL: `postgres://postgres@127.0.0.1:${proxy.port}/postgres`,
    });

    const answered: string[] = [];
    let failing = true;
    const writers = [...'abcdefgh'].map(async (tenant) => {
      for (let times = 0; failing || times < 200; times += 1) {
        const { status, body } = await service.create({ tenant_id: `tnt_${tenant}${times}` });
        if (status === 201) answered.push(body.id);
        else expect(status).toBe(503);
        if (!failing) break;
      }
    });
    while (answered.length < 40) await delay(20);
    proxy.moveSilently(second.port);
    await first.end('SIGKILL');
    // Before it is promoted it serves reads, and refuses writes.
    await delay(1_000);
    await second.promote();
    const began = Date.now();
    await untilCreated(service);
    expect(Date.now() - began).toBeLessThan(RECOVERY_MS);
    failing = false;
    await Promise.all(writers);
    for (const token of answered) expect((await service.get(TOKENS + token)).status).toBe(200);

    expect(await service.end()).toBe(0);
    await proxy.close();
    await second.remove();
    await first.remove();
  });
});

describe('The service, when the clock jumps', () => {
  it('goes by the new time, forth and back, and stays consistent', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-clock-'));
    const clock = join(folder, 'offset');
    const jumpTo = (offset: string): void => {
      writeFileSync(clock, offset);
    };
    jumpTo('+0');
    const database = await PostgresServer.create();
    const service = await Service.start({
      DATABASE_URL: database.url,
      LD_PRELOAD: '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
    });
    const YEAR_S = 400 * 86_400;
    const lasting = mintJwt({ role: 'super_admin' }, { expiresIn: 3 * YEAR_S });
    const soonOver = mintJwt({ role: 'super_admin' }, { expiresIn: '1h' });
    const { id } = (await service.create()).body;

    jumpTo('+400d');
    expect((await service.get(TOKENS + id, lasting)).body.status).toBe('expired');
    expect((await service.get(TOKENS + id, soonOver)).status).toBe(401);
    const later = await service.call('POST', TOKENS, { name: 'x', tenant_id: 'tnt_a' }, lasting);
    expect(later.status).toBe(201);

    jumpTo('+0');
    expect((await service.get(TOKENS + id, soonOver)).body.status).toBe('active');
    const renamed = await service.call('PATCH', TOKENS + String(later.body.id), { name: 'y' });
    expect(renamed.status).toBe(200);
    expect((await service.create()).status).toBe(201);
    expect((await service.get('/health/ready')).status).toBe(200);
    const seqs = await database.query<{ seq: string }>(
      "SELECT seq FROM scim_token_events WHERE tenant_id = 'tnt_a' ORDER BY seq",
    );
    expect(seqs.map(({ seq }) => seq)).toEqual(['1', '2', '3', '4']);

    expect(await service.end()).toBe(0);
    await database.remove();
    rmSync(folder, { recursive: true });
  });
});
