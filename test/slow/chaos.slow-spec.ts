import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { TOKENS } from '../support/test-app';
import { PostgresServer } from './support/postgres-server';
import { Service, START_TIMEOUT_MS, type Answer } from './support/service';

const ROUNDS = 20;
const LIMIT_MS = 5 * 60_000;
const WORKERS = 6;
/** In which a service that has lost its database is ready once that is back. */
const RECOVERY_MS = 10_000;
/** How long an instance may go on accepting what another one revoked. */
const TTL_MS = 2_000;
const VERIFY_SECRET = 'proxy-secret-of-thirty-two-bytes-or-more';

/** What a worker knows of a token: only what it was answered, and what may have happened without an answer. */
interface Known {
  readonly id: string;
  readonly value: string;
  readonly tenant: string;
  /** Names that the token may have: the last one answered for, and those tried since. */
  names: string[];
  revoked: 'no' | 'tried' | 'yes';
  /** When its revocation was answered for. */
  revokedAt: number;
}

/** Two instances under load, and what they answered. */
class Load {
  readonly known: Known[] = [];
  readonly surprises: string[] = [];
  answers = 0;
  accepted = 0;
  refusedAfterTtl = 0;
  private running = true;
  private readonly workers: Promise<void>[];

  constructor(private readonly services: readonly Service[]) {
    this.workers = [
      ...Array.from({ length: WORKERS }, () =>
        this.repeat(() => this.live(`tnt_${randomInt(200)}`)),
      ),
      this.repeat(() => this.tryRevoked()),
    ];
  }

  /** Ends it; every request under way has its own time limit. */
  async end(): Promise<void> {
    this.running = false;
    await Promise.all(this.workers);
  }

  /** What an instance says of the token's value; null where it does not say. */
  async verify(
    { value, tenant }: Known,
    service = this.services[randomInt(this.services.length)]!,
  ): Promise<'accepted' | 'refused' | null> {
    const answer = await service
      .call('GET', '/api/v1/scim-tokens/verify', undefined, value, {
        'x-scim-verify-secret': VERIFY_SECRET,
        'x-original-uri': `/api/v1/tenants/${tenant}/scim/v2/Users`,
      })
      .catch(() => null);
    if (!answer || answer.status === 503) return null;
    this.answers += 1;
    if (answer.status === 204) return 'accepted';
    if (answer.status === 401) return 'refused';
    this.surprises.push(`verify: ${answer.status} ${JSON.stringify(answer.body)}`);
    return null;
  }

  private async repeat(step: () => Promise<void>): Promise<void> {
    while (this.running) await step();
  }

