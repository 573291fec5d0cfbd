import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import request from 'supertest';
import { PostgresTap } from '../support/postgres-tap';
import { startTestApp, superAdmin, TOKENS, type TestApp } from '../support/test-app';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { until } from '../support/until';

const IMPORT = `${TOKENS}import`;
const REVOKE = '/api/v1/scim-tokens/revoke';
const MIB = 1024 ** 2;
const STRANGERS = 400;

/** A connection that sends what it is told, and keeps what it gets. */
class RawClient {
  private constructor(
    readonly socket: Socket,
    private readonly chunks: Buffer[],
  ) {}

  static async open(url: string): Promise<RawClient> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const client = new RawClient(socket, []);
    socket.on('data', (data) => client.chunks.push(data));
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return client;
  }

  get received(): string {
    return Buffer.concat(this.chunks).toString();
  }

  async until(text: string): Promise<void> {
    await until(() => this.received.includes(text));
  }

  /** Sends the head of a request, and some of its body. */
  post(path: string, headers: Record<string, string | number>, body = ''): void {
    const lines = Object.entries({ Host: 'x', ...headers }).map(([k, v]) => `${k}: ${v}\r\n`);
    this.socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  }
}

describe('Bodies', () => {
  let app: TestApp;
  let clients: RawClient[];

  beforeAll(async () => {
    app = await startTestApp({ env: { BODY_LIMIT: '16mb' } });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    clients = [];
  });
  afterEach(() => {
    for (const { socket } of clients) socket.destroy();
  });

  const open = async (): Promise<RawClient> => {
    const client = await RawClient.open(app.url);
    clients.push(client);
    return client;
  };
  const authorization = () => ({ Authorization: `Bearer ${superAdmin()}` });

  it.each<[string, string, Record<string, string | number>, number]>([
    ['an import', IMPORT, { 'Content-Length': MIB }, 401],
    ['an import of no stated length', IMPORT, { 'Transfer-Encoding': 'chunked' }, 401],
    ['a creation', TOKENS, { 'Content-Length': 15 * MIB, Authorization: 'Bearer x' }, 401],
    ['introspection', '/api/v1/scim-tokens/introspect', { 'Content-Length': MIB }, 401],
    ['a found value', REVOKE, { 'Content-Length': MIB }, 413],
    ['what is over the limit', TOKENS, { 'Content-Length': 17 * MIB }, 413],
    ['what is nowhere', '/nope', { 'Content-Length': MIB }, 404],
    ['a path switched off', '/api/v1/scim-tokens/verify', { 'Content-Length': MIB }, 404],
    ['a method that is not there', '/health/live', { 'Content-Length': MIB }, 405],
  ])('are not waited for where %s is sent by anyone', async (_, path, headers, status) => {
    const client = await open();
    const ended = once(client.socket, 'end');
    client.post(path, headers);
    await ended;
    expect(client.received).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*connection: close`, 'i'));
  });

  it('of strangers are not read beyond 64 kB, and their answer arrives all the same', async () => {
    const client = await open();
    const ended = once(client.socket, 'end');
    client.post(IMPORT, { 'Content-Length': 16 * MIB }, 'x'.repeat(16 * MIB));
    await ended;
    expect(client.received).toMatch(/^HTTP\/1.1 401 /);
    // The rest is in the system's own buffers, or never left.
    expect(client.socket.bytesWritten - client.socket.writableLength).toBeLessThan(12 * MIB);
  });

  it('of known callers are read to the end, on a connection that is kept', async () => {
    const client = await open();
    const body = JSON.stringify({ name: 'x', tenant_id: 'tnt_a', description: 'x'.repeat(MIB) });
    for (const round of [1, 2]) {
      client.post(TOKENS, { ...authorization(), 'Content-Length': body.length }, body);
      await until(() => client.received.split('string_too_long').length === round + 1);
    }
    client.post(TOKENS, { ...authorization(), 'Transfer-Encoding': 'chunked' });
    const half = body.length / 2;
    for (const part of [body.slice(0, half), body.slice(half)]) {
      client.socket.write(`${part.length.toString(16)}\r\n${part}\r\n`);
    }
    client.socket.write('0\r\n\r\n');
    await until(() => client.received.split('string_too_long').length === 4);
    expect(client.received).not.toMatch(/connection: close/i);
  });

  it('that turn out too large are 413, before the caller’s role is looked at', async () => {
    const client = await open();
    client.post(IMPORT, { ...authorization(), 'Transfer-Encoding': 'chunked' });
    const part = 'x'.repeat(MIB);
    for (let parts = 0; parts < 17; parts++) {
      client.socket.write(`${part.length.toString(16)}\r\n${part}\r\n`);
    }
    await client.until('413');
    expect(client.received).toContain('Request body too large');
  });

  it('are asked for with 100 Continue when they will be read, and not before', async () => {
    const expecting = { 'Content-Length': MIB, Expect: '100-continue' };
    const stranger = await open();
    stranger.post(IMPORT, expecting);
    await stranger.until('401');
    expect(stranger.received).not.toContain('100 Continue');

    const known = await open();
    known.post(IMPORT, { ...authorization(), ...expecting });
    await known.until('100 Continue');
    known.socket.write(`{}${' '.repeat(MIB - 2)}`);
    await known.until('HTTP/1.1 422');
  });

  it(`of ${STRANGERS} strangers who hold them back leave memory and room for others`, async () => {
    const before = process.memoryUsage();
    const strangers = await Promise.all(Array.from({ length: STRANGERS }, open));
    for (const client of strangers)
      client.post(IMPORT, { 'Content-Length': MIB }, 'x'.repeat(MIB - 1));
    // As many as are waited for, at most 64 kB each.
    const waiting = await Promise.all(Array.from({ length: 2 * STRANGERS }, open));
    for (const client of waiting)
      client.post(TOKENS, { 'Content-Length': 65_536 }, 'x'.repeat(65_000));
    await Promise.all(strangers.map((client) => client.until('401')));

    const admin = app.as(superAdmin());
    const large = { name: 'x', tenant_id: 'tnt_a', description: 'x'.repeat(200_000) };
    await admin.post(TOKENS).send(large).expect(422);
    await admin.post(TOKENS).send({ name: 'x', tenant_id: 'tnt_a' }).expect(201);
    await request(app.url).post(REVOKE).type('form').send({ token: 'scim_unknown' }).expect(200);
    // Where their memory is used up, a body is read of none that nobody vouches for.
    const crowded = () =>
      request(app.url)
        .post(REVOKE)
        .type('form')
        .send({ token: 'x'.repeat(60_000) });
    // It is full once what they have sent has come.
    await until(async () => (await crowded()).status === 503);
    expect((await crowded()).headers['retry-after']).toBe('2');
    const { arrayBuffers } = process.memoryUsage();
    expect(arrayBuffers - before.arrayBuffers).toBeLessThan(100 * MIB);

    for (const { socket } of clients) socket.destroy();
    await until(async () => {
      const form = request(app.url).post(REVOKE).type('form');
      return (await form.send({ token: 'x'.repeat(60_000) })).status === 200;
    });
  });
});

describe('Connections', () => {
  it('beyond the bound are closed at once, counted and told of; those that are open are served', async () => {
    const app = await startTestApp({ env: { MAX_CONNECTIONS: '10' } });
    const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.open(app.url)));
    const [first] = clients;
    const ask = (path: string): void => {
      first?.socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    };
    ask('/health/live');
    await first?.until('200 OK');
    const late = await RawClient.open(app.url);
    if (!late.socket.closed) await once(late.socket, 'close');
    ask('/metrics');
    await first?.until('http_connections_dropped_total 1');
    expect(first?.received).toMatch(/^http_connections 10$/m);
    expect(app.logs()).toContain('MAX_CONNECTIONS');
    for (const { socket } of clients) socket.destroy();
    await app.close();
  });
});

describe('Readiness', () => {
  let database: TestDatabase;
  let tap: PostgresTap;
  let app: TestApp;

  beforeAll(async () => {
    database = await createTestDatabase();
    tap = await PostgresTap.before(database.url);
    app = await startTestApp({ databaseUrl: tap.url });
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const ready = async (): Promise<number> => (await fetch(`${app.url}/health/ready`)).status;

  it('costs the database one look a second, however many ask', async () => {
    const began = performance.now();
    const before = tap.count('SELECT 1');
    const answers = await Promise.all(Array.from({ length: 500 }, ready));
    expect(new Set(answers)).toEqual(new Set([200]));
    const seconds = Math.ceil((performance.now() - began) / 1_000);
    const looks = tap.count('SELECT 1') - before;
    expect(looks).toBeGreaterThan(0);
    expect(looks).toBeLessThanOrEqual(seconds);
  });

  it('ends within about a second of the database’s end', async () => {
    expect(await ready()).toBe(200);
    await tap.close();
    const began = performance.now();
    await until(async () => (await ready()) === 503);
    // A statement that got no answer would be given up after five.
    expect(performance.now() - began).toBeLessThan(4_500);
  });
});
