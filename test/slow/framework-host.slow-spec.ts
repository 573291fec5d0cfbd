import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { everyOperation } from './support/every-operation';
import { withHost, type Answer, type Call } from './support/installed-host';

const run = promisify(execFile);
const ROOT = join(__dirname, '../..');
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
    const host = (mode: string) => ({
      folder,
      mode,
      up: '/orders',
      anonymous: { 'x-session': 'alice' },
    });

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
      const before = await withHost(host('off'), ownAnswers);
      expect(before.map(({ status }) => status)).toEqual([200, 201, 403, 404, 404]);
      expect(await withHost(host('on'), ownAnswers)).toEqual(before);
    });

    it('takes tokens through every operation', () =>
      withHost(host('on'), (call) => everyOperation(call, { probePath: PROBE, setup: false })));
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
