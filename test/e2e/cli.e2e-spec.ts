import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { runCommand, runProgram } from '../support/command';
import { JWT_SECRET, startTestApp, superAdmin, TOKENS, type TestApp } from '../support/test-app';
import { createEmptyDatabase, databaseVariables, inDatabase } from '../support/test-database';

const VALUE = /^scim_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$/;

describe('The command line against a running service', () => {
  let app: TestApp;
  let folder: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    app = await startTestApp({ env: { SCIM_TOKEN_MAX_ACTIVE_PER_TENANT: '200' } });
    folder = mkdtempSync(join(tmpdir(), 'scim-tokens-cli-'));
    env = { PUBLIC_URL: app.url, SCIM_TOKENS_JWT: superAdmin() };
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes a token from its making to its end; values alone come out of create and rotate', async () => {
    const name = ['--name', 'Okta \u001b[2J', '--tenant', 'tnt_a'];
    const limits = ['--scopes', 'users:read,groups:read', '--allowed-ips', '192.0.2.0/24'];
    const made = await runCommand(['tokens', 'create', ...name, ...limits], env);
    expect(made).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('cannot be shown again'),
    });
    const value = made.stdout.trimEnd();
    expect(value).toMatch(VALUE);
    expect(made.stderr).not.toContain(value);

    const whose = await runCommand(['tokens', 'identify', '--json'], env, made.stdout);
    const token = JSON.parse(whose.stdout);
    expect(token).toMatchObject({
      name: name[1],
      tenant_id: 'tnt_a',
      scopes: ['users:read', 'groups:read'],
      allowed_ips: ['192.0.2.0/24'],
    });
    const rotated = await runCommand(
      ['tokens', 'rotate', token.id, '--overlap-hours', '1', '--json'],
      env,
    );
    expect(JSON.parse(rotated.stdout)).toMatchObject({
      id: token.id,
      token: expect.stringMatching(VALUE),
    });

    const table = await runCommand(['tokens', 'list', '--tenant', 'tnt_a'], env);
    expect(table.stdout.split('\n')).toEqual([
      expect.stringMatching(/^ID +STATUS +EXPIRES +LAST USED +TENANT +NAME$/),
      expect.stringMatching(new RegExp(`^${token.id} +active .*tnt_a +Okta \\\\u\\{1b\\}\\[2J$`)),
      '',
    ]);
    expect(await runCommand(['tokens', 'revoke', token.id, '--reason', 'left'], env)).toMatchObject(
      {
        code: 0,
        stdout: `Revoked ${token.id}.\n`,
      },
    );
    const rest = await runCommand(['tokens', 'list', '--json'], env);
    expect([rest.code, JSON.parse(rest.stdout)]).toEqual([0, []]);
    const ended = await runCommand(['tokens', 'list', '--json', '--status', 'revoked'], env);
    expect(JSON.parse(ended.stdout)).toMatchObject([{ id: token.id, revocation_reason: 'left' }]);
  });

  it('tells what to enter in a console beside a new value, and makes no token for one it does not know', async () => {
    const create = ['tokens', 'create', '--name', 'Okta', '--tenant', 'tnt-form', '--provider'];
    const { code, stdout, stderr } = await runCommand([...create, 'okta'], env);
    expect([code, stdout.trimEnd()]).toEqual([0, expect.stringMatching(VALUE)]);
    expect(stderr).toMatch(
      /^ {2}SCIM connector base URL {12}\S+\/tenants\/tnt-form\/scim\/v2\n {2}Unique[^]*^ {2}Authorization {22}The value shown/m,
    );
    expect(stderr).toMatch(/^1\. Open "Applications"/m);
    expect(await runCommand([...create, 'acme'], env)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--provider takes one of entra, okta, onelogin'),
    });
    const { stdout: list } = await runCommand(['tokens', 'list', '--tenant', 'tnt-form'], env);
    expect(list.match(/^sct_/gm)).toHaveLength(1);
  });

  it('lists more than a page, as one array', async () => {
    const tokens = Array.from({ length: 101 }, (_, n) => ({
      sha256: createHash('sha256').update(`imported ${n}`).digest('hex'),
      name: `n${n}`,
      expires_in_days: 1,
    }));
    await app
      .as(superAdmin())
      .post(`${TOKENS}import`)
      .send({ tenant_id: 'tnt_many', tokens })
      .expect(200);
    const { stdout } = await runCommand(['tokens', 'list', '--json', '--tenant', 'tnt_many'], env);
    const found = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
    expect(found.sort()).toEqual(tokens.map(({ name }) => name).sort());
  });

  it('takes the JWT from a file, the environment or a pipe, and says so where there is none', async () => {
    const file = join(folder, 'jwt');
    writeFileSync(file, `${superAdmin()}\n`);
    const list = ['tokens', 'list', '--url', app.url];
    expect((await runCommand([...list, '--jwt-file', file], {})).code).toBe(0);
    expect((await runCommand(list, {}, `${superAdmin()}\n`)).code).toBe(0);
    const none = await runCommand(['tokens', 'identify'], { PUBLIC_URL: app.url }, 'scim_value');
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('SCIM_TOKENS_JWT') });
    expect(await runCommand(list, {})).toMatchObject({ code: 2, stdout: '' });
  });

  it('ends with 1 and the reason where the service refuses, or none answers', async () => {
    const refused = await runCommand(
      ['tokens', 'create', '--name', 'x', '--expires-in-days', '0'],
      env,
    );
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /^Refused with 422 \(request .+\):\n {2}tenant_id: Field required\n {2}expires_in_days: /,
    );
    const forged = await runCommand(['tokens', 'list'], { ...env, SCIM_TOKENS_JWT: 'a.b.c' });
    expect(forged).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Invalid or expired token'),
    });
    const away = await runCommand(['tokens', 'list', '--url', 'http://127.0.0.1:1'], env);
    expect(away).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is the service running'),
    });
  });

  it('is what the npm scripts run: npm run token prints a JWT alone, which the service takes', async () => {
    const args = ['run', '--silent', 'token', '--', '--role', 'super_admin', '--ttl', '1m'];
    const { stdout } = await runProgram('npm', args, {
      JWT_SECRET,
      NODE_ENV: 'test',
      HOME: folder,
    });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    await app.as(stdout.trim()).get(TOKENS).expect(200);
  });

  it('ends with 1 where the service cannot start', async () => {
    const { code, stdout } = await runCommand(['start'], { PORT: '99999' });
    expect([code, stdout]).toEqual([1, expect.stringContaining('PORT takes')]);
  });

  it('checks the audit trail as one JSON object', async () => {
    const { code, stdout } = await runCommand(['audit', 'verify', '--json'], {
      DATABASE_URL: app.databaseUrl,
    });
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { holds: true, broken: [] }]);
  });

  it('prints the document of the service, to whoever reads all of it or only its start', async () => {
    const served = await fetch(`${app.url}/openapi.json`).then((answer) => answer.json());
    const { stdout } = await runCommand(['openapi'], {});
    const { servers: _, ...printed } = JSON.parse(stdout);
    expect(printed).toEqual({ ...(served as object), servers: undefined });
    const head = 'set -o pipefail; node scripts/cli.js openapi | head -c 9';
    expect(await runProgram('bash', ['--norc', '-c', head], {})).toMatchObject({
      code: 0,
      stderr: '',
    });
    const page = await runCommand(['docs', '--spec', 'openapi.json', '--tag', 'SCIM Tokens'], {});
    expect(page).toMatchObject({ code: 0, stdout: expect.stringContaining('`ScimTokenUpdate`') });
  });
});