  /** Null where there was no answer, or one that promises nothing. */
  private async ask(method: string, path: string, body?: unknown): Promise<Answer | null> {
    const service = this.services[randomInt(this.services.length)]!;
    const answer = await service.call(method, path, body).catch(() => null);
    if (!answer) {
      await delay(50);
      return null;
    }
    this.answers += 1;
    if (answer.status < 400) return answer;
    if (answer.status !== 503) {
      this.surprises.push(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return null;
  }

  /** The life of one token. */
  private async live(tenant: string): Promise<void> {
    const name = `made-${randomInt(1e9)}`;
    const made = await this.ask('POST', TOKENS, { name, tenant_id: tenant });
    if (!made) return;
    const token: Known = {
      id: String(made.body.id),
      value: String(made.body.token),
      tenant,
      names: [name],
      revoked: 'no',
      revokedAt: Infinity,
    };
    this.known.push(token);
    for (let changes = randomInt(4); changes > 0; changes -= 1) {
      const next = `changed-${randomInt(1e9)}`;
      token.names.push(next);
      if (await this.ask('PATCH', TOKENS + token.id, { name: next })) token.names = [next];
      const read = await this.ask('GET', TOKENS + token.id);
      if (read && !token.names.includes(String(read.body.name))) {
        this.surprises.push(`${token.id} is named ${String(read.body.name)}`);
      }
    }
    // Both remember it before it is revoked.
    for (const service of this.services) {
      const said = await this.verify(token, service);
      if (said === 'accepted') this.accepted += 1;
      if (said === 'refused') this.surprises.push(`${token.id} is refused while it lives`);
    }
    // Most are revoked: a tenant may have twenty.
    if (randomInt(10) === 0) return;
    while (this.running && token.revoked !== 'yes') {
      token.revoked = 'tried';
      if (!(await this.ask('DELETE', TOKENS + token.id))) continue;
      token.revoked = 'yes';
      token.revokedAt = Date.now();
    }
  }

  /** Sends one of the tokens that were revoked last, sometimes within the TTL and mostly beyond it. */
  private async tryRevoked(): Promise<void> {
    const recent = this.known.slice(-60).filter(({ revoked }) => revoked === 'yes');
    const token = recent[randomInt(Math.max(1, recent.length))];
    if (!token) return delay(50);
    const isBeyond = Date.now() - token.revokedAt > TTL_MS;
    const said = await this.verify(token);
    if (said === null) await delay(50);
    if (!isBeyond) return;
    if (said === 'accepted') this.surprises.push(`${token.id} is accepted beyond the TTL`);
    if (said === 'refused') this.refusedAfterTtl += 1;
  }
}

describe('Killed at random moments under load', () => {
  let database: PostgresServer;
  let services: Service[];
  let load: Load;

  beforeAll(async () => {
    database = await PostgresServer.create();
    const env = {
      DATABASE_URL: database.url,
      SCIM_TOKEN_CACHE_TTL_SECONDS: String(TTL_MS / 1_000),
      SCIM_VERIFY_SECRET: VERIFY_SECRET,
      SCIM_VERIFY_URI_HEADER: 'x-original-uri',
    };
    services = [await Service.start(env), await Service.start(env)];
    load = new Load(services);
  });

  // Whatever the test came to: nothing of it may go on.
  afterAll(async () => {
    await Promise.all(services.map((service) => service.end('SIGKILL')));
    await load.end();
    await database.remove();
  });

  it(
    'service and PostgreSQL lose nothing that was answered for, and let no revoked token in, 20 times',
    async () => {
      const began = Date.now();
      for (let round = 0; round < ROUNDS; round += 1) {
        await delay(300 + randomInt(1_500));
        const victim = randomInt(4);
        const killed = victim === 0 ? null : services[randomInt(services.length)]!;
        killed?.kill();
        if (victim !== 1) {
          await database.end('SIGKILL');
          await delay(randomInt(500));
          await database.start();
        }
        for (const service of services) {
          await service.untilReady(service === killed ? START_TIMEOUT_MS : RECOVERY_MS);
        }
      }
      await load.end();
      process.stderr.write(
        `chaos: ${load.answers} answers, ${load.known.length} tokens, ${load.accepted} accepted, ` +
          `${load.refusedAfterTtl} refused beyond the TTL, ${Math.round((Date.now() - began) / 1000)} s\n`,
      );

      expect(load.surprises).toEqual([]);
      expect(load.known.length).toBeGreaterThan(50);
      expect(load.accepted).toBeGreaterThan(50);
      expect(load.refusedAfterTtl).toBeGreaterThan(10);
      expect(await lost()).toEqual([]);
      expect(await brokenTrails()).toEqual([]);
      expect(await wrongCounts()).toEqual([]);
      await delay(TTL_MS);
      expect(await wronglyVerified()).toEqual([]);
      for (const service of services) expect(await service.end()).toBe(0);
    },
    LIMIT_MS,
  );

  /** Tokens of which the database knows less than was answered for. */
  async function lost(): Promise<Known[]> {
    const rows = await database.query<{ id: string; name: string; revoked: boolean }>(
      `SELECT 'sct_' || replace(id::text, '-', '') AS id, name, revoked_at IS NOT NULL AS revoked FROM scim_tokens`,
    );
    const stored = new Map(rows.map((row) => [row.id, row]));
    return load.known.filter(({ id, names, revoked }) => {
      const row = stored.get(id);
      return (
        !row || !names.includes(row.name) || (row.revoked ? revoked === 'no' : revoked === 'yes')
      );
    });
  }

  /** Tenants whose trail has no link for a change, or one too many. */
  function brokenTrails(): Promise<object[]> {
    return database.query(
      `SELECT tenant_id FROM (
         SELECT tenant_id, seq, prev_hash, lag(hash, 1, repeat('0', 64)) OVER chain AS before,
                row_number() OVER chain AS place
         FROM scim_token_events WINDOW chain AS (PARTITION BY tenant_id ORDER BY seq)) links
       WHERE seq <> place OR prev_hash <> before`,
    );
  }

  /** Tenants whose counter counts something else than what is there. */
  function wrongCounts(): Promise<object[]> {
    return database.query(
      `SELECT tenant_id FROM scim_token_tenants c WHERE listed_count <>
         (SELECT count(*) FROM scim_tokens t WHERE t.tenant_id = c.tenant_id AND revoked_at IS NULL)`,
    );
  }

  /** Of a sample: revoked tokens that are still accepted, and living ones that are not. */
  async function wronglyVerified(): Promise<Known[]> {
    const wrong: Known[] = [];
    const sure = load.known.filter(({ revoked }) => revoked !== 'tried').slice(-200);
    for (const token of sure) {
      for (const service of services) {
        const expected = token.revoked === 'yes' ? 'refused' : 'accepted';
        if ((await load.verify(token, service)) !== expected) wrong.push(token);
      }
    }
    return wrong;
  }
});
