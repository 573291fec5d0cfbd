import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AdminApi } from './admin-api';

describe('The admin API as the command line calls it', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** Calls whatever stands where the service should: a proxy, a login page, another program. */
  const answered = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const call = new AdminApi(`http://127.0.0.1:${port}`, 'a.b.c').call('GET', '');
    return call.then(
      (answer) => JSON.stringify(answer),
      (error: unknown) => (error as Error).message.replace(`:${port}`, ''),
    );
  };

  it.each([
    [502, '<html>Bad gateway</html>', 'Refused with 502:\n  no answer of the admin API'],
    [404, '{}', 'Refused with 404:\n  no answer of the admin API'],
    [200, '<html>Log in</html>', 'Answered with 200:\n  no answer of the admin API'],
    [200, '', 'Answered with 200:\n  no answer of the admin API'],
  ])('says of %i with %j that it is somebody else’s', async (status, body, said) => {
    expect(await answered((_, response) => response.writeHead(status).end(body))).toBe(said);
  });

  it('says when to try again', async () => {
    const busy = await answered((_, response) =>
      response.writeHead(429, { 'retry-after': '17' }).end('{"detail":"Too Many Requests"}'),
    );
    expect(busy).toBe('Refused with 429:\n  Too Many Requests\n  Try again in 17 s');
  });

  it('says so where the answer ends too early', async () => {
    const cut = await answered((request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{');
      setImmediate(() => request.socket.destroy());
    });
    expect(cut).toMatch(
      /^No answer from http:\/\/127.0.0.1 \(\S.*\): is the service running there/,
    );
  });

  it('carries the JWT nowhere else', async () => {
    const asked: (string | undefined)[] = [];
    const said = await answered(({ url, headers }, response) => {
      asked.push(headers.authorization);
      if (url === '/elsewhere') response.end('{}');
      else response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect([said, asked]).toEqual([
      expect.stringContaining('(unexpected redirect)'),
      ['Bearer a.b.c'],
    ]);
  });
});
