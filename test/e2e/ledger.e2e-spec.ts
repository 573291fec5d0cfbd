import { hash, randomUUID } from 'node:crypto';
import { Client as PgClient } from 'pg';
import { LifecycleScan } from '../../src/scan/lifecycle-scan';
import { RevocationChannel } from '../../src/verification/revocation-channel';
import { DAY, HOUR, MovingClock } from '../support/moving-clock';
import { startTestApp, superAdmin, TOKENS, type TestApp } from '../support/test-app';
import { databaseVariables, IS_ONE_SERVER } from '../support/test-database';
import { until } from '../support/until';
import { startReceiver, WEBHOOK_SECRET, type WebhookReceiver } from '../support/webhook-receiver';

interface Made {
  id: string;
  token: string;
}

/** What a tenant's tables hold. */
interface Held {
  rows: unknown;
  entries: string[];
  events: string[];
  listed: number;
}

/** A write, and what belongs to it. Types go without their `scim_token.`. */
interface Write {
  /** Makes what the write needs, and returns it. */
  prepare: (tenant: string) => Promise<() => Promise<number>>;
  entries: string[];
  events: string[];
  listed: number;
  /** Whom checks are to forget: the token, what was refused as unknown, or nobody. */
  evicted: 'token' | 'unknown' | 'none';
}

const DONE = 200;
/** A commit that a cluster's worker refuses may be had again later. */
const FAILED = IS_ONE_SERVER ? 500 : 503;
const NOBODY = '00000000-0000-0000-0000-000000000000';

