import { setTimeout as delay } from 'node:timers/promises';
import { TOKENS } from '../support/test-app';
import { until } from '../support/until';
import { debianPostgres, PostgresServer } from './support/postgres-server';
import { Service } from './support/service';

describe('With a streaming replica', () => {
  let primary: PostgresServer;
  let replica: PostgresServer;
  let service: Service;

  beforeAll(async () => {
    primary = await PostgresServer.create({}, debianPostgres());
    replica = await PostgresServer.standbyOf(primary);
    service = await Service.start({
      DATABASE_URL: primary.url,
      DATABASE_REPLICA_URL: replica.url,
    });
  });
  afterAll(async () => {
    expect(await service.end()).toBe(0);
    await replica.remove();
    await primary.remove();
  });

  const replay = async (how: 'pause' | 'resume'): Promise<void> => {
    await replica.query(`SELECT pg_wal_replay_${how}()`);
  };
  const listed = async (): Promise<unknown> => (await service.get(TOKENS)).body.total;
  const untilListed = async (total: number): Promise<void> => {
    while ((await listed()) !== total) await delay(20);
  };

  it('pages of tokens and events come from it; a single token and every decision from the primary', async () => {
    const first = (await service.create()).body.id;
    await untilListed(1);
    await replay('pause');
    const second = (await service.create()).body.id;
    // The replica stands still: what shows the second token was read from the primary.
    expect(await listed()).toBe(1);
    const events = `${TOKENS}events?tenant_id=tnt_a`;
    expect((await service.get<{ items: unknown[] }>(events)).body.items).toHaveLength(1);
    expect((await service.get(TOKENS + second)).body.status).toBe('active');
    expect((await service.call('PATCH', TOKENS + second, { name: 'y' })).body.name).toBe('y');
    expect((await service.call('DELETE', TOKENS + first)).status).toBe(204);
    expect((await service.get(TOKENS + first)).body.status).toBe('revoked');
    await replay('resume');
    // It listed one before, too: the first.
    await until(async () => {
      const { items } = (await service.get<{ items: { id: string }[] }>(TOKENS)).body;
      return items.length === 1 && items[0]?.id === second;
    });
  });

  it('its loss is not noticed, nor its return', async () => {
    await replica.end('SIGKILL');
    expect(await listed()).toBe(1);
    await until(() => service.output().includes('The replica does not answer'));
    expect((await service.get('/health/ready')).status).toBe(200);
    await service.create();
    expect(await listed()).toBe(2);
    await replica.start();
    await untilListed(2);
  });
});
