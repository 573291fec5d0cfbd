import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { whileLocked } from '../support/lock-wait';
import { runCommand, runHere, runProgram } from '../support/command';
import { freePort } from '../support/free-port';
import { JWT_SECRET, startTestApp, superAdmin, TOKENS, type TestApp } from '../support/test-app';

const DAY_MS = 86_400_000;
const VALUE = /^scim_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$/;

describe('The command line against a running service', () => {
  let app: TestApp;
  let folder: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    app = await startTestApp({
      env: {
        SCIM_TOKEN_MAX_ACTIVE_PER_TENANT: '200',
        SCIM_VERIFY_SECRET: 'Kq3vT8zX1mN6bR4wL9yD2fG7hJ5sP0cV',
        SCIM_VERIFY_URI_HEADER: 'X-Original-URI',
      },
    });
    folder = mkdtempSync(join(tmpdir(), 'scim-tokens-cli-'));
    env = { PUBLIC_URL: app.url, SCIM_TOKENS_JWT: superAdmin() };
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes a token from its making to its end; values alone come out of create and rotate', async () => {
    // Clears the screen, and turns the rest of the line round.
    const name = ['--name', 'Okta \u001b[2J\u202e', '--tenant', 'tnt_a'];
    const limits = ['--scopes', 'users:read,groups:read', '--allowed-ips', '192.0.2.0/24'];
    const made = await runCommand(['tokens', 'create', ...name, ...limits], env);
    expect(made).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(
        / \(Okta \\u\{1b\}\[2J\\u\{202e\}\), .* cannot be shown again\.\n$/,
      ),
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
    expect(whose.stdout).not.toContain(value);
    const rotated = await runCommand(
      ['tokens', 'rotate', token.id, '--overlap-hours', '1', '--json'],
      env,
    );
    const renewed = JSON.parse(rotated.stdout);
    expect(renewed).toMatchObject({ id: token.id, token: expect.stringMatching(VALUE) });

    const table = await runCommand(['tokens', 'list', '--tenant', 'tnt_a'], env);
    // Of its own minute, which the one before may not be.
    const expires = `${renewed.expires_at.slice(0, 16)}Z`;
    expect(table.stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['ID', 'STATUS', 'HEALTH', 'EXPIRES', 'LAST USED', 'TENANT', 'NAME'],
      [token.id, 'active', 'unused', expires, '-', 'tnt_a', 'Okta \\u{1b}[2J\\u{202e}'],
      [''],
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
    // Nor does a terminal obey the JSON.
    expect(ended.stdout).toContain('Okta \\u001b[2J\\u202e');
    expect(ended.stdout).not.toMatch(/[^\P{C}\n]/u);
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
    const list = ['tokens', 'list', '--tenant', 'tnt-form'];
    expect((await runCommand(list, env)).stdout.match(/^sct_/gm)).toHaveLength(1);
    expect((await runHere([...list, '--health', 'quiet', '--json'], env)).stdout).toBe('[]\n');
    const listed = await runHere([...list, '--health', 'unused', '--json'], env);
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { provider: 'okta', quiet_after_hours: null },
    ]);
    await runHere([...create, 'entra', '--quiet-after-hours', '12'], env);
    expect(JSON.parse((await runHere([...list, '--json'], env)).stdout)).toMatchObject([
      { provider: 'entra', quiet_after_hours: 12 },
      { provider: 'okta' },
    ]);
  });

  it('says of a header or a bare value why it would be refused, without showing it', async () => {
    const create = ['tokens', 'create', '--name', 'Okta\u001b[2J', '--tenant', 'tnt_why'];
    const made = await runHere([...create, '--allowed-ips', '192.0.2.0/24'], env);
    const value = made.stdout.trimEnd();
    const explain = ['explain', '--tenant', 'tnt_why'];
    const shown = [`Authorization: Bearer ${value}\n`, `bearer ${value}`, value];
    for (const header of shown) {
      const { code, stdout } = await runCommand([...explain, '--ip', '192.0.2.9'], env, header);
      expect([code, stdout]).toEqual([0, expect.stringContaining('It would be accepted.\n')]);
    }
    const refused = await runCommand(explain, env, value);
    expect(refused).toMatchObject({ code: 1, stderr: '' });
    expect(refused.stdout).toMatch(
      /^NO {2}network {3}No ip was given; allowed_ips is 192\.0\.2\.0\/24\.\n\nIt would be refused\. .* allowed_ips\..*\nToken: sct_[0-9a-f]{32} \(Okta\\u\{1b\}\[2J\)\n$/m,
    );
    expect(refused.stdout).not.toContain(value.slice(-12));
    const json = await runCommand([...explain, '--scopes', 'users:read', '--json'], env, 'Basic x');
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([1, { hint: 'no_bearer' }]);
    const none = await runCommand(explain, env, '');
    expect([none.code, none.stdout]).toEqual([1, expect.stringContaining('NO  header')]);
    const assertion = await runCommand([...explain, '--assertion'], env, 'x.y.z');
    expect([assertion.code, assertion.stdout]).toEqual([1, expect.stringContaining('NO  form')]);
  });

  it('takes a setup link from its making to its end; the URL alone comes out of create', async () => {
    const whose = ['--tenant', 'tnt-links', '--provider', 'okta'];
    const bounds = ['--name', 'HR', '--scopes', 'users:read', '--expires-in-hours', '2'];
    const made = await runHere(['setup-link', 'create', ...whose, ...bounds], env);
    expect([made.code, made.stdout]).toEqual([
      0,
      expect.stringMatching(/^\S+\/setup#scimsetup_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}\n$/),
    ]);
    const [, id = '', until = ''] =
      /^The URL of (sul_\w+), good until (\S+)\. It cannot be shown again\.\n$/.exec(made.stderr) ??
      [];
    expect(Date.parse(until) - Date.now()).toBeLessThanOrEqual(2 * 3_600_000);
    const list = ['setup-link', 'list', '--tenant', 'tnt-links'];
    const table = await runHere(list, env);
    expect(table.stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['ID', 'STATUS', 'EXPIRES', 'OPENED', 'PROVIDER', 'TENANT'],
      [id, 'open', `${until.slice(0, 16)}Z`, '-', 'okta', 'tnt-links'],
      [''],
    ]);
    expect(await runHere(['setup-link', 'revoke', id], env)).toMatchObject({
      code: 0,
      stdout: `Revoked ${id}.\n`,
    });
    const revoked = await runHere([...list, '--status', 'revoked', '--json'], env);
    expect(JSON.parse(revoked.stdout)).toMatchObject([{ id, status: 'revoked' }]);
    expect((await runHere([...list, '--status', 'open', '--json'], env)).stdout).toBe('[]\n');
    // A URL would stand in logs of URLs.
    expect(await runHere(['setup-link', 'revoke', made.stdout.trim()], env)).toMatchObject({
      code: 2,
      stderr: '<id> takes a link id such as sul_…, no URL\n',
    });
    const token = await runHere(['tokens', 'create', '--name', 'x', ...whose, '--json'], env);
    const renewed = ['setup-link', 'create', '--tenant', 'tnt-links', '--json', '--renew'];
    expect(await runHere([...renewed, 'scim_value'], env)).toMatchObject({
      code: 2,
      stderr: '--renew takes a token id such as sct_…, no value\n',
    });
    const renewal = await runHere([...renewed, JSON.parse(token.stdout).id], env);
    expect(JSON.parse(renewal.stdout)).toMatchObject({ token_id: JSON.parse(token.stdout).id });
  });

  it("makes a client: its secret alone comes out, and its id stands in the console's fields", async () => {
    const create = ['tokens', 'create', '--name', 'Entra', '--tenant', 'tnt-client'];
    const method = ['--auth-method', 'client_credentials', '--access-token-ttl', '7200'];
    const made = await runCommand([...create, ...method, '--provider', 'entra'], env);
    const secret = made.stdout.trimEnd();
    const [, id = ''] =
      /^The client secret of (sct_\w+) \(Entra\), good until /.exec(made.stderr) ?? [];
    expect([made.code, secret]).toEqual([0, expect.stringMatching(VALUE)]);
    expect(made.stderr).not.toContain(secret);
    const path = '/api/v1/scim-tokens/oauth/token';
    expect(made.stderr).toMatch(new RegExp(`^ {2}OAuth token endpoint {6}http\\S+${path}$`, 'm'));
    expect(made.stderr).toContain(`\n  Client ID                 ${id}\n`);
    expect(made.stderr).toContain(`\n  Client Identifier         ${id}\n`);
    expect(made.stderr).toMatch(/^ {2}How credentials are sent {2}Header$/m);
    expect(made.stderr).toMatch(/^1\. In the Entra admin center/m);
    const issued = await fetch(app.url + path, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    expect(await issued.json()).toMatchObject({ expires_in: 7200 });

    const rotated = await runHere(['tokens', 'rotate', id], env);
    expect(rotated.stdout.trimEnd()).toMatch(VALUE);
    expect(rotated.stderr).toMatch(/^The client secret of sct_/);
    const bearer = await runHere([...create, '--json'], env);
    expect(JSON.parse(bearer.stdout)).toMatchObject({ auth_method: 'bearer', client_id: null });
    const filter = ['--auth-method', 'client_credentials', '--tenant', 'tnt-client'];
    const { stdout } = await runHere(['tokens', 'list', ...filter, '--json'], env);
    expect(JSON.parse(stdout).map((token: { id: string }) => token.id)).toEqual([id]);
  });

  it('makes a workload identity: what it trusts comes from the options, and its id alone comes out', async () => {
    const issuer = 'https://login.microsoftonline.com/5d1f7a34-91c2-4b0e-8a6d-2f3c4e5b6a70/v2.0';
    const create = ['tokens', 'create', '--name', 'Entra', '--tenant', 'tnt-workload'];
    const trust = ['--trust-issuer', issuer, '--trust-subject', 's', '--trust-audience', 'a'];
    const pins = ['--trust-tenant-id', 't', '--trust-authorized-party', 'p'];
    const method = ['--auth-method', 'workload_identity', '--expires-at', 'never'];
    const options = [...create, ...method, ...trust, ...pins];
    const { stdout, stderr } = await runHere([...options, '--provider', 'entra'], env);
    const id = stdout.trimEnd();
    expect(stderr).toMatch(
      new RegExp(`^The client id of ${id} \\(Entra\\), without an expiry\\. It has no secret`),
    );
    expect(stderr).toMatch(new RegExp(`^ {2}Client Identifier {13}${id}$`, 'm'));
    const { body } = await app.as(superAdmin()).get(TOKENS + id);
    expect(body).toMatchObject({
      auth_method: 'workload_identity',
      expires_at: null,
      trust: { issuer, subject: 's', audience: 'a', tenant_id: 't', authorized_party: 'p' },
    });
    const table = await runHere(['tokens', 'list', '--tenant', 'tnt-workload'], env);
    expect(table.stdout).toMatch(
      new RegExp(`^${id} +active +unused +- +- +tnt-workload +Entra$`, 'm'),
    );

    const untrusting = await runHere([...create, ...method], env);
    expect(untrusting).toMatchObject({ code: 1, stderr: expect.stringContaining('\n  trust: ') });
  });

  it('makes nothing for a console that does not take the method', async () => {
    const create = ['tokens', 'create', '--name', 'Okta', '--tenant', 'tnt-none'];
    const method = ['--provider', 'okta', '--auth-method', 'client_credentials'];
    expect(await runHere([...create, ...method], env)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Okta takes --auth-method bearer'),
    });
    const { stdout } = await runHere(['tokens', 'list', '--tenant', 'tnt-none', '--json'], env);
    expect(stdout).toBe('[]\n');
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
    const { stdout, stderr } = await runHere(
      ['tokens', 'list', '--json', '--tenant', 'tnt_many'],
      env,
    );
    expect(stderr).toBe('');
    const found = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
    expect(found.sort()).toEqual(tokens.map(({ name }) => name).sort());
  });

  it('tells how far it is where a list takes longer than a second', async () => {
    const sql = new Client(app.databaseUrl);
    await sql.connect();
    const listed = await whileLocked(sql, 'scim_tokens', () =>
      runHere(['tokens', 'list', '--tenant', 'tnt_many'], env),
    );
    await sql.end();
    expect(listed).toMatchObject({ code: 0, stderr: '100 of 101 tokens\n' });
    expect(listed.stdout.match(/^ID |^sct_/gm)).toEqual(['ID ', ...Array(101).fill('sct_')]);
  });

  it('passes on what the options say', async () => {
    const expiresAt = new Date(Date.now() + 3 * DAY_MS).toISOString();
    const name = ['--name', 'x', '--tenant', 'tnt\u001b', '--description', 'for HR'];
    const limits = ['--scopes', 'users:read, groups:read', '--expires-at', expiresAt];
    const made = await runHere(['tokens', 'create', ...name, ...limits, '--json'], env);
    const { id, token, ...rest } = JSON.parse(made.stdout);
    expect([made.stderr, token, rest]).toMatchObject([
      '',
      expect.stringMatching(VALUE),
      { description: 'for HR', scopes: ['users:read', 'groups:read'], expires_at: expiresAt },
    ]);

    const limited = ['--overlap-hours', '1', '--expires-in-days', '2'];
    const rotated = await runHere(['tokens', 'rotate', id, ...limited], env);
    expect(rotated.stdout.trimEnd()).toMatch(VALUE);
    const { body } = await app.as(superAdmin()).get(TOKENS + id);
    const began = Date.parse(body.rotation.started_at);
    expect(Date.parse(body.rotation.previous_expires_at) - began).toBe(DAY_MS / 24);
    expect(Date.parse(body.expires_at) - began).toBe(2 * DAY_MS);

    const whose = await runCommand(['tokens', 'identify'], env, rotated.stdout);
    expect(whose.stdout).toMatch(new RegExp(`^ID .*\n${id} .* tnt\\\\u\\{1b\\} +x\n$`));
    const others = await runHere(['tokens', 'list', '--tenant', 'tnt_other', '--json'], env);
    expect(others.stdout).toBe('[]\n');
    const revoked = await runHere(['tokens', 'revoke', id, '--json'], env);
    expect(JSON.parse(revoked.stdout)).toEqual({ id, status: 'revoked' });
  });

  it('takes the JWT from a file, the environment or a pipe, and says so where there is none', async () => {
    const file = join(folder, 'jwt');
    writeFileSync(file, `${superAdmin()}\n`);
    const list = ['tokens', 'list', '--url', app.url];
    expect((await runCommand([...list, '--jwt-file', file], {})).code).toBe(0);
    expect(await runCommand([...list, '--jwt-file', `${file}.gone`], {})).toMatchObject({
      code: 2,
      stderr: `--jwt-file takes another file than ${file}.gone: ENOENT\n`,
    });
    expect((await runCommand(list, {}, `${superAdmin()}\n`)).code).toBe(0);
    expect((await runHere(list, { SCIM_TOKENS_JWT: `${superAdmin()}\n` })).code).toBe(0);
    const none = await runCommand(['tokens', 'identify'], { PUBLIC_URL: app.url }, 'scim_value');
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('SCIM_TOKENS_JWT') });
    expect(await runCommand(list, {})).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('SCIM_TOKENS_JWT, give --jwt-file, or pipe the JWT in'),
    });
  });

  it.each([
    ['nothing', '', 'has to hold the value'],
    ['white space alone', ' \n', 'has to hold the value'],
    ['far too much', 'a'.repeat(100_000), 'is too long for the value'],
  ])('takes a value from standard input, but not %s', async (_, input, said) => {
    const { code, stdout, stderr } = await runCommand(['tokens', 'identify'], env, input);
    expect([code, stdout, stderr]).toEqual([2, '', `Standard input ${said}\n`]);
  });

  it('waits for no one at a terminal without saying so', async () => {
    // A terminal of its own; it shows both outputs, with its own line ends.
    const atTerminal = (command: string, variables: Record<string, string>, typed: string) =>
      runProgram(
        'script',
        ['--quiet', '--return', '--command', `node scripts/cli.js tokens ${command}`, '/dev/null'],
        variables,
        typed,
      );
    const value = await runHere(['tokens', 'create', '--name', 'x', '--tenant', 'tnt_tty'], env);
    expect(await atTerminal('identify', env, `${value.stdout}\u0004`)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Paste the value, then Enter and Ctrl-D\.[^]* tnt_tty /),
    });
    const list = await atTerminal('list', { PUBLIC_URL: app.url }, '');
    expect([list.code, list.stdout]).toEqual([2, expect.stringContaining('or pipe the JWT in')]);
    expect(list.stdout).not.toContain('Paste');
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
    const expiries = ['--expires-in-days', '1', '--expires-at', '2099-01-01T00:00:00Z'];
    const whole = ['tokens', 'create', '--name', 'x', '--tenant', 'tnt_a', ...expiries];
    expect((await runHere(whole, env)).stderr).toMatch(/:\n {2}Value error, set either [^:]*\n$/);
    const forged = await runCommand(['tokens', 'list'], { ...env, SCIM_TOKENS_JWT: 'a.b.c' });
    expect(forged).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /\n {2}Invalid or expired token\n.*nest-scim-tokens token --role super_admin\n$/,
      ),
    });
    const closed = `http://127.0.0.1:${await freePort()}`;
    const away = await runCommand(['tokens', 'list', '--url', closed], env);
    expect(away).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^No answer from .* \(ECONNREFUSED\): is the service running/),
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
    const full = 'node scripts/cli.js --version > /dev/full';
    expect((await runProgram('bash', ['--norc', '-c', full], {})).code).toBe(1);
  });
});
