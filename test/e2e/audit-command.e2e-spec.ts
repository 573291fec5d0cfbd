import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { whileLocked } from '../support/lock-wait';
import { runCommand, runHere } from '../support/command';
import { startTestApp, tenantAdmin, TOKENS, type TestApp } from '../support/test-app';
import { createEmptyDatabase } from '../support/test-database';

const SOUND = 'tnt_sound';
const ALTERED = 'tnt_\u001b[2J';

describe('The command audit', () => {
  let app: TestApp;
  let sql: Client;
  let env: Record<string, string>;
  let heads: string;
  const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-audit-'));

  /** Two tenants with three events each; of one the second is then altered. */
  beforeAll(async () => {
    app = await startTestApp();
    env = { DATABASE_URL: app.databaseUrl };
    for (const tenant of [SOUND, ALTERED]) {
      const admin = app.as(tenantAdmin(tenant));
      for (let n = 1; n <= 3; n++)
        await admin
          .post(TOKENS)
          .send({ name: `n${n}` })
          .expect(201);
    }
    heads = (await audit('verify', '--heads')).stdout;
    sql = new Client(app.databaseUrl);
    await sql.connect();
    await sql.query(`UPDATE scim_token_events SET actor = 'x' WHERE tenant_id = $1 AND seq = 2`, [
      ALTERED,
    ]);
  });
  afterAll(async () => {
    await sql.end();
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const audit = (...args: string[]) => runHere(['audit', ...args], env);
  const against = (lines: string, ...args: string[]) => {
    const file = join(folder, 'heads');
    writeFileSync(file, lines);
    return audit('verify', '--against', file, ...args);
  };
  const events = async (tenant: string): Promise<number | null> =>
    (await sql.query('SELECT FROM scim_token_events WHERE tenant_id = $1', [tenant])).rowCount;

  it('says of a trail that nobody touched that it holds, and nothing else', async () => {
    expect(await runCommand(['audit', 'verify', '--tenant', SOUND], env)).toEqual({
      code: 0,
      stdout: 'Checked 3 events of 1 tenant: the trail holds.\n',
      stderr: '',
    });
  });

  it('names each chain that does not hold, in words that no terminal obeys', async () => {
    expect(await audit('verify')).toEqual({
      code: 1,
      stdout:
        'Tenant "tnt_\\u001b[2J", seq 2: altered: its members do not have its hash, or it was made anew\n' +
        'Checked 5 events of 2 tenants: 1 chain broken.\n',
      stderr: '',
    });
  });

  it('prints its findings as one JSON object', async () => {
    const { code, stdout, stderr } = await audit('verify', '--json');
    expect([code, JSON.parse(stdout), stderr]).toEqual([
      1,
      {
        holds: false,
        tenants: 2,
        events: 5,
        broken: [{ tenant_id: ALTERED, seq: 2, kind: 'altered' }],
      },
      '',
    ]);
  });

  it('prints heads of chains that hold alone, and what it finds beside them', async () => {
    const { code, stdout, stderr } = await audit('verify', '--heads');
    expect([code, JSON.parse(stdout)]).toEqual([
      1,
      { tenant_id: SOUND, seq: 3, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(stderr).toMatch(/seq 2: altered.*\nChecked 5 events of 2 tenants: 1 chain broken\.\n$/);
  });

  it('holds the chains against heads that were kept', async () => {
    const kept = JSON.parse(heads.split('\n').find((line) => line.includes(SOUND))!);
    expect((await against(`\n${heads}`, '--tenant', SOUND)).code).toBe(0);
    const forged = JSON.stringify({ ...kept, hash: 'a'.repeat(64) });
    expect((await against(forged, '--tenant', SOUND)).stdout).toContain('seq 3: altered');
    const longer = JSON.stringify({ ...kept, seq: 5 });
    expect((await against(longer, '--tenant', SOUND)).stdout).toContain(
      'seq 4: missing, with all that came after: the tail was cut',
    );
    const gone = JSON.stringify({ ...kept, tenant_id: 'tnt_gone' });
    for (const args of [[], ['--tenant', 'tnt_gone']]) {
      const { code, stdout } = await against(gone, ...args);
      expect([code, stdout]).toEqual([1, expect.stringContaining('"tnt_gone", seq 1: missing')]);
    }
  });

  it.each([
    ['no JSON', 'x'],
    ['null', 'null'],
    ['another tenant_id', '{"tenant_id":1,"seq":3,"hash":"a"}'],
    ['another seq', '{"tenant_id":"a","seq":"3","hash":"a"}'],
    ['another hash', '{"tenant_id":"a","seq":3}'],
  ])('names the line of kept heads that is none: %s', async (_, line) => {
    const { code, stdout, stderr } = await against(`${heads}${line}\n`);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('line 3 is not a head as --heads prints it');
  });

  it('ends with 2 and the reason where nothing could be checked', async () => {
    expect(await audit('verify', '--tenant', 'tnt_nobody')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'Tenant "tnt_nobody" has no audit trail\n',
    });
    const empty = await createEmptyDatabase();
    const elsewhere = { ...env, DATABASE_SCHEMA: 'elsewhere' };
    for (const variables of [{ DATABASE_URL: empty.url }, elsewhere]) {
      expect(await runHere(['audit', 'verify'], variables)).toMatchObject({
        code: 2,
        stderr: 'Migrations have not run: start the service once\n',
      });
    }
    await empty.drop();
    expect(await runHere(['audit', 'verify'], { DATA_DIR: folder })).toMatchObject({
      code: 2,
      stderr: `There is no database: DATABASE_URL is not set, and ${folder} holds none\n`,
    });
    const away = { DATABASE_URL: 'postgres://nobody:hidden@127.0.0.1:1/none' };
    expect(await runCommand(['audit', 'verify'], away)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/ECONNREFUSED(?!.*hidden).*check DATABASE_URL/),
    });
  });

  it('tells how far it is where a check takes longer than a second', async () => {
    const checked = await whileLocked(sql, 'scim_token_events', () =>
      audit('verify', '--tenant', SOUND),
    );
    expect(checked.stderr).toBe('3 of 3 events, 0 of 1 tenants\n');
  });

  it('removes old events of chains that hold, up to the time given, and says how many', async () => {
    const later = ['--before', new Date(Date.now() + 60_000).toISOString()];
    const none = await audit('prune', '--before', '2020-01-01T00:00:00Z', '--tenant', SOUND);
    expect([none, await events(SOUND)]).toMatchObject([
      { code: 0, stdout: 'Removed 0 events.\n' },
      3,
    ]);
    const broken = await audit('prune', ...later, '--tenant', ALTERED);
    expect([broken, await events(ALTERED), await events(SOUND)]).toMatchObject([
      { code: 1, stdout: expect.stringMatching(/seq 2: altered.*\nRemoved 0 events\.\n$/) },
      3,
      3,
    ]);
    const { code, stdout } = await audit('prune', ...later, '--json');
    expect([code, JSON.parse(stdout), await events(SOUND)]).toEqual([
      1,
      { removed: 3, broken: [{ tenant_id: ALTERED, seq: 2, kind: 'altered' }] },
      0,
    ]);
  });
});
