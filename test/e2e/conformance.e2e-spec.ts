import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from '../support/free-port';
import { runCommand, runHere, runProgram, type CommandResult } from '../support/command';
import { until } from '../support/until';

const ROOT = join(__dirname, '../..');
const TOKEN = 'a-token-of-somebody-0123456789-else';
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

let folder: string;
let server: Server;
let base: string;
let tokenFile: string;
/** How the server answers, which a test sets. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let seen: IncomingMessage[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, `${TOKEN}\n`);
  server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  seen = [];
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/scim+json' });
  response.end(JSON.stringify(body));
};
const always = (body: unknown) => (response: ServerResponse) => {
  json(response, 200, body);
};
const run = (...args: string[]): Promise<CommandResult> =>
  runHere(['conformance', '--url', base, '--token-file', tokenFile, ...args], {});
// Before the tests that are made of it.
const aList = { schemas: [LIST], totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] };

/** Whether a process has taken all that it was sent, signals too, and waits for more. */
function isWaiting(pid = 0): boolean {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return /^State:\tS/m.test(status) && /^ShdPnd:\t0+$/m.test(status);
}

/** Makes the server keep users, as `created` answers; returns them by id. */
function keepUsers(created: (response: ServerResponse, id: string) => void): Map<string, string> {
  const users = new Map<string, string>();
  answer = (request, response) => {
    const id = new URL(request.url ?? '', base).pathname.split('/')[2];
    if (request.method === 'POST') {
      void text(request).then((body) => {
        const { userName = '' } = JSON.parse(body || '{}') as { userName?: string };
        const made = `id-${seen.length}`;
        if (userName !== '') users.set(made, userName);
        created(response, made);
      });
    } else if (request.method === 'DELETE') {
      response.writeHead(users.delete(id ?? '') ? 204 : 404).end();
    } else if (id !== undefined) {
      json(response, users.has(id) ? 200 : 404, {});
    } else {
      const Resources = [...users].map(([known, userName]) => ({ id: known, userName }));
      json(response, 200, { ...aList, Resources });
    }
  };
  return users;
}

