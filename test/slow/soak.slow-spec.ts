import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { superAdmin, TOKENS } from '../support/test-app';
import { PostgresServer } from './support/postgres-server';
import { Service } from './support/service';

const run = promisify(execFile);
const WARM_UP_S = 60;
const REQUESTS = 300_000;
const SOAK_S = 360;
/** Seconds of one run of wrk: between two of them the count is looked at. */
const STRETCH_S = 60;
const LIMIT_MS = 20 * 60_000;

describe('Under load for minutes', () => {
  it(
    'the heap stays as large as it was after the warm-up',
    async () => {
      const database = await PostgresServer.create();
      const service = await Service.start({
        DATABASE_URL: database.url,
        RATE_LIMIT_PER_MINUTE: '1000000',
        NODE_OPTIONS: `--require ${join(__dirname, 'support/heap-probe.js')}`,
      });
      const { id, token } = (await service.create()).body;
      let asked = 0;
      let failed = 0;
      const load = async (seconds: number): Promise<void> => {
        const { stdout } = await run('wrk', [
          ...['-t1', '-c16', `-d${seconds}s`, '--timeout', '10s'],
          ...[
            '-s',
            join(__dirname, 'support/soak.lua'),
            service.url,
            '--',
            superAdmin(),
            id,
            token,
          ],
        ]);
        asked += Number(/(\d+) requests in/.exec(stdout)?.[1]);
        failed += Number(/Socket errors: (.*)/.exec(stdout)?.[1]?.match(/\d+/g)?.at(0) ?? 0);
      };
      const heap = async (): Promise<number> => {
        const seen = service.output().length;
        process.kill(service.pid, 'SIGUSR2');
        for (;;) {
          await delay(100);
          const bytes = /heap (\d+)\n/.exec(service.output().slice(seen))?.[1];
          if (bytes !== undefined) return Number(bytes);
        }
      };
      const ending = new AbortController();
      const lives = (async () => {
        while (!ending.signal.aborted) {
          const made = await service.create({ tenant_id: 'tnt_lives' });
          await service.call('DELETE', TOKENS + made.body.id);
          await delay(200);
        }
      })();

      await load(WARM_UP_S);
      const before = await heap();
      asked = 0;
      const began = Date.now();
      while (asked < REQUESTS || Date.now() - began < SOAK_S * 1_000) await load(STRETCH_S);
      const after = await heap();
      ending.abort();
      await lives;
      process.stderr.write(
        `soak: ${asked} requests in ${Math.round((Date.now() - began) / 1_000)} s, ` +
          `heap ${(before / 2 ** 20).toFixed(1)} MiB after the warm-up, ${(after / 2 ** 20).toFixed(1)} MiB at the end\n`,
      );
      expect(after).toBeLessThanOrEqual(1.1 * before);
      expect(failed).toBe(0);
      expect((await service.get('/health/ready')).status).toBe(200);
      expect(await service.end()).toBe(0);
      await database.remove();
    },
    LIMIT_MS,
  );
});
