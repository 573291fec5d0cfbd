import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { TOKENS } from '../support/test-app';
import { PostgresServer } from './support/postgres-server';
import { Service, type Answer } from './support/service';

const ROUNDS = 20;
const LIMIT_MS = 5 * 60_000;
const WORKERS = 6;

/** What a worker knows of a token: only what it was answered, and what may have happened without an answer. */
interface Known {
  readonly id: string;
  readonly tenant: string;
  /** Names that the token may have: the last one answered for, and those tried since. */
  names: string[];
  revoked: 'no' | 'tried' | 'yes';
}

describe('Killed at random moments under load', () => {
  it('service and PostgreSQL lose nothing that was answered for, 20 times', async () => {
    const began = Date.now();
    const database = await PostgresServer.create();
    const services = [
      await Service.start({ DATABASE_URL: database.url }),
      await Service.start({ DATABASE_URL: database.url }),
    ];
    const known: Known[] = [];
    const surprises: string[] = [];
    let answers = 0;
    let running = true;

    /** Null where there was no answer, or one that promises nothing. */
    const ask = async (method: string, path: string, body?: unknown): Promise<Answer | null> => {
      const service = services[randomInt(services.length)]!;
      const answer = await service.call(method, path, body).catch(() => null);
      if (!answer) {
        await delay(50);
        return null;
      }
      answers += 1;
      if (answer.status < 400) return answer;
      if (answer.status !== 503) {
        surprises.push(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      return null;
    };
    const live = async (tenant: string): Promise<void> => {
      const name = `made-${randomInt(1e9)}`;
      const made = await ask('POST', TOKENS, { name, tenant_id: tenant });
      if (!made) return;
      const token: Known = { id: String(made.body.id), tenant, names: [name], revoked: 'no' };
      known.push(token);
      for (let changes = randomInt(4); changes > 0; changes -= 1) {
        const next = `changed-${randomInt(1e9)}`;
        token.names.push(next);
        if (await ask('PATCH', TOKENS + token.id, { name: next })) token.names = [next];
        const read = await ask('GET', TOKENS + token.id);
        if (read && !token.names.includes(String(read.body.name))) {
          surprises.push(`${token.id} is named ${String(read.body.name)}`);
        }
      }
      // Most are revoked: a tenant may have twenty.
      if (randomInt(10) === 0) return;
      while (running && token.revoked !== 'yes') {
        token.revoked = 'tried';
        if (await ask('DELETE', TOKENS + token.id)) token.revoked = 'yes';
      }
    };
    const workers = Array.from({ length: WORKERS }, async () => {
      while (running) await live(`tnt_${randomInt(200)}`);
    });

    for (let round = 0; round < ROUNDS; round += 1) {
      await delay(300 + randomInt(1_500));
      const victim = randomInt(4);
      if (victim !== 0) services[randomInt(services.length)]?.kill();
      if (victim !== 1) {
        await database.end('SIGKILL');
        await delay(randomInt(500));
        await database.start();
      }
      for (const service of services) await service.untilReady(10_000);
    }
    running = false;
    await Promise.all(workers);
    expect(Date.now() - began).toBeLessThan(LIMIT_MS);

    expect(surprises).toEqual([]);
    expect(known.length).toBeGreaterThan(50);
    const rows = await database.query<{ id: string; name: string; revoked: boolean }>(
      `SELECT 'sct_' || replace(id::text, '-', '') AS id, name, revoked_at IS NOT NULL AS revoked FROM scim_tokens`,
    );
    const stored = new Map(rows.map((row) => [row.id, row]));
    const lost = known.filter(({ id, names, revoked }) => {
      const row = stored.get(id);
      return (
        !row || !names.includes(row.name) || (row.revoked ? revoked === 'no' : revoked === 'yes')
      );
    });
    expect(lost).toEqual([]);
    // The trail has a link for every change and no more, and the counters count what is there.
    expect(
      await database.query(
        `SELECT tenant_id FROM (
           SELECT tenant_id, seq, prev_hash, lag(hash, 1, repeat('0', 64)) OVER chain AS before,
                  row_number() OVER chain AS place
           FROM scim_token_events WINDOW chain AS (PARTITION BY tenant_id ORDER BY seq)) links
         WHERE seq <> place OR prev_hash <> before`,
      ),
    ).toEqual([]);
    expect(
      await database.query(
        `SELECT tenant_id FROM scim_token_tenants c WHERE listed_count <>
           (SELECT count(*) FROM scim_tokens t WHERE t.tenant_id = c.tenant_id AND revoked_at IS NULL)`,
      ),
    ).toEqual([]);
    process.stderr.write(
      `chaos: ${answers} answers, ${known.length} tokens, ${Math.round((Date.now() - began) / 1000)} s\n`,
    );
    for (const service of services) expect(await service.end()).toBe(0);
    await database.remove();
  });
});
