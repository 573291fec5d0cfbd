import { hash } from 'node:crypto';
import { types, type CustomTypesConfig } from 'pg';
import type { DataSourceOptions } from 'typeorm';
import { ScimTokenEventListener, ScimTokensModule, type ScimTokenEvent } from '../../src';
import { LifecycleScan } from '../../src/scan/lifecycle-scan';
import { UsageWriter } from '../../src/usage/usage-writer';
import { DAY, HOUR, MovingClock, SECOND } from '../support/moving-clock';
import { until } from '../support/until';
import { HOST_SECRET } from './support/host.module';
import { startHost, type Host } from './support/start-host';

const ADMIN = '/api/v1/admin/scim-tokens';
const PUBLIC = '/api/v1/scim-tokens';
const TENANT = { tenant_id: 'tnt_a' };
const PROXY_SECRET = 'proxy-secret-of-thirty-two-bytes-or-more';

const { builtins } = types;
const [TEXT_ARRAY, VARCHAR_ARRAY] = [1009, 1015];

/** What applications usually set, for the whole process. */
const USUAL: readonly [number, (text: string) => unknown][] = [
  [builtins.TIMESTAMPTZ, (text) => text],
  [builtins.TIMESTAMP, (text) => text],
  [builtins.DATE, (text) => text],
  [builtins.INT8, (text) => BigInt(text)],
  [builtins.NUMERIC, parseFloat],
  [builtins.JSON, (text) => text],
  [builtins.JSONB, (text) => text],
  [builtins.BOOL, (text) => text],
  [TEXT_ARRAY, (text) => text],
  [VARCHAR_ARRAY, (text) => text],
];

/** Stands for what a library of times or decimals makes of a column. */
class Wrapped {
  constructor(private readonly text: string) {}
  toISO(): string {
    return this.text;
  }
}

const TEXTS: readonly number[] = [builtins.TEXT, builtins.VARCHAR, builtins.UUID];

/** For one data source: nothing comes as it was; texts have a mark at their end. */
const STRANGE: CustomTypesConfig = {
  getTypeParser: (oid: number) => (text: string) =>
    TEXTS.includes(oid) ? `${text}†` : new Wrapped(text),
};

class Listener extends ScimTokenEventListener {
  readonly heard: ScimTokenEvent[] = [];
  handle(event: ScimTokenEvent): void {
    this.heard.push(event);
  }
}

interface Made {
  id: string;
  token: string;
}

/** Uses every operation of ours, and whatever works by the clock; answers all that came back. */
async function useEverything(adjust: (options: DataSourceOptions) => DataSourceOptions) {
  const clock = new MovingClock();
  const listener = new Listener();
  const host = await startHost(
    'express',
    [
      ScimTokensModule.forRoot({
        dataSource: 'host',
        isGlobal: true,
        clock,
        eventListener: listener,
        baseUrlTemplate: 'https://host.example.com/tenants/{tenant_id}/scim/v2',
        jwt: { key: { secret: HOST_SECRET } },
        runMigrations: true,
        usageFlushSeconds: 1,
        expiryScanSeconds: 1,
        verifySecret: PROXY_SECRET,
        verifyUriHeader: 'X-Original-URI',
      }),
    ],
    adjust,
  );
  try {
    return await new Tour(host, clock, listener).go();
  } finally {
    await host.close();
  }
}

type Options = NonNullable<Parameters<Host['call']>[2]>;

class Tour {
  private readonly answers: { operation: string; status: number | undefined; body: unknown }[] = [];

  constructor(
    private readonly host: Host,
    private readonly clock: MovingClock,
    private readonly listener: Listener,
  ) {}

  private async call(operation: string, options: Options = {}, id = '', query = '') {
    const [method = '', path = ''] = operation.split(' ');
    const url = `/platform${path.replace('{token_id}', id)}${query}`;
    const { status, body } = await this.host.call(method, url, options);
    const lines = body.split('\n').filter(Boolean);
    const [one, ...others] = lines.map((line) => JSON.parse(line) as unknown);
    this.answers.push({ operation, status, body: others.length > 0 ? [one, ...others] : one });
    return one;
  }

  private create = async (fields: object = {}): Promise<Made> => {
    this.clock.advance(SECOND);
    return (await this.call(`POST ${ADMIN}`, {
      body: { name: 'Okta', ...TENANT, ...fields },
    })) as Made;
  };

