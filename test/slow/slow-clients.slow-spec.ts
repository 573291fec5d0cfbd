import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { TOKENS } from '../support/test-app';
import { PostgresServer } from './support/postgres-server';
import { Service } from './support/service';

describe('A slow client', () => {
  let database: PostgresServer;
  let service: Service;

  beforeAll(async () => {
    database = await PostgresServer.create();
    service = await Service.start({ DATABASE_URL: database.url });
  });
  afterAll(async () => {
    await service.end();
    await database.remove();
  });

  interface SlowClient {
    readonly socket: Socket;
    readonly began: number;
    readonly received: () => string;
  }

  async function open(text: string): Promise<SlowClient> {
    const began = performance.now();
    const socket = connect(service.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (data) => chunks.push(data));
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(text);
    return { socket, began, received: () => Buffer.concat(chunks).toString() };
  }

  /** Sends a byte a second until it is cut off, and answers how many seconds it was open. */
  async function drip({ socket, began }: SlowClient): Promise<number> {
    const closed = once(socket, 'close');
    const dripping = setInterval(() => socket.write('x'), 1_000);
    await closed;
    clearInterval(dripping);
    return (performance.now() - began) / 1_000;
  }

  it('is cut off after 10 s of headers and 30 s of a body, and others are served meanwhile', async () => {
    const headers = await open('GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const body = await open(
      `POST ${TOKENS} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"name": "`,
    );
    const [headersSeconds, bodySeconds] = await Promise.all([
      drip(headers),
      drip(body),
      service.get(TOKENS).then(({ status }) => {
        expect(status).toBe(200);
      }),
    ]);
    expect(headersSeconds).toBeGreaterThan(9);
    expect(headersSeconds).toBeLessThan(20);
    expect(headers.received()).toContain('408 Request Timeout');
    expect(bodySeconds).toBeGreaterThan(28);
    expect(bodySeconds).toBeLessThan(45);
  });

  it('gets no headers of more than 16 KiB read', async () => {
    const { socket, received } = await open(
      `GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
    );
    await once(socket, 'close');
    expect(received()).toContain('431 Request Header Fields Too Large');
  });
});
