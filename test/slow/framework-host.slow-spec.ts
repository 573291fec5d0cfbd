import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sign } from 'jsonwebtoken';
import { freePort } from '../support/free-port';
import { createEmptyDatabase } from '../support/test-database';
import { until } from '../support/until';

const run = promisify(execFile);
const ROOT = join(__dirname, '../..');
const SECRET = 'host-secret-of-thirty-two-bytes-or-more';
const TOKENS = '/api/v1/admin/scim-tokens/';
const PROBE = '/tenants/tnt_a/scim-probe';
/** How each package manager installs what a manifest names, and then a file. */
const MANAGERS = {
  npm: [
    ['npm', 'install', '--no-audit', '--no-fund'],
    ['npm', 'install', '--no-audit', '--no-fund'],
  ],
  pnpm: [
    ['npx', '--yes', 'pnpm@9', 'install'],
    ['npx', '--yes', 'pnpm@9', 'add'],
  ],
  yarn: [
    ['npx', '--yes', 'yarn@1.22.22', 'install'],
    ['npx', '--yes', 'yarn@1.22.22', 'add'],
  ],
} as const;

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}
type Call = (
  method: string,
  path: string,
  bearer?: string | null,
  body?: object,
) => Promise<Answer>;

let work: string;
const tarball = (): string =>
  join(
    work,
    readdirSync(work).find((name) => name.startsWith('nest-scim-tokens'))!,
  );

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'scim-tokens-framework-'));
  await run('npm', ['pack', '--ignore-scripts=false', '--pack-destination', work], { cwd: ROOT });
  await run('npm', ['pack', '--pack-destination', work], {
    cwd: join(ROOT, 'examples/monolith-framework/framework'),
  });
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

describe.each(Object.keys(MANAGERS) as (keyof typeof MANAGERS)[])(
  'A host of a framework that brings Nest 10, Express 4 and TypeORM 0.3, installed by %s',
  (manager) => {
    let folder: string;

    beforeAll(async () => {
      folder = join(work, manager);
      cpSync(join(ROOT, 'examples/monolith-framework/host'), folder, { recursive: true });
      const [[first, ...install], [second, ...add]] = MANAGERS[manager];
      // Yarn's own cache would hold a file of the same name and version for the same file.
      const env = { ...process.env, YARN_CACHE_FOLDER: join(work, 'yarn-cache') };
      await run(first, install, { cwd: folder, env });
      await run(second, [...add, `file:${tarball()}`], { cwd: folder, env });
      await run('npm', ['run', 'build'], { cwd: folder });
    });

    it('answers on its own routes as without the module, to the byte', async () => {
      const before = await withHost(folder, 'off', ownAnswers);
      expect(before.map(({ status }) => status)).toEqual([200, 201, 403, 404, 404]);
      expect(await withHost(folder, 'on', ownAnswers)).toEqual(before);
    });

    it('takes a token through every operation', () => withHost(folder, 'on', everyOperation));
  },
);

function ownAnswers(call: Call): Promise<Answer[]> {
  return Promise.all([
    call('GET', '/orders'),
    call('POST', '/orders', null, { product: 'chair' }),
    call('GET', '/orders', 'nobody'),
    call('DELETE', '/orders'),
    call('GET', '/nowhere/'),
  ]);
}

async function everyOperation(call: Call): Promise<void> {
  const jwt = sign({ sub: 'a@example.com', role: 'super_admin' }, SECRET, { expiresIn: '1h' });
  const ask = async (method: string, path: string, body?: object): Promise<Answer> =>
    call(method, TOKENS + path, jwt, body);
  expect((await call('GET', TOKENS, 'x.y.z')).status).toBe(401);
  const made = await ask('POST', '', { name: 'Okta', tenant_id: 'tnt_a' });
  expect(made.status).toBe(201);
  const { id, token } = JSON.parse(made.body) as { id: string; token: string };
  const probe = await call('GET', PROBE, token);
  expect([probe.status, JSON.parse(probe.body)]).toEqual([200, { data: { token_id: id } }]);

  for (const path of ['', '?tenant_id=tnt_a&status=active', 'endpoint-info?tenant_id=tnt_a', id]) {
    expect([path, (await ask('GET', path)).status]).toEqual([path, 200]);
  }
  // Without the slash, and with one where the contract has none.
  expect((await call('GET', TOKENS.slice(0, -1), jwt)).status).toBe(200);
  expect((await ask('GET', `${id}/`)).status).toBe(200);
  expect((await ask('GET', '?per_page=0')).status).toBe(422);
  expect((await ask('PATCH', id, { name: 'Entra' })).status).toBe(200);
  expect((await ask('POST', `${id}/rotate`, {})).status).toBe(201);
  expect((await ask('DELETE', `${id}/rotation`)).status).toBe(200);
  expect((await ask('POST', 'identify', { token })).status).toBe(200);
  expect((await ask('GET', `events?tenant_id=tnt_a`)).status).toBe(200);
  const exported = await ask('GET', 'events/export?tenant_id=tnt_a');
  expect([exported.status, exported.body.trim().split('\n').length > 2]).toEqual([200, true]);
  expect((await ask('DELETE', id)).status).toBe(204);
  expect((await call('GET', PROBE, token)).status).toBe(401);
}

async function withHost<Result>(
  folder: string,
  SCIM_TOKENS: 'off' | 'on',
  look: (call: Call) => Promise<Result>,
): Promise<Result> {
  const database = await createEmptyDatabase();
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const env = { DATABASE_URL: database.url, JWT_SECRET: SECRET, PORT: String(port), SCIM_TOKENS };
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => output.push(data));
  }
  const call: Call = async (method, path, bearer = null, body) => {
    const answer = await fetch(base + path, {
      method,
      headers: {
        ...(bearer === null ? { 'x-session': 'alice' } : { authorization: `Bearer ${bearer}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const { date: _, ...headers } = Object.fromEntries(answer.headers);
    return { status: answer.status, headers, body: await answer.text() };
  };
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Error(Buffer.concat(output).toString());
      return call('GET', '/orders').then(
        () => true,
        () => false,
      );
    });
    return await look(call);
  } finally {
    const exited = once(child, 'exit');
    if (child.kill('SIGTERM')) await exited;
    await database.drop();
  }
}