  private verify = ({ token }: Made, tenant = TENANT.tenant_id) =>
    this.call(`GET ${PUBLIC}/verify`, {
      jwt: token,
      headers: {
        'x-scim-verify-secret': PROXY_SECRET,
        'x-original-uri': `/tenants/${tenant}/scim/v2/Users`,
      },
    });

  /** Connections by OAuth: one fetches an access token, which is checked. */
  private async useOAuth(): Promise<void> {
    const trust = {
      issuer: 'https://login.microsoftonline.com/5d1f7a34-91c2-4b0e-8a6d-2f3c4e5b6a70/v2.0',
      subject: '8e2b4f60-3c17-4d8a-b5f9-0a7c6e1d9b24',
      audience: 'api://c0ffee12-7a4b-4d19-9e35-6b8d0a1f2c43',
    };
    await this.create({ auth_method: 'workload_identity', trust, expires_at: null });
    const client = await this.create({ auth_method: 'client_credentials' });
    const { client_id, client_secret } = client as unknown as Record<string, string>;
    const issued = await this.call(`POST ${PUBLIC}/oauth/token`, {
      jwt: null,
      body: `grant_type=client_credentials&client_id=${client_id}&client_secret=${client_secret}`,
      type: 'application/x-www-form-urlencoded',
    });
    const { access_token: token } = issued as { access_token: string };
    await this.verify({ ...client, token });
    this.clock.advance(SECOND);
  }

  /** Waits until something holds, while what works by the clock does its work at once. */
  private soon = (holds: () => boolean | Promise<boolean>): Promise<void> =>
    until(async () => {
      await this.host.provider(UsageWriter).flush();
      await this.host.provider(LifecycleScan).run();
      return holds();
    });

  async go() {
    const { call, verify } = { call: this.call.bind(this), verify: this.verify };
    const ours = Object.entries(this.host.document.paths).flatMap(([path, methods]) =>
      path.includes('scim-tokens')
        ? Object.keys(methods).map(
            (method) => `${method.toUpperCase()} ${path.replace('/platform', '')}`,
          )
        : [],
    );
    const networks = { allowed_ips: ['10.0.0.0/8'], allowed_ips_mode: 'report' };
    const [first, second, third] = [
      await this.create({ expires_in_days: 15, ...networks }),
      await this.create({ description: 'ü “x”' }),
      await this.create(),
    ];
    await call(
      `PATCH ${ADMIN}/{token_id}`,
      { body: { name: 'Entra', expires_in_days: 20 } },
      first.id,
    );
    await verify(first);
    await verify(second, 'tnt_b');
    await call(`POST ${PUBLIC}/introspect`, {
      body: `token=${second.token}`,
      type: 'application/x-www-form-urlencoded',
    });
    await this.useOAuth();
    const isTold = async ({ id }: Made, field: string): Promise<boolean> => {
      const { body } = await this.host.call('GET', `/platform${ADMIN}/${id}`);
      return (JSON.parse(body) as Record<string, unknown>)[field] !== null;
    };
    await this.soon(() => isTold(first, 'last_used_at'));
    await this.soon(() => isTold(first, 'ip_report'));
    await this.soon(() => isTold(second, 'last_failure_at'));
    await call(`POST ${ADMIN}/{token_id}/rotate`, { body: {} }, first.id);
    await call(`GET ${ADMIN}/{token_id}`, {}, first.id);
    await call(`DELETE ${ADMIN}/{token_id}/rotation`, {}, first.id);
    const short = { body: { expires_in_days: 20 } };
    const next = (await call(`POST ${ADMIN}/{token_id}/rotate`, short, first.id)) as Made;
    await call(`POST ${ADMIN}/{token_id}/rotation/complete`, {}, first.id);
    await call(`POST ${ADMIN}/{token_id}/rotate`, { body: { overlap_hours: 48 } }, second.id);
    await call(`POST ${ADMIN}/revoke-by-value`, { body: { token: second.token, reason: 'found' } });
    await call(`POST ${ADMIN}/{token_id}/rotate`, { body: { overlap_hours: 48 } }, second.id);
    await call(`POST ${ADMIN}/identify`, { body: { token: next.token } });
    await call(`POST ${ADMIN}/explain`, {
      body: { ...TENANT, authorization: `Bearer ${next.token}` },
    });
    await call(`POST ${PUBLIC}/revoke`, {
      body: `token=${third.token}`,
      type: 'application/x-www-form-urlencoded',
    });
    const tokens = [{ sha256: hash('sha256', 'one that came from elsewhere'), name: 'imported' }];
    await call(`POST ${ADMIN}/import`, { body: { ...TENANT, tokens } });
    await call(`GET ${ADMIN}/endpoint-info`, {}, '', '?tenant_id=tnt_a');

    // The scans: failures of an hour gone by, an overlap that stalls and ends, an expiry that is announced.
    const heard = (type: string) => () =>
      this.listener.heard.some((event) => event.type === `scim_token.${type}`);
    const recorded = (type: string, times: number) => async () => {
      const path = `${ADMIN}/events?tenant_id=tnt_a&type=scim_token.${type}`;
      const { body } = await this.host.call('GET', `/platform${path}`);
      return (JSON.parse(body) as { items: unknown[] }).items.length === times;
    };
    this.clock.advance(40 * HOUR);
    await this.soon(heard('rotation_stalled'));
    await this.soon(recorded('auth_failed', 1));
    this.clock.advance(15 * DAY);
    await this.soon(heard('expiring'));
    await this.soon(recorded('rotation_completed', 3));
    this.clock.advance(5 * DAY);
    await this.soon(heard('expired'));
    await call(`GET ${ADMIN}`);
    await call(`GET ${ADMIN}`, {}, '', '?tenant_id=tnt_a&per_page=1&sort=expires_at');
    await call(`GET ${ADMIN}`, {}, '', '?tenant_id=tnt_a&per_page=1&page=2&q=t');
    await call(`GET ${ADMIN}/{token_id}`, {}, first.id);
    await call(`GET ${ADMIN}/{token_id}/events`, {}, first.id);
    await call(`GET ${ADMIN}/events`, {}, '', '?tenant_id=tnt_a&per_page=100');
    await call(`GET ${ADMIN}/events/export`, {}, '', '?tenant_id=tnt_a');
    await call(`DELETE ${ADMIN}/{token_id}`, {}, first.id);
    await call(`POST ${ADMIN}/revoke-all`, { body: { ...TENANT, reason: 'end' } });
    return { ours, answers: this.answers };
  }
}