describe('Every write', () => {
  let app: TestApp;
  let receiver: WebhookReceiver;
  let database: PgClient;
  let clock: MovingClock;
  const heard: string[] = [];

  beforeAll(async () => {
    receiver = await startReceiver();
    // Events stay in the outbox.
    receiver.answer = () => 500;
    clock = new MovingClock();
    app = await startTestApp({
      clock,
      env: { WEBHOOK_URL: receiver.url, WEBHOOK_SECRET, SCIM_TOKEN_PURGE_AFTER_DAYS: '30' },
    });
    // Past any pooler, which lends no connection for LISTEN.
    const { DATABASE_LISTEN_URL: direct = app.databaseUrl } = databaseVariables(app.databaseUrl);
    database = new PgClient(direct);
    await database.connect();
    database.on('notification', ({ payload = '' }) => heard.push(payload));
    await database.query(`LISTEN ${app.provider(RevocationChannel).name}`);
    await database.query(
      `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'at its end'; END $$`,
    );
  });
  afterAll(async () => {
    await database.end();
    await app.close();
    await receiver.close();
  });

  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${app.url}${TOKENS}${path}`, {
      method,
      headers: { authorization: `Bearer ${superAdmin()}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? null : JSON.parse(text)) as Made };
  };
  const status = async (method: string, path: string, body?: unknown): Promise<number> =>
    (await call(method, path, body)).status;
  const create = async (tenant: string, days = 365): Promise<Made> =>
    (await call('POST', '', { name: 'Okta', tenant_id: tenant, expires_in_days: days })).body;
  const rotating = async (tenant: string): Promise<Made> => {
    const made = await create(tenant);
    await call('POST', `${made.id}/rotate`, { overlap_hours: 24 });
    return made;
  };
  const scan = async (): Promise<number> => {
    await app.get(LifecycleScan).run();
    return DONE;
  };

  const held = async (tenant: string): Promise<Held> => {
    const all = async <Row>(sql: string): Promise<Row[]> =>
      (await database.query(sql, [tenant])).rows as Row[];
    const types = (rows: { type: string }[]): string[] =>
      rows.map(({ type }) => type.replace('scim_token.', ''));
    const [counter] = await all<{ listed_count: number }>(
      'SELECT listed_count FROM scim_token_tenants WHERE tenant_id = $1',
    );
    return {
      rows: [
        await all('SELECT * FROM scim_tokens WHERE tenant_id = $1 ORDER BY id'),
        await all('SELECT * FROM scim_token_secrets WHERE tenant_id = $1 ORDER BY id'),
      ],
      entries: types(
        await all('SELECT type FROM scim_token_events WHERE tenant_id = $1 ORDER BY seq'),
      ),
      events: types(
        await all('SELECT type FROM scim_token_outbox WHERE tenant_id = $1 ORDER BY type'),
      ),
      listed: counter?.listed_count ?? 0,
    };
  };
  /** What was told to be forgotten since: notifications come in the order of their commits. */
  const evictions = async (): Promise<string[]> => {
    const mark = randomUUID();
    await database.query('SELECT pg_notify($1, $2)', [app.provider(RevocationChannel).name, mark]);
    await until(() => heard.includes(mark));
    return heard.splice(0).filter((payload) => payload.startsWith('evict '));
  };
  /** Has every transaction that changes a token or a secret fail when it commits. */
  const failing = async (fails: boolean): Promise<void> => {
    for (const table of ['scim_tokens', 'scim_token_secrets']) {
      await database.query(
        fails
          ? `CREATE CONSTRAINT TRIGGER fail AFTER INSERT OR UPDATE OR DELETE ON ${table}
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()`
          : `DROP TRIGGER fail ON ${table}`,
      );
    }
  };

  const byAdmin =
    (
      method: string,
      path: string,
      body?: unknown,
      make: (tenant: string) => Promise<Made> = create,
    ) =>
    async (tenant: string) => {
      const { id } = await make(tenant);
      return () => status(method, path.replace(':id', id), body);
    };
  const byTime =
    (passes: number, make: (tenant: string) => Promise<Made>) => async (tenant: string) => {
      await make(tenant);
      clock.advance(passes);
      return scan;
    };
  const ended = (entry: string, event: string): Omit<Write, 'prepare'> => ({
    entries: [entry],
    events: [event],
    listed: -1,
    evicted: 'token',
  });
  const changed = (entry: string, event = 'updated'): Omit<Write, 'prepare'> => ({
    ...ended(entry, event),
    listed: 0,
  });

  const WRITES: Readonly<Record<string, Write>> = {
    create: {
      prepare: (tenant) =>
        Promise.resolve(() => status('POST', '', { name: 'Okta', tenant_id: tenant })),
      entries: ['created'],
      events: ['created'],
      listed: 1,
      evicted: 'none',
    },
    import: {
      prepare: (tenant) =>
        Promise.resolve(() =>
          status('POST', 'import', {
            tenant_id: tenant,
            tokens: [{ name: 'Old', sha256: hash('sha256', tenant) }],
          }),
        ),
      entries: ['created'],
      events: ['created'],
      listed: 1,
      evicted: 'unknown',
    },
    patch: { prepare: byAdmin('PATCH', ':id', { name: 'New' }), ...changed('updated') },
    'switching off': {
      prepare: byAdmin('PATCH', ':id', { enabled: false }),
      ...changed('disabled'),
    },
    'revoke by id': {
      prepare: byAdmin('DELETE', ':id?reason=Gone'),
      ...ended('revoked', 'revoked'),
    },
    'revoke by value': {
      prepare: async (tenant) => {
        const { token } = await create(tenant);
        return () => status('POST', 'revoke-by-value', { token, reason: 'Leaked' });
      },
      ...ended('leaked', 'leaked'),
    },
    'revoke of a found value': {
      prepare: async (tenant) => {
        const { token } = await create(tenant);
        return async () =>
          (
            await fetch(`${app.url}/api/v1/scim-tokens/revoke`, {
              method: 'POST',
              body: new URLSearchParams({ token }),
            })
          ).status;
      },
      ...ended('leaked', 'leaked'),
    },
    'revoke by the old value of a rotation': {
      prepare: async (tenant) => {
        const { token } = await rotating(tenant);
        return () => status('POST', 'revoke-by-value', { token, reason: 'Leaked' });
      },
      entries: ['rotation_completed', 'leaked'],
      events: ['updated', 'leaked'],
      listed: 0,
      evicted: 'token',
    },
    'revoke-all': {
      prepare: async (tenant) => {
        await create(tenant);
        return () => status('POST', 'revoke-all', { tenant_id: tenant, reason: 'Incident' });
      },
      ...ended('revoked', 'revoked'),
    },
    'the start of a rotation': {
      prepare: byAdmin('POST', ':id/rotate', {}),
      ...changed('rotated', 'rotated'),
    },
    'the completion of a rotation': {
      prepare: byAdmin('POST', ':id/rotation/complete', undefined, rotating),
      ...changed('rotation_completed'),
    },
    'the cancellation of a rotation': {
      prepare: byAdmin('DELETE', ':id/rotation', undefined, rotating),
      ...changed('rotation_cancelled'),
    },
    'the end of a rotation by itself': {
      prepare: byTime(24 * HOUR, rotating),
      ...changed('rotation_completed'),
    },
    'a rotation that stalls': {
      prepare: byTime(20 * HOUR, rotating),
      entries: [],
      events: ['rotation_stalled'],
      listed: 0,
      evicted: 'none',
    },
    'an expiry that is near': {
      prepare: byTime(2 * DAY, (tenant) => create(tenant, 8)),
      entries: [],
      events: ['expiring'],
      listed: 0,
      evicted: 'none',
    },
    'an expiry': {
      prepare: byTime(DAY, (tenant) => create(tenant, 1)),
      entries: ['expired'],
      events: ['expired'],
      listed: 0,
      evicted: 'none',
    },
    purge: {
      prepare: byTime(30 * DAY, async (tenant) => {
        const made = await create(tenant);
        await call('DELETE', made.id);
        return made;
      }),
      entries: [],
      events: [],
      listed: 0,
      evicted: 'token',
    },
  };

  it.each(Object.entries(WRITES))(
    'brings all that belongs to it, or leaves nothing: %s',
    async (name, write) => {
      const tenant = `tnt_${name.replaceAll(' ', '_')}`;
      const act = await write.prepare(tenant);
      const before = await held(tenant);
      await evictions();

      await failing(true);
      try {
        expect(await act()).toBe(act === scan ? DONE : FAILED);
      } finally {
        await failing(false);
      }
      expect(await held(tenant)).toEqual(before);
      expect(await evictions()).toEqual([]);

      expect(await act()).toBeLessThan(300);
      const after = await held(tenant);
      expect(after.rows).not.toEqual(before.rows);
      expect(after.entries).toEqual([...before.entries, ...write.entries]);
      expect(after.events).toEqual([...before.events, ...write.events].sort());
      expect(after.listed).toBe(before.listed + write.listed);
      const [[token] = []] = before.rows as { id: string }[][];
      const forgotten = { token: token?.id, unknown: NOBODY, none: undefined }[write.evicted];
      expect(
        (await evictions()).filter((one) => one.includes(forgotten ?? token?.id ?? '-')),
      ).toEqual(forgotten === undefined ? [] : [`evict ${forgotten}`]);
    },
  );
});
