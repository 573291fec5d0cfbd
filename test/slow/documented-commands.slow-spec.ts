import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'jsonwebtoken';
import { createEmptyDatabase } from '../support/test-database';
import { until } from '../support/until';
import { Newcomer, type StartedService } from './support/newcomer';
import { commandsOf, shellBlocks } from './support/shell-blocks';

// Installations, on a machine that does other things as well.
jest.setTimeout(1_200_000);

const ROOT = join(__dirname, '../..');
const TOKENS = '/api/v1/admin/scim-tokens/';
const VALUE = /^scim_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$/;

/** Pages that a test of their own walks through, command by command. */
const WALKED = ['provisioning-run', 'provisioning-run-workload-identity', 'bearer-to-oauth'].map(
  (page) => `docs/guides/${page}.md`,
);

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && !WALKED.includes(path) && !path.startsWith('test/'));

/** Commands in the running text, which are code with an argument. */
const INLINE = /`((?:npm|npx|node|docker|openssl|echo) [^`]+)`/g;

const documented = new Set(
  pages.flatMap((page) => [
    ...shellBlocks(read(page)).flatMap(commandsOf),
    ...[...read(page).matchAll(INLINE)].map(([, command = '']) => command),
  ]),
);

const CI = '.ci/run';
const HOSTS = 'test/slow/hosts.slow-spec.ts';
const SCIM_SERVER = 'test/slow/support/scim-server.ts';
const DISTRIBUTE = 'test/e2e/distribute-command.e2e-spec.ts';
const UNTESTED = 'docs/untested.md';

/** Commands that are run elsewhere, by the file that does (or says why nothing can) and what shows it there. */
const ELSEWHERE: Readonly<Record<string, readonly [file: string, shownBy: string]>> = {
  'npm test          # unit and end to end, against a real PostgreSQL': [CI, 'npm test'],
  'npm test': [CI, 'npm test'],
  'npm run test:coverage   # the same, counting what it runs, which takes half as long again': [
    'package.json',
    '"test:coverage": "npm test -- --coverage"',
  ],
  'npm run test:slow   # minutes: faults, chaos, load, other servers and Nodes; needs the Debian packages named in .ci/run':
    [CI, 'npm run test:slow'],
  'npm run lint': [CI, 'npm run lint'],
  'npm run typecheck': [CI, 'npm run typecheck'],
  'npm run format': [CI, 'npm run format:check'],
  'npm run docs      # after a change of the API': [CI, 'npm run docs'],
  'npm run docs': [CI, 'npm run docs'],
  '.ci/run           # everything, as CI runs it': [CI, 'npm ci'],
  'npm run migration:check': [CI, 'npm run migration:check'],
  'npm run openapi:breaking': [CI, 'npm run openapi:breaking'],
  'npm run openapi:lint': [CI, 'npm run openapi:lint'],
  'node scripts/bill-of-materials.mjs': [CI, 'node scripts/bill-of-materials.mjs'],
  'npm install nest-scim-tokens': [HOSTS, "['install', '--no-audit', '--no-fund', tarball]"],
  'npm run token': ['test/e2e/cli.e2e-spec.ts', "'run', '--silent', 'token'"],
  'npx nest-scim-tokens': ['scripts/smoke.mjs', "'nest-scim-tokens', '--version'"],
  'npx nest-scim-tokens start': [HOSTS, "'nest-scim-tokens', 'start'"],
  'npx nest-scim-tokens conformance --url https://scim.example.com/scim/v2 --token-file token.txt':
    [SCIM_SERVER, 'npx nest-scim-tokens conformance --url ${base} --token-file token.txt'],
  'node servers/better-auth-scim.mjs': [UNTESTED, '`node servers/better-auth-scim.mjs`'],
  'npx nest-scim-tokens explain --tenant tnt_a --ip 203.0.113.7 < header.txt': [
    'test/e2e/cli.e2e-spec.ts',
    "['explain', '--tenant', ",
  ],
  'npx nest-scim-tokens explain --tenant tnt_a --assertion < assertion.txt': [
    'test/e2e/cli.e2e-spec.ts',
    "[...explain, '--assertion']",
  ],
  'npx nest-scim-tokens database distribute': [DISTRIBUTE, "['database', 'distribute', ...args]"],
  'npx nest-scim-tokens database distribute --check': [DISTRIBUTE, "[['--check']]"],
  'node dist/main.js': ['test/support/service-process.ts', "'dist/main.js'"],
  'docker build -t scim-tokens .': [UNTESTED, '`docker build`'],
  'docker build': [UNTESTED, '`docker build`'],
  'docker compose up': [UNTESTED, '`docker compose up`'],
  'npm run bench': [UNTESTED, '`npm run bench`'],
  'npm run bench:list': [UNTESTED, '`npm run bench:list`'],
  'npm run bench:assertions': [UNTESTED, '`npm run bench:assertions`'],
  'npm run bench:token-endpoint': [UNTESTED, '`npm run bench:token-endpoint`'],
  'npm run bench:verification': [UNTESTED, '`npm run bench:verification`'],
  'BASE_URL=http://127.0.0.1:3200/api/v1/tenants/tnt_a/scim/v2 TOKEN=scim_… DATABASE_URL=… node bench.mjs':
    [UNTESTED, '`node bench.mjs`'],
  'node bench.mjs': [UNTESTED, '`node bench.mjs`'],
  'npm pack --ignore-scripts=false': [HOSTS, "['pack', '--ignore-scripts=false', "],
  'cd ../your-application': [HOSTS, 'mkdirSync(folder)'],
  'npm install ../scim-tokens/nest-scim-tokens-0.1.0.tgz': [HOSTS, 'tarball], { cwd: folder }'],
  'npm install git+https://git.example.com/scim-tokens/scim-tokens.git': [HOSTS, 'git+file://'],
  'cd examples/monolith': [HOSTS, "'monolith'"],
  'cd examples/monolith-fastify': [HOSTS, "'monolith-fastify'"],
  'cd examples/monolith-nest12': [HOSTS, "'monolith-nest12'"],
  'cd examples/scim-server': [SCIM_SERVER, "'examples/scim-server'"],
  'npm install ../../nest-scim-tokens-0.1.0.tgz': [HOSTS, 'tarball], { cwd: folder }'],
  'PORT=3100 DATABASE_URL=postgres://user:password@127.0.0.1:5432/platform JWT_SECRET=a-secret-of-thirty-two-bytes-or-more npm start':
    ['test/slow/support/installed-host.ts', "'dist/main.js'"],
  'PORT=3200 DATABASE_URL=postgres://user:password@127.0.0.1:5432/app JWT_SECRET=a-secret-of-thirty-two-bytes-or-more npm start':
    [SCIM_SERVER, "'dist/main.js'"],
};

const ran = new Set<string>();

/** A page's block, by what stands in it; it counts as run. */
function block(page: string, text: string): string {
  const [found, ...more] = shellBlocks(read(page)).filter((candidate) => candidate.includes(text));
  if (found === undefined || more.length > 0) throw new Error(`${page} must have once: ${text}`);
  for (const command of commandsOf(found)) ran.add(command);
  return found;
}

/** A command of a page's running text; it counts as run. */
function inline(page: string, command: string): string {
  if (!read(page).includes(`\`${command}\``)) throw new Error(`${page} must have: ${command}`);
  ran.add(command);
  return command;
}