describe('The doctor', () => {
  let app: TestApp;
  let env: Record<string, string>;
  const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-doctor-'));

  beforeAll(async () => {
    app = await startTestApp();
    env = { ...databaseVariables(app.databaseUrl), JWT_SECRET, DATA_DIR: folder };
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const doctor = async (variables: Record<string, string>) => {
    const { code, stdout } = await runCommand(['doctor', '--json'], { ...env, ...variables });
    const { ok, checks } = JSON.parse(stdout) as {
      ok: boolean;
      checks: { check: string; status: string; mend?: string }[];
    };
    expect([code, ok]).toEqual(
      checks.some(({ status }) => status === 'failed') ? [1, false] : [0, true],
    );
    return checks.filter(({ status }) => status === 'failed');
  };

  it('finds nothing wrong with a sound service, and says what it looked at', async () => {
    const { code, stdout } = await runCommand(['doctor'], env);
    expect(code).toBe(0);
    for (const check of [
      'node',
      'keys',
      'jwks',
      'proxy',
      'database',
      'migrations',
      'clock',
      'listener',
    ]) {
      expect(stdout).toMatch(new RegExp(`^(ok|skipped) +${check} +\\S`, 'm'));
    }
  });

  it('names the database that cannot be reached, and prints no password', async () => {
    const url = 'postgres://nobody:hidden@127.0.0.1:1/none';
    const { code, stdout, stderr } = await runCommand(['doctor'], { ...env, DATABASE_URL: url });
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^failed +database .*ECONNREFUSED[^]*check DATABASE_URL/m);
    expect(stdout).not.toContain('hidden');
  });

  it('misses the migrations of an empty database', async () => {
    const empty = await createEmptyDatabase();
    expect(await doctor(databaseVariables(empty.url))).toMatchObject([
      { check: 'migrations', mend: expect.stringContaining('Start the service') },
    ]);
    await empty.drop();
  });

  it('tells how to mend the listener, the clock, the keys and the proxy, all at once', async () => {
    const sql = new Client(app.databaseUrl);
    await sql.connect();
    // Found before the real one by a session that looks there first.
    await sql.query(`CREATE SCHEMA late; CREATE FUNCTION late.now() RETURNS timestamptz LANGUAGE sql
      AS $$ SELECT pg_catalog.now() - interval '1 minute' $$`);
    await sql.end();
    const path = encodeURIComponent('-c search_path=late,pg_catalog,public');
    // A pooler takes no options.
    const { DATABASE_LISTEN_URL: direct = app.databaseUrl } = databaseVariables(app.databaseUrl);
    const failures = await doctor({
      DATABASE_URL: `${direct}?options=${path}`,
      DATABASE_LISTEN_URL: inDatabase(app.databaseUrl, 'postgres'),
      JWT_SECRET: '',
      JWT_JWKS_URI: 'http://127.0.0.1:1/jwks',
      PUBLIC_URL: 'https://scim.example.com',
    });
    expect(failures).toMatchObject([
      { check: 'jwks', mend: expect.stringContaining('JWT_JWKS_URI') },
      { check: 'proxy', mend: expect.stringContaining('TRUST_PROXY') },
      { check: 'clock', mend: expect.stringContaining('NTP') },
      { check: 'listener', mend: expect.stringContaining('DATABASE_LISTEN_URL') },
    ]);
  });

  it('is content with a fresh folder, since the embedded database is installed', async () => {
    expect(await doctor({ DATABASE_URL: '' })).toEqual([]);
    expect(readFileSync(join(folder, 'token-pepper'), 'utf8')).not.toBe('');
  });
});
