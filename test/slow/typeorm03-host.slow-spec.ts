import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createEmptyDatabase } from '../support/test-database';
import { everyOperation } from './support/every-operation';
import { withHost, withHostOver, type Answer, type Call } from './support/installed-host';

const run = promisify(execFile);
const ROOT = join(__dirname, '../..');
const EXAMPLE = join(ROOT, 'examples/monolith-typeorm03');
const PROBE = '/api/v1/tenants/tnt_a/scim-probe';
/** How each package manager adds packages to those that the manifest names. */
const MANAGERS = {
  npm: ['npm', 'install', '--no-audit', '--no-fund'],
  pnpm: ['npx', '--yes', 'pnpm@9', 'add'],
} as const;
/** The highest, which the example names, and the lowest. */
const TYPEORMS = ['0.3', '0.3.0'];

let work: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'scim-tokens-typeorm03-'));
  await run('npm', ['pack', '--ignore-scripts=false', '--pack-destination', work], { cwd: ROOT });
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

describe.each(Object.keys(MANAGERS) as (keyof typeof MANAGERS)[])(
  'A host with interceptors, installed by %s',
  (manager) => {
    let folder: string;
    const add = async (name: string): Promise<void> => {
      const [command, ...args] = MANAGERS[manager];
      await run(command, [...args, name], { cwd: folder });
    };
    const host = (mode: string) => ({ folder, mode, up: '/docs-json' });

    beforeAll(async () => {
      folder = join(work, manager);
      cpSync(EXAMPLE, folder, {
        recursive: true,
        filter: (path) => !/node_modules|dist$|lock/.test(path),
      });
      const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'))!;
      await add(join(work, tarball));
    });

    describe.each(TYPEORMS)('on TypeORM %s', (version) => {
      beforeAll(async () => {
        await add(`typeorm@${version}`);
        await run('npm', ['run', 'build'], { cwd: folder });
      });

      it('has that one', () => {
        const manifest = join(folder, 'node_modules/typeorm/package.json');
        const found = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
        expect(`${found.version}.`).toMatch(new RegExp(`^${version.replaceAll('.', '\\.')}\\.`));
      });

      it('answers on its own routes, and with its document, as without the module, to the byte', async () => {
        const before = await withHost(host('off'), ownAnswers);
        expect(before.map(({ status }) => status)).toEqual([201, 400, 200, 404, 404, 200]);
        expect(before[2]!.body).toBe(
          '{"message":"OK","data":{"rooms":[{"id":1,"displayName":"Blue"}]}}',
        );
        expect(await withHost(host('on'), ownAnswers)).toEqual(before);
      });

      it('takes tokens through every operation, and so again when it starts over its tables', async () => {
        const database = await createEmptyDatabase();
        const through = (call: Call) => everyOperation(call, { probePath: PROBE, setup: false });
        try {
          await withHostOver(database.url, host('on'), through);
          await withHostOver(database.url, host('on'), through);
        } finally {
          await database.drop();
        }
      });
    });
  },
);

async function ownAnswers(call: Call): Promise<Answer[]> {
  return [
    await call('POST', '/api/v1/rooms', null, { displayName: 'Blue', dropped: true }),
    await call('POST', '/api/v1/rooms', null, { displayName: '' }),
    await call('GET', '/api/v1/rooms'),
    await call('DELETE', '/api/v1/rooms'),
    await call('GET', '/api/rooms'),
    await call('GET', '/docs-json'),
  ];
}