/** The same from one run to the next: ids and values are drawn, and what is due at once comes in any order. */
function steady(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    const drawn =
      /last_four|cursor|hash|request_id/.test(key) ||
      /^(?:sct_|evt_|scim(?:at)?_\w{12}(?:_|$))/.test(value);
    return drawn ? '…' : value;
  }
  if (Array.isArray(value)) {
    return value
      .map((item) => steady(item, key))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  const masked = Object.entries(value).map(([name, item]) => [
    name,
    steady(item, /^(?:from|to)$/.test(name) ? key : name),
  ]);
  return Object.fromEntries(masked);
}

describe('A host that has changed what its driver makes of columns', () => {
  const unsynchronized = (options: DataSourceOptions): DataSourceOptions => ({
    ...options,
    synchronize: false,
  });
  let usual: Awaited<ReturnType<typeof useEverything>>;
  let strange: typeof usual;

  beforeAll(async () => {
    [usual, strange] = await Promise.all([
      useEverything(unsynchronized),
      useEverything((options) => ({ ...unsynchronized(options), extra: { types: STRANGE } })),
    ] as const);
  });

  it('has every operation answer', () => {
    expect(new Set(usual.answers.map(({ operation }) => operation))).toEqual(new Set(usual.ours));
    const failed = usual.answers.filter(({ status = 500 }) => status >= 300);
    // The one value that was presented at another tenant's routes.
    expect(failed).toMatchObject([{ operation: `GET ${PUBLIC}/verify`, status: 401 }]);
  });

  it('for its own data source, has them answer all the same', () => {
    expect(steady(strange)).toEqual(steady(usual));
  });

  it('for the whole process, has them answer all the same', async () => {
    const set = types.setTypeParser as (oid: number, parser: (text: string) => unknown) => void;
    for (const [oid, parser] of USUAL) set(oid, parser);
    expect(steady(await useEverything(unsynchronized))).toEqual(steady(usual));
  });
});