/** Puts in what a reader has to; each must be there once. */
function filledIn(commands: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`There must be once: ${from}`);
    return text.replace(from, () => to);
  }, commands);
}

describe('The commands of the documentation', () => {
  let reader: Newcomer;
  let service: StartedService | undefined;
  let jwt: string;

  const call = async (method: string, path: string, body?: object) => {
    const answer = await fetch(reader.url + path, {
      method,
      headers: { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return answer;
  };
  const create = async (): Promise<{ id: string; token: string }> => {
    const answer = await call('POST', TOKENS, { name: 'Okta', tenant_id: 'tnt_a' });
    return (await answer.json()) as { id: string; token: string };
  };
  const introspect = async (token: string): Promise<unknown> => {
    const answer = await fetch(`${reader.url}/api/v1/scim-tokens/introspect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${jwt}` },
      body: new URLSearchParams({ token }),
    });
    return answer.json();
  };

  beforeAll(async () => {
    reader = await Newcomer.arrive();
    const [install = '', start = ''] = commandsOf(block('README.md', 'npm ci\nnpm start'));
    expect(block('docs/guides/getting-started.md', 'npm ci')).toBe(`${install}\n${start}\n`);
    await reader.type(install);
    service = await reader.start(start);
    jwt = (
      await reader.type(block('docs/guides/authentication.md', 'tnt_a').split('\n')[0]!)
    ).stdout.trim();
  });
  afterAll(async () => {
    await service?.stop();
    reader.leave();
  });

  it('lead from nothing to a good token and the fields of a console in three', async () => {
    const third = block('README.md', '--provider okta');
    expect(block('docs/guides/getting-started.md', '--provider okta')).toBe(third);
    const { stdout, stderr } = await reader.type(third);
    expect(stdout.trimEnd()).toMatch(VALUE);
    expect(await introspect(stdout.trimEnd())).toMatchObject({ active: true, tenant_id: 'tnt_a' });
    const shown = /```text\n(scim_[^]*?)```/.exec(read('README.md'))?.[1] ?? '';
    const fields = shown.slice(shown.indexOf('Okta:'));
    expect(stderr).toContain(fields.replace('127.0.0.1:3000', new URL(reader.url).host));
  });

  it('do the same over HTTP', async () => {
    const commands = block('README.md', 'endpoint-info?tenant_id=tnt_a');
    expect(block('docs/guides/getting-started.md', 'endpoint-info?')).toBe(commands);
    const { stdout } = await reader.type(commands);
    const [made, info] = JSON.parse(`[${stdout.replace('}{', '},{')}]`);
    expect(await introspect(made.token)).toMatchObject({ active: true });
    expect(info.providers.map(({ id }: { id: string }) => id)).toContain('okta');
  });

  it('use the command line, and the doctor is content', async () => {
    const { stdout } = await reader.type(block('README.md', 'tokens list'));
    expect(stdout).toMatch(/^scim_\w+\nID +STATUS[^]*Okta production[^]*All is well\.\n$/);
    const help = inline('README.md', 'npm run token -- --help');
    expect((await reader.type(help)).stdout).toContain('--role <role>');
  });

  it('mint JWTs of other roles', async () => {
    const { stdout } = await reader.type(block('docs/guides/authentication.md', 'tnt_a'));
    expect(
      stdout
        .trim()
        .split('\n')
        .map((text) => decode(text)),
    ).toMatchObject([{ role: 'super_admin' }, { role: 'tenant_admin', tenant_id: 'tnt_a' }]);
  });

  it('say whose a leaked value is, and end it', async () => {
    const { id, token } = await create();
    const given = { URL: reader.url, JWT: jwt };
    const identify = block('docs/guides/leaks.md', '/identify');
    const whose = await reader.type(filledIn(identify, { 'scim_…': token }), given);
    expect(JSON.parse(whose.stdout)).toMatchObject({ id });
    const end = block('docs/guides/leaks.md', '/scim-tokens/revoke');
    expect(await reader.type(filledIn(end, { 'scim_…': token }), given)).toMatchObject({
      stdout: '',
    });
    expect(await introspect(token)).toEqual({ active: false });
  });

  it('make a setup link, list and revoke it', async () => {
    const page = 'docs/guides/setup-links.md';
    const made = await reader.type(block(page, '/setup-links'), { URL: reader.url, JWT: jwt });
    const { id, url } = JSON.parse(made.stdout);
    expect(url).toMatch(/\/setup#scimsetup_\w+$/);
    const printed = await reader.type(block(page, 'setup-link create'), { SCIM_TOKENS_JWT: jwt });
    expect(printed.stdout).toMatch(/^\S+\/setup#scimsetup_\w+\n$/);
    const end = filledIn(block(page, 'setup-link list'), { 'sul_…': id });
    const { stdout } = await reader.type(end, { SCIM_TOKENS_JWT: jwt });
    expect(stdout).toMatch(/^ID +STATUS[^]*\nRevoked sul_\w+\.\n$/);
  });

  it('rotate a token', async () => {
    const { id: ID, token } = await create();
    const rotate = block('docs/guides/rotation.md', '/rotate');
    const { stdout } = await reader.type(rotate, { URL: reader.url, JWT: jwt, ID });
    for (const value of [token, JSON.parse(stdout).token]) {
      expect(await introspect(value)).toMatchObject({ active: true, token_id: ID });
    }
  });

  it('make a client, get it access tokens, and end those with its old secret', async () => {
    const page = 'docs/guides/oauth.md';
    const given = { URL: reader.url, JWT: jwt };
    const made = await reader.type(block(page, '"auth_method": "client_credentials"'), given);
    const { client_id: CLIENT_ID, client_secret: CLIENT_SECRET } = JSON.parse(made.stdout);
    const client = { ...given, CLIENT_ID, CLIENT_SECRET };
    const issued = await reader.type(block(page, '-u "$CLIENT_ID'), client);
    const { access_token: accessToken } = JSON.parse(issued.stdout);
    expect(await introspect(accessToken)).toMatchObject({ active: true, client_id: CLIENT_ID });
    expect((await call('POST', `${TOKENS}${CLIENT_ID}/rotate`, {})).status).toBe(201);
    await reader.type(block(page, 'end_access_tokens'), { ...given, ID: CLIENT_ID });
    expect(await introspect(accessToken)).toEqual({ active: false });

    const [command = ''] = /(?<=`)npx nest-scim-tokens tokens create [^`]+/.exec(read(page)) ?? [];
    const form = await reader.type(inline(page, command), { SCIM_TOKENS_JWT: jwt });
    expect(form.stdout.trimEnd()).toMatch(VALUE);
    expect(form.stderr).toMatch(/^ {2}Client ID +sct_\w+$/m);
  });

  it('trust a workload identity', async () => {
    const commands = block('docs/guides/oauth.md', '"auth_method": "workload_identity"');
    const { stdout } = await reader.type(commands, { URL: reader.url, JWT: jwt });
    expect(JSON.parse(stdout).trust).toMatchObject({
      jwks_uri:
        'https://login.microsoftonline.com/5d1f7a34-91c2-4b0e-8a6d-2f3c4e5b6a70/discovery/v2.0/keys',
    });
  });

  it('import a value of another system by its digest', async () => {
    const VALUE = `another-system-${process.pid}`;
    const digest = block('docs/guides/moving-here.md', 'sha256sum');
    const sha256 = (await reader.type(digest, { VALUE })).stdout.trim();
    const example = /"sha256":"(\w+)"/.exec(read('docs/guides/moving-here.md'))?.[1] ?? '';
    const commands = filledIn(block('docs/guides/moving-here.md', '/import'), {
      [example]: sha256,
    });
    const { stdout } = await reader.type(commands, { JWT: jwt });
    expect(JSON.parse(stdout)).toMatchObject({ imported: 1, failed: 0 });
    expect(await introspect(VALUE)).toMatchObject({ active: true, tenant_id: 'tnt_a' });
  });

  it('revoke again what a restored backup has forgotten', async () => {
    const { id } = await create();
    await call('DELETE', TOKENS + id);
    const events = await call('GET', `${TOKENS}events/export?tenant_id=tnt_a`);
    writeFileSync(join(reader.folder, 'export.ndjson'), await events.text());
    const commands = filledIn(block('docs/guides/operate.md', 'export.ndjson'), {
      '2026-11-24T02:00:00.000Z': new Date(Date.now() - 3_600_000).toISOString(),
      'https://scim.example.com': reader.url,
    });
    expect((await reader.type(commands, { JWT: jwt })).stdout).toContain(`${id} 204\n`);
  });

  it('end what a tenant has before it leaves', async () => {
    const { token } = await create();
    const given = { URL: reader.url, JWT: jwt };
    const { stdout } = await reader.type(block('docs/guides/operate.md', '/revoke-all'), given);
    expect(JSON.parse(stdout).revoked).toBeGreaterThan(0);
    expect(await introspect(token)).toEqual({ active: false });
  });

  it('check and prune the audit trail beside the running service', async () => {
    const page = 'SECURITY.md';
    await reader.type(inline(page, 'npm run --silent audit:verify -- --heads > heads.ndjson'));
    expect(readFileSync(join(reader.folder, 'heads.ndjson'), 'utf8')).toContain('tnt_a');
    for (const command of [
      inline(page, 'npm run audit:verify'),
      inline(page, 'npm run audit:verify -- --against heads.ndjson'),
      filledIn(inline(page, 'npm run audit:prune -- --before TIME'), {
        TIME: '2020-01-01T00:00:00Z',
      }),
    ]) {
      await reader.type(command);
    }
    ran.add(inline('README.md', 'npm run audit:prune'));
  });

  it('make secrets that their settings take', async () => {
    const webhook = inline('docs/guides/webhooks.md', 'echo "whsec_$(openssl rand -base64 32)"');
    expect((await reader.type(webhook)).stdout).toMatch(/^whsec_[\w+/]{43}=\n$/);
    const proxy = inline('docs/guides/reverse-proxy.md', 'openssl rand -hex 32');
    expect((await reader.type(proxy)).stdout).toMatch(/^[0-9a-f]{64}\n$/);
    const compose = block('README.md', 'docker compose up');
    await reader.type(compose.replace(/^.*docker compose up.*$/m, ''));
    const secret = (name: string): string => join(reader.folder, 'secrets', name);
    const password = readFileSync(secret('postgres_password'), 'utf8');
    expect(readFileSync(secret('database_url'), 'utf8')).toBe(
      `postgres://scim_tokens:${password}@postgres:5432/scim_tokens`,
    );
    for (const name of ['jwt_secret', 'scim_token_pepper']) {
      expect(statSync(secret(name))).toMatchObject({ size: 64, mode: 0o100644 });
    }
  });

  it('make the types of a client', async () => {
    const folder = join(reader.folder, 'client');
    mkdirSync(folder);
    copyFileSync(join(ROOT, 'openapi.json'), join(folder, 'openapi.json'));
    await reader.type(`cd client\n${block('docs/guides/client.md', 'openapi-fetch')}`);
    const types = readFileSync(join(folder, 'src/scim-tokens.ts'), 'utf8');
    expect(types).toContain('export interface paths');
  });

  it('build once, however many are typed at the same time', async () => {
    await service?.stop();
    await reader.type('rm -rf dist');
    const started = await Promise.all(
      [1, 2, 3].map(() => reader.type('node scripts/cli.js --version')),
    );
    for (const { stdout } of started) expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(started.filter(({ stderr }) => stderr.includes('Building')).length).toBe(1);
  });

  it('start the service with OpenTelemetry', async () => {
    await service?.stop();
    const [install = '', start = ''] = commandsOf(
      block('docs/guides/telemetry.md', 'opentelemetry'),
    );
    await reader.type(install);
    const traced = await reader.start(start, {
      OTEL_TRACES_EXPORTER: 'console',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    });
    service = traced;
    await until(() => traced.output().includes('instrumentation-http'));
  });

  it('deploy without a container: built, migrated apart, without what builds it', async () => {
    await service?.stop();
    const database = await createEmptyDatabase();
    const migrate = inline('README.md', 'npm run typeorm -- migration:run');
    const run = await reader.type(migrate, { DATABASE_URL: database.directUrl });
    expect(run.stdout).toContain('has been executed successfully');
    const generate = inline(
      'CONTRIBUTING.md',
      'npm run typeorm -- migration:generate src/database/migrations/AuditCheckpoints',
    );
    await expect(reader.type(generate, { DATABASE_URL: database.directUrl })).rejects.toMatchObject(
      {
        stdout: expect.stringContaining('No changes in database schema were found'),
      },
    );
    const commands = commandsOf(block('README.md', 'npm ci --omit=dev'));
    const start = commands.pop() ?? '';
    // Installed above, in this folder.
    for (const command of commands.slice(1)) await reader.type(command);
    const deployed = await reader.start(
      filledIn(start, {
        'postgres://…': database.url,
        'JWT_SECRET=…': 'JWT_SECRET=a-secret-of-the-operator-of-48-characters-or-so',
        'SCIM_TOKEN_PEPPER=…': 'SCIM_TOKEN_PEPPER=a-pepper-of-thirty-two-bytes-or-more',
      }),
    );
    service = deployed;
    expect(deployed.output()).not.toMatch(/"level":"(warn|error)"/);
    await deployed.stop();
    await database.drop();
  });

  it('are all run here, or where this table says', () => {
    const left = [...documented].filter((command) => !ran.has(command));
    expect(left.filter((command) => !(command in ELSEWHERE))).toEqual([]);
    expect(Object.keys(ELSEWHERE).filter((command) => !left.includes(command))).toEqual([]);
    for (const [file, shownBy] of Object.values(ELSEWHERE)) expect(read(file)).toContain(shownBy);
  });
});
