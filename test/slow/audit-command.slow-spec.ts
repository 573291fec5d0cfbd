import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../../src/service/embedded-postgres/embedded-postgres';
import { clientOf, JWT_SECRET, tenantAdmin, TOKENS } from '../support/test-app';
import { startService } from '../support/service-process';

jest.setTimeout(120_000);

const ROOT = join(__dirname, '../..');

async function audit(
  env: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = ['-r', 'ts-node/register/transpile-only', join(ROOT, 'src/cli/cli.ts')];
  const child = spawn(process.execPath, [...command, 'audit', ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number>((resolve) => {
      child.once('exit', (status) => {
        resolve(status ?? -1);
      });
    }),
  ]);
  return { code, stdout, stderr };
}

describe('The audit command on the embedded database', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'scim-tokens-audit-'));
  const env = { NODE_ENV: 'test', DATA_DIR: dataDir };
  afterAll(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('works beside a running service, after it has stopped, and names what was altered', async () => {
    const service = await startService({ ...env, JWT_SECRET, LOG_LEVEL: 'warn' });
    const admin = clientOf(service.url, tenantAdmin());
    for (let n = 0; n < 5; n++)
      await admin
        .post(TOKENS)
        .send({ name: `n${n}` })
        .expect(201);
    const beside = await audit(env, 'verify');
    expect(beside).toMatchObject({
      code: 0,
      stdout: 'Checked 5 events of 1 tenant: the trail holds.\n',
    });
    await admin.get(TOKENS).expect(200);
    expect(await service.end('SIGTERM')).toBe(0);

    expect(await audit(env, 'verify', '--tenant', 'tnt_a')).toMatchObject({ code: 0 });
    const server = await startEmbeddedPostgres({ dataDir });
    const sql = new Client(server.url);
    await sql.connect();
    await sql.query(`UPDATE scim_token_events SET actor = 'x' WHERE seq = 4`);
    await sql.end();
    await server.stop();
    const altered = await audit(env, 'verify');
    expect(altered.code).toBe(1);
    expect(altered.stdout).toContain('Tenant "tnt_a", seq 4: altered');
  });
});
