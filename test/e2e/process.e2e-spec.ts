import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { untilOneWaitsForALock } from '../support/lock-wait';
import { clientOf, mintJwt, TOKENS } from '../support/test-app';
import { runToExit, startService } from '../support/service-process';
import { createEmptyDatabase, databaseVariables } from '../support/test-database';
import { sign } from 'jsonwebtoken';

jest.setTimeout(60_000);

describe('The process', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scim-tokens-process-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const developerJwt = (): string =>
    sign(
      { sub: 'dev', role: 'super_admin' },
      readFileSync(join(folder, 'jwt-secret'), 'utf8').trim(),
      {
        expiresIn: '1h',
      },
    );
  const servers = (): string[] =>
    execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(join(folder, 'postgres')));

  it('finds its tokens again after a stop and after a kill -9, and leaves no server behind', async () => {
    const first = await startService({ DATA_DIR: folder });
    const admin = clientOf(first.url, developerJwt());
    const made = await admin.post(TOKENS).send({ name: 'Okta', tenant_id: 'tnt_a' }).expect(201);
    expect(first.output()).not.toContain(made.body.token);
    await first.end('SIGKILL');

    const second = await startService({ DATA_DIR: folder });
    const read = await clientOf(second.url, developerJwt()).get(TOKENS + made.body.id);
    expect(read.body.name).toBe('Okta');
    expect(await second.end('SIGTERM')).toBe(0);
    expect(servers()).toEqual([]);

    const third = await startService({ DATA_DIR: folder });
    const still = await clientOf(third.url, developerJwt()).get(TOKENS + made.body.id);
    expect(still.body.name).toBe('Okta');
    await third.end('SIGINT');
    expect(servers()).toEqual([]);
    for (const key of ['jwt-secret', 'token-pepper', 'postgres.password']) {
      expect(statSync(join(folder, key)).mode & 0o777).toBe(0o600);
    }
  });

  it('refuses a data folder, or a port, that another process uses, and says which', async () => {
    const holder = await startService({ DATA_DIR: folder });
    const { port } = new URL(holder.url);
    const [sameFolder, samePort] = await Promise.all([
      runToExit({ DATA_DIR: folder, PORT: '1' }),
      runToExit({ DATA_DIR: join(folder, 'elsewhere'), PORT: port }),
    ]);
    expect(sameFolder.code).toBe(1);
    expect(sameFolder.output).toContain(`in use by process ${holder.child.pid}`);
    expect(samePort.code).toBe(1);
    expect(samePort.output).toContain('set PORT');
    expect(await holder.end('SIGTERM')).toBe(0);
    expect(servers()).toEqual([]);
  });

  it('names every wrong variable at once, exits with 1 and prints no secret', async () => {
    const { code, output } = await runToExit({
      NODE_ENV: 'production',
      PORT: '99999',
      JWT_SECRET: 'short-secret',
      TRUST_PROXY: 'true',
    });
    expect(code).toBe(1);
    for (const name of ['PORT', 'JWT_SECRET', 'TRUST_PROXY', 'PUBLIC_URL', 'DATABASE_URL']) {
      expect(output).toContain(name);
    }
    expect(output).not.toContain('short-secret');
  });

  it('exits with 1 and says so where the database cannot be reached', async () => {
    const { code, output } = await runToExit({
      DATA_DIR: folder,
      DATABASE_URL: 'postgres://nobody:hidden-password@127.0.0.1:1/none',
    });
    expect(code).toBe(1);
    expect(output).toContain('check DATABASE_URL');
    expect(output).not.toContain('hidden-password');
  });

  it('makes the schema once however many start together on an empty database', async () => {
    const database = await createEmptyDatabase();
    const env = { NODE_ENV: 'test', ...databaseVariables(database.url), DATA_DIR: folder };
    const services = await Promise.all([startService(env), startService(env)]);
    for (const { url } of services) {
      const list = await clientOf(url, developerJwt()).get(TOKENS);
      expect(list.body.total).toBe(0);
    }
    await Promise.all(services.map((service) => service.end('SIGTERM')));
    await database.drop();
  });

  it('finishes what is under way when it is told to stop, and takes nothing new', async () => {
    const database = await createEmptyDatabase();
    const env = { NODE_ENV: 'test', ...databaseVariables(database.url), DATA_DIR: folder };
    const service = await startService(env);
    const admin = clientOf(service.url, developerJwt());
    const made = await admin.post(TOKENS).send({ name: 'x', tenant_id: 'tnt_a' }).expect(201);
    const sql = new Client(database.url);
    await sql.connect();
    await sql.query('BEGIN; SELECT FROM scim_token_tenants FOR UPDATE');
    const underWay = admin
      .patch(TOKENS + made.body.id)
      .send({ name: 'changed' })
      .then((answer) => answer);
    await untilOneWaitsForALock(sql);

    const ended = service.end('SIGTERM');
    while (
      await fetch(service.url).then(
        () => true,
        () => false,
      )
    );
    await sql.query('COMMIT');
    expect((await underWay).body).toMatchObject({ name: 'changed' });
    expect(await ended).toBe(0);
    await sql.end();
    await database.drop();
  });

  it('logs JSON lines alone in production, and makes no keys', async () => {
    const database = await createEmptyDatabase();
    const secret = 'process-secret-of-thirty-two-bytes-and-more';
    const service = await startService({
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://scim.example.com',
      ...databaseVariables(database.url),
      DATA_DIR: join(folder, 'data'),
      JWT_SECRET: secret,
    });
    const jwt = sign({ sub: 'ops', role: 'tenant_admin', tenant_id: 'tnt_a' }, secret, {
      expiresIn: 60,
    });
    const made = await clientOf(service.url, jwt).post(TOKENS).send({ name: 'x' }).expect(201);
    await clientOf(service.url, jwt).get(`/scim/${made.body.token}?token=${made.body.token}`);
    await clientOf(service.url, mintJwt({})).get(TOKENS);
    expect(await service.end('SIGTERM')).toBe(0);
    const lines = service.output().trim().split('\n');
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('level');
    expect(service.output()).not.toContain(made.body.token);
    expect(service.output()).not.toContain(jwt);
    expect(existsSync(join(folder, 'data'))).toBe(false);
    await database.drop();
  });
});