describe('The command conformance', () => {
  it.each([
    ['no page', (response: ServerResponse) => response.writeHead(404).end('<h1>Not found</h1>')],
    [
      'no right',
      (response: ServerResponse) => {
        json(response, 401, {});
      },
    ],
    ['no way', (response: ServerResponse) => response.writeHead(500).end('x'.repeat(100_000))],
    ['no JSON', (response: ServerResponse) => response.writeHead(200).end('\x1b[2J<html>')],
    ['no answer', (response: ServerResponse) => response.destroy()],
    ['one list for everything', always(aList)],
    ['one object for everything', always({})],
  ])('says in at most 60 lines that a server with %s is unusable', async (_, respond) => {
    answer = (_request, response) => {
      respond(response);
    };
    const { code, stdout } = await run();
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nWould fail: Entra, Okta, .*\n$/);
    expect(stdout.split('\n').length).toBeLessThanOrEqual(60);
    expect(stdout).not.toMatch(/[^\P{C}\n]/u);
  });

  it('says so where nobody listens', async () => {
    const closed = `http://127.0.0.1:${await freePort()}`;
    const { code, stdout } = await runHere(
      ['conformance', '--url', closed, '--token-file', tokenFile, '--provider', 'okta'],
      {},
    );
    expect([code, stdout]).toEqual([1, expect.stringContaining('No answer (ECONNREFUSED)')]);
  });

  it('is not begun with files that cannot be read or written', async () => {
    const gone = join(folder, 'gone', 'file');
    for (const [option, args] of [
      ['--token-file', ['--token-file', gone]],
      ['--refused-token-file', ['--token-file', tokenFile, '--refused-token-file', gone]],
      ['--junit', ['--token-file', tokenFile, '--junit', gone]],
    ] as const) {
      expect(await runHere(['conformance', '--url', base, ...args], {})).toEqual({
        code: 2,
        stdout: '',
        stderr: `${option} takes another file than ${gone}: ENOENT\n`,
      });
    }
    expect(seen).toEqual([]);
  });

  it('follows no redirect, so that none carries the token', async () => {
    answer = (_request, response) => {
      response.writeHead(307, { location: `${base}/elsewhere` }).end();
    };
    const { code, stdout } = await run('--provider', 'okta');
    expect([code, stdout]).toEqual([1, expect.stringContaining('/elsewhere')]);
    expect(seen.map(({ url }) => url)).toEqual(['/Users?startIndex=1&count=1']);
  });

  it('strikes out a token that the server echoes, in every form of its report', async () => {
    const forms = [
      TOKEN,
      TOKEN.toUpperCase(),
      Buffer.from(TOKEN).toString('base64'),
      TOKEN.slice(4, 30),
    ];
    answer = (_request, response) => {
      response.setHeader('location', `/${TOKEN}`);
      json(response, 200, {
        schemas: forms,
        id: TOKEN,
        detail: forms.join(' '),
        totalResults: forms,
      });
    };
    const junit = join(folder, 'echo.xml');
    const asText = await run('--junit', junit);
    const asJson = await run('--json');
    for (const told of [asText.stdout, asText.stderr, asJson.stdout, readFileSync(junit, 'utf8')]) {
      for (const form of [...forms, TOKEN.slice(-12)]) {
        expect(told.toLowerCase()).not.toContain(form.slice(0, 12).toLowerCase());
      }
    }
    expect(asText.stdout).toContain('[token]');
  });

  it('changes and deletes nothing that it has not made, whatever the server finds', async () => {
    const somebody = { id: 'somebody', userName: 'somebody@example.com', displayName: 'somebody' };
    answer = (request, response) => {
      if (request.method === 'POST') json(response, 500, {});
      else json(response, 200, { ...aList, totalResults: 1, Resources: [somebody] });
    };
    await run();
    expect(seen.length).toBeGreaterThan(100);
    const changes = seen.filter(({ method = '' }) => ['PUT', 'PATCH', 'DELETE'].includes(method));
    expect(changes.map(({ url }) => url).filter((url) => url?.includes('somebody'))).toEqual([]);
  });

  it('deletes what it made though the server did not say its id', async () => {
    const users = keepUsers((response) => response.writeHead(502).end());
    const { stdout } = await run('--provider', 'jumpcloud', '--json');
    expect(seen.filter(({ method }) => method === 'POST').length).toBeGreaterThan(0);
    expect([...users]).toEqual([]);
    expect(JSON.parse(stdout)).toMatchObject({ passes: false, left: [] });
  });

  it('deletes what it made when it is interrupted', async () => {
    const args = ['scripts/cli.js', 'conformance', '--url', base, '--token-file', tokenFile];
    const started: ChildProcess[] = [];
    const users = keepUsers((response, id) => {
      started[0]?.kill('SIGINT');
      void until(() => isWaiting(started[0]?.pid)).then(() => {
        json(response, 201, { id });
      });
    });
    const child = spawn(process.execPath, [...args, '--provider', 'entra'], { cwd: ROOT });
    started.push(child);
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(1);
    expect(seen.filter(({ method }) => method === 'POST').length).toBe(1);
    expect([...users]).toEqual([]);
  });

  it('tells its findings as JSON and as JUnit', async () => {
    answer = (_request, response) => {
      json(response, 200, aList);
    };
    const junit = join(folder, 'junit.xml');
    const { code, stdout } = await run('--provider', 'okta,jumpcloud', '--json', '--junit', junit);
    expect(code).toBe(1);
    const { providers, failures, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({
      url: base,
      passes: false,
      run: expect.stringMatching(/^\d{10}$/),
      left: [],
    });
    expect(providers).toMatchObject([
      { provider: 'okta', verdict: 'fails' },
      { provider: 'jumpcloud', verdict: 'fails' },
    ]);
    expect(failures).toContainEqual({
      provider: 'jumpcloud',
      scenario: expect.any(String),
      step: 'test user',
      request: { method: 'POST', path: '/Users', body: expect.stringContaining('jc-test.') },
      problems: [{ expected: '201', came: '200' }],
      came: { status: 200, body: JSON.stringify(aList) },
      why: expect.any(String),
      source: expect.any(String),
      breaks: expect.any(String),
    });
    expect(readFileSync(junit, 'utf8')).toMatch(
      /^<\?xml [^]*<testsuite name="jumpcloud"[^]*: test user"><failure message="[^]*came 200[^]*<\/testsuites>\n$/,
    );
  });

  it('loads nothing of Nest, TypeORM or a database', async () => {
    answer = (_request, response) => {
      json(response, 200, aList);
    };
    const args = ['--require', './test/support/tell-packages.js', 'scripts/cli.js', 'conformance'];
    const { code, stderr } = await runProgram(
      process.execPath,
      [...args, '--url', base],
      {},
      TOKEN,
    );
    expect([code, stderr.trim().split('\n').pop()]).toEqual([1, '["commander"]']);
  });

  it.each([
    [[], "'--url <base>' not specified"],
    [['--url', 'https://x/scim?aadOptscim062020'], 'an http or https URL'],
    [['--url', 'https://x', '--provider', 'entra,octa'], 'entra, okta, onelogin'],
    [['--url', 'https://x', 'more'], 'too many arguments'],
  ])('ends with 2 where it is called as %j', async (args, said) => {
    const { code, stdout, stderr } = await runHere(['conformance', ...args], {});
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
  });

  it.each(['', 'Bearer a-hidden-value', 'a-hidden-välue'])(
    'ends with 2 for the token "%s"',
    async (token) => {
      const { code, stdout, stderr } = await runCommand(['conformance', '--url', base], {}, token);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('without Bearer and white space');
      expect(stderr).not.toContain('hidden');
    },
  );
});
