import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../support/command';
import { startTestApp, superAdmin, type TestApp } from '../support/test-app';

jest.setTimeout(120_000);

const ROOT = join(__dirname, '../..');
const MODULES = join(ROOT, 'node_modules');

describe('The typed client of examples/client', () => {
  let app: TestApp;
  let folder: string;

  beforeAll(async () => {
    app = await startTestApp();
    folder = mkdtempSync(join(tmpdir(), 'scim-tokens-client-'));
    cpSync(join(ROOT, 'examples/client'), folder, {
      recursive: true,
      filter: (path) => !/node_modules|dist$|scim-tokens\.ts$/.test(path),
    });
    symlinkSync(MODULES, join(folder, 'node_modules'));
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const tsc = () =>
    runProgram(process.execPath, [join(MODULES, 'typescript/bin/tsc'), '-p', folder], {});

  it('is made from the document, compiles strictly and runs against the service', async () => {
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      scripts: { types: string };
    };
    const [program = '', document = '', ...options] = scripts.types.split(' ');
    const out = options.pop() ?? '';
    const types = await runProgram(
      join(MODULES, '.bin', program),
      [join(ROOT, 'examples/client', document), ...options, join(folder, out)],
      {},
    );
    expect(types.code).toBe(0);
    expect(await tsc()).toMatchObject({ code: 0, stdout: '' });

    const ran = await runProgram(process.execPath, [join(folder, 'dist/main.js')], {
      SCIM_TOKENS_URL: app.url,
      SCIM_TOKENS_JWT: superAdmin(),
    });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(
      /^made (sct_\w+), active until .*Z\nmay users:read\nlisted \1 Okta production\nrevoked: 204\n$/,
    );
    const refused = await runProgram(process.execPath, [join(folder, 'dist/main.js')], {
      SCIM_TOKENS_URL: app.url,
      SCIM_TOKENS_JWT: 'a.b.c',
    });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('401: {"detail":"Invalid or expired token"}');
  });

  it('does not compile where a field or a scope is wrong', async () => {
    const main = join(folder, 'src/main.ts');
    const source = readFileSync(main, 'utf8');
    writeFileSync(
      main,
      source.replace("'users:write'", "'users:all'").replace('made.status', 'made.state'),
    );
    const { code, stdout } = await tsc();
    expect(code).not.toBe(0);
    expect(stdout).toContain('\'"users:all"\' is not assignable');
    expect(stdout).toContain("'state' does not exist");
  });
});
