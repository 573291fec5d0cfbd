import { setTimeout as delay } from 'node:timers/promises';
import { TOKENS } from '../support/test-app';
import { PostgresServer } from './support/postgres-server';
import { Service } from './support/service';

const ROUNDS = 5;
const CLIENTS = 24;

describe('Told to stop under load', () => {
  it('the service answers every request that it took, and ends with 0', async () => {
    const database = await PostgresServer.create();
    let answered = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const service = await Service.start({ DATABASE_URL: database.url });
      const { id } = (await service.create({ tenant_id: `tnt_${round}` })).body;
      const dropped: string[] = [];
      const clients = Array.from({ length: CLIENTS }, async (_, client) => {
        for (;;) {
          const asked =
            client % 3 === 0
              ? service.call('PATCH', TOKENS + id, { name: `by ${client}` })
              : service.get(client % 3 === 1 ? TOKENS : TOKENS + id);
          try {
            const { status } = await asked;
            answered += 1;
            // Writers of one tenant wait for each other; that is no drop.
            if (status !== 200 && status !== 503) dropped.push(String(status));
          } catch (error) {
            const { code, message } = error as NodeJS.ErrnoException;
            // Never taken: a load balancer asks another instance.
            if (code === 'ECONNREFUSED') return;
            dropped.push(code ?? message);
          }
        }
      });
      await delay(1_000);
      const began = Date.now();
      expect(await service.end()).toBe(0);
      expect(Date.now() - began).toBeLessThan(9_000);
      await Promise.all(clients);
      expect(dropped).toEqual([]);
    }
    expect(answered).toBeGreaterThan(500);
    await database.remove();
  });
});
