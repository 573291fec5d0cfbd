import fc from 'fast-check';
import { Client } from 'pg';
import reported from '../../examples/scim-server/test/reported-cases.json';
import siblings from '../../examples/scim-server/test/reported-siblings.json';
import { type ConformanceOptions, runConformance } from '../../src/conformance/conformance-run';
import type { ConformanceResult } from '../../src/conformance/result';
import { MadeResources } from '../../src/conformance/made-resources';
import type { Step } from '../../src/conformance/scenario';
import { ScenarioRun } from '../../src/conformance/scenario-run';
import { ScimConnection } from '../../src/conformance/scim-connection';
import { JWT_SECRET, mintJwt, superAdmin, tenantAdmin } from '../support/test-app';
import {
  createAsciiDatabase,
  createEmptyDatabase,
  type TestDatabase,
} from '../support/test-database';
import { FaultyProxy } from './support/faulty-proxy';
import { Administrator, scimClient, send, type ScimClient } from './support/scim-client';
import {
  DELETES_NOTHING,
  FAULTS,
  fewRequests,
  keptName,
  type NamedFault,
} from './support/scim-faults';
import { installExample, type InstalledExample, type ScimServer } from './support/scim-server';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let database: TestDatabase;
let example: InstalledExample;
let server: ScimServer;
let other: ScimServer;
let admin: Administrator;
let base: string;
let token: string;
let scim: ScimClient;

const patchOf = (...Operations: object[]): object => ({ schemas: [PATCH], Operations });
const addMember = (value: string): object =>
  patchOf({ op: 'add', path: 'members', value: [{ value }] });
const baseOf = ({ url }: ScimServer, tenant: string): string =>
  `${url}/api/v1/tenants/${tenant}/scim/v2`;

beforeAll(async () => {
  database = await createEmptyDatabase();
  example = await installExample();
  server = await example.start(database.url);
  other = await example.start(database.url);
  admin = new Administrator(server.url, tenantAdmin('tnt_a'));
  ({ token } = await admin.mint());
  base = baseOf(server, 'tnt_a');
  scim = scimClient(base, token);
});

afterAll(async () => {
  await server.stop();
  await other.stop();
  example.remove();
  await database.drop();
});

async function createUser(userName: string, client = scim): Promise<string> {
  const { status, body } = await client('POST', '/Users', { schemas: [USER], userName });
  expect(status).toBe(201);
  return body.id as string;
}

async function createGroup(displayName: string): Promise<string> {
  const { body } = await scim('POST', '/Groups', { schemas: [GROUP], displayName });
  return body.id as string;
}

async function rowsOf<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client(database.url);
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

it('passes its own tests where it is installed', () => example.test());

describe('the base URL', () => {
  it('is the one that endpoint-info gives, with a slash at its end too', async () => {
    const { base_url, capabilities, endpoints } = await admin.endpointInfo();
    expect(base_url).toBe(base);
    expect(endpoints.users).toBe(`${base}/Users`);
    for (const path of ['/Users', '/Users/', '//Users', '/Users?aadOptscim062020']) {
      expect((await scim('GET', path)).status).toBe(200);
    }
    const { body: config } = await scim('GET', '/ServiceProviderConfig');
    expect(config).toMatchObject({
      patch: capabilities.patch,
      bulk: capabilities.bulk,
      filter: capabilities.filter,
      sort: capabilities.sort,
      etag: capabilities.etag,
    });
  });

  it('announces PATCH, bearer tokens and the enterprise extension, and takes passwords', async () => {
    const { body: config } = await scim('GET', '/ServiceProviderConfig');
    expect(config).toMatchObject({ patch: { supported: true }, filter: { supported: true } });
    expect(config.authenticationSchemes).toContainEqual(
      expect.objectContaining({ type: 'oauthbearertoken' }),
    );
    const { body: schemas } = await scim('GET', '/Schemas');
    expect(schemas.Resources).toContainEqual(expect.objectContaining({ id: ENTERPRISE }));
    const { body: type } = await scim('GET', '/ResourceTypes/User');
    expect(type.schemaExtensions).toMatchObject([{ schema: ENTERPRISE, required: false }]);
    const id = await createUser('password-sync');
    const change = patchOf({ op: 'replace', value: { password: 'n3w-Passw0rd!x' } });
    expect([200, 204]).toContain((await scim('PATCH', `/Users/${id}`, change)).status);
    const named = encodeURIComponent('DisplayName eq "nobody at all"');
    expect((await scim('GET', `/Users/?filter=${named}`)).body).toMatchObject({ totalResults: 0 });
  });

  it('takes %5F for the underscore that Okta refuses', async () => {
    const okta = scimClient(baseOf(server, 'tnt%5Fa'), token);
    expect((await okta('GET', '/Users?count=1')).status).toBe(200);
  });
});

describe('a conformance run', () => {
  let revoked: string;

  beforeAll(async () => {
    const ended = await admin.mint();
    await admin.revoke(ended.id);
    revoked = ended.token;
  });

  const counts = () =>
    rowsOf(
      `SELECT (SELECT count(*) FROM scim_users) AS users, (SELECT count(*) FROM scim_groups) AS groups`,
    );
  const run = (options: Partial<ConformanceOptions>) =>
    runConformance({ base, token, refusedToken: revoked, ...options });

  it('finds that all holds, in two runs at once, and leaves nothing behind', async () => {
    const before = await counts();
    const load = { perSecond: 25, seconds: 1 };
    for (const result of await Promise.all([run({ load }), run({})])) {
      expect(result.failures).toEqual([]);
      expect(result).toMatchObject({ passes: true, left: [] });
      const steps = result.providers.flatMap(({ scenarios }) =>
        scenarios.flatMap((scenario) => scenario.steps),
      );
      expect(steps.length).toBeGreaterThan(240);
      expect(steps.filter(({ status }) => status !== 'holds')).toEqual([]);
    }
    expect(await counts()).toEqual(before);
  });

  it('leaves what it made where it is told to, and holds again', async () => {
    const kept = await run({ providers: ['okta'], keep: true });
    expect(kept).toMatchObject({ passes: true });
    const [path = ''] = kept.left;
    expect((await scim('GET', path)).status).toBe(200);
    expect(await run({ providers: ['okta'] })).toMatchObject({ passes: true, left: [] });
  });

  describe('over a server with one fault', () => {
    const faults = [...FAULTS, keptName(), DELETES_NOTHING, fewRequests()];
    const results = new Map<string, ConformanceResult>();

    // Several at once: each waits for the server most of its time.
    beforeAll(async () => {
      const waiting = [...faults];
      const worker = async (): Promise<void> => {
        for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
          results.set(next.fault, await runOver(next));
        }
      };
      await Promise.all(Array.from({ length: 6 }, worker));
    });

    const runOver = async ({ provider, ...fault }: NamedFault): Promise<ConformanceResult> => {
      const proxy = await FaultyProxy.before(base, fault);
      const refusedToken = fault.fault.startsWith('a revoked') ? 'REVOKED' : revoked;
      const load = { perSecond: 50, seconds: 0.2 };
      const result = await run({
        base: proxy.url,
        refusedToken,
        providers: [provider],
        ...(provider === 'load' && { load }),
      });
      await proxy.stop();
      return result;
    };

    it.each(faults)('names the fault: $fault', ({ fault, provider, scenario, step }) => {
      const { failures, passes, left } = results.get(fault)!;
      expect(failures).toContainEqual(expect.objectContaining({ provider, scenario, step }));
      expect(passes).toBe(false);
      expect(left.length > 0).toBe(fault === DELETES_NOTHING.fault);
    });
  });

  it('is a command of the packed tarball, without any peer dependency', async () => {
    expect(await example.conformance(base, token)).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^OneLogin passes: 1 of 1 scenarios hold [^]*\nAll hold\.\n$/),
      stderr: expect.stringMatching(/^OneLogin: 1 scenario\n/),
    });
  });
});

describe.each([...reported, ...siblings] as unknown as { scenario: string; steps: Step[] }[])(
  '$scenario',
  ({ steps }) => {
    let run: ScenarioRun;

    beforeAll(() => {
      const connection = new ScimConnection(base, token);
      run = new ScenarioRun({ connection, made: new MadeResources(connection, '') });
    });

    it.each(steps.map((step) => [step.name, step] as const))('%s', async (_, step) => {
      const { status, problems } = await run.step(step);
      expect({ status, problems }).toEqual({ status: 'holds', problems: [] });
    });
  },
);

describe('a token that is not good', () => {
  const routes = [
    ['GET', '/Users'],
    ['POST', '/Users'],
    ['GET', '/Users/1'],
    ['PUT', '/Users/1'],
    ['PATCH', '/Users/1'],
    ['DELETE', '/Users/1'],
    ['GET', '/Groups'],
    ['POST', '/Groups'],
    ['GET', '/Groups/1'],
    ['PUT', '/Groups/1'],
    ['PATCH', '/Groups/1'],
    ['DELETE', '/Groups/1'],
    ['GET', '/ServiceProviderConfig'],
    ['GET', '/ResourceTypes'],
    ['GET', '/ResourceTypes/User'],
    ['GET', '/Schemas'],
    ['GET', `/Schemas/${USER}`],
    ['POST', '/Bulk'],
    ['POST', '/.search'],
    ['POST', '/Users/.search'],
    ['POST', '/Groups/.search'],
    ['GET', '/Me'],
    ['GET', '/nothing/here'],
    ['DELETE', '/Users'],
    ['GET', ''],
    ['GET', '/Users/%ff'],
  ] as const;

  it('gets the same 401 on every route, whatever is wrong with it, before anything else is looked at', async () => {
    const foreign = await new Administrator(server.url, tenantAdmin('tnt_b')).mint();
    const revoked = await admin.mint();
    await admin.revoke(revoked.id);
    const disabled = await admin.mint();
    await admin.disable(disabled.id);
    const bad = [
      undefined,
      `Bearer ${foreign.token}`,
      `Bearer ${revoked.token}`,
      `Bearer ${disabled.token}`,
      `Bearer ${tenantAdmin('tnt_a')}`,
      `Bearer ${superAdmin()}`,
      `Bearer ${mintJwt({}, { expiresIn: 1 })}`,
      `Bearer ${JWT_SECRET}`,
      'Bearer',
      `Basic ${token}`,
    ];
    const answers = new Set<string>();
    for (const [method, path] of routes) {
      for (const authorization of bad) {
        const { status, text, headers } = await send(
          `${base}${path}`,
          method,
          method === 'GET' || method === 'DELETE' ? undefined : '{"not json',
          { ...(authorization !== undefined && { authorization }), 'content-type': 'text/plain' },
        );
        const kept = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
        answers.add(JSON.stringify({ status, text, kept }));
      }
    }
    expect([...answers]).toHaveLength(1);
    expect(JSON.parse([...answers][0]!)).toMatchObject({ status: 401 });
  });

  it('needs the scope of verb and resource', async () => {
    const { token: reader } = await admin.mint({ scopes: ['users:read'] });
    const client = scimClient(base, reader);
    expect((await client('GET', '/Users?count=1')).status).toBe(200);
    expect((await client('GET', '/Schemas')).status).toBe(200);
    expect((await client('POST', '/Users/.search', {})).status).toBe(200);
    expect((await client('POST', '/Groups/.search', {})).status).toBe(403);
    expect((await client('POST', '/.search', {})).status).toBe(403);
    expect((await client('GET', '/Groups')).status).toBe(403);
    expect((await client('POST', '/Users', { userName: 'reader' })).status).toBe(403);
    expect((await client('DELETE', '/Groups/1')).status).toBe(403);
  });
});

it('stops a provisioning run whose token is revoked in its middle', async () => {
  const provider = await admin.mint();
  const client = scimClient(base, provider.token);
  const elsewhere = scimClient(baseOf(other, 'tnt_a'), provider.token);
  await createUser('run-1', client);
  await createUser('run-2', elsewhere);
  await admin.revoke(provider.id);
  expect((await client('POST', '/Users', { userName: 'run-3' })).status).toBe(401);
  await expectSoon(async () => (await elsewhere('GET', '/Users?count=0')).status, 401);
  const { body } = await scim('GET', '/Users?filter=userName%20sw%20%22run-%22');
  expect(body.totalResults).toBe(2);
});

it('keeps tenants apart', async () => {
  const { token: foreign } = await new Administrator(server.url, tenantAdmin('tnt_b')).mint();
  const neighbour = scimClient(baseOf(server, 'tnt_b'), foreign);
  const mine = await createUser('shared-name');
  const theirs = await createUser('shared-name', neighbour);
  const group = await createGroup('Shared');
  const whole = { userName: 'taken-over' };
  expect((await neighbour('GET', `/Users/${mine}`)).status).toBe(404);
  expect((await neighbour('PUT', `/Users/${mine}`, whole)).status).toBe(404);
  expect((await neighbour('DELETE', `/Users/${mine}`)).status).toBe(404);
  expect((await neighbour('PATCH', `/Groups/${group}`, addMember(theirs))).status).toBe(404);
  expect((await scim('PATCH', `/Groups/${group}`, addMember(theirs))).status).toBe(400);
  const { body } = await neighbour('GET', '/Users');
  expect(body).toMatchObject({ totalResults: 1, Resources: [{ id: theirs }] });
  expect((await scim('GET', `/Users/${mine}`)).body.userName).toBe('shared-name');
});

it('lets one of 4 × 100 concurrent creates of a userName through', async () => {
  const clients = [server, other, server, other].map((to) =>
    scimClient(baseOf(to, 'tnt_a'), token),
  );
  const answers = await Promise.all(
    clients.flatMap((client) =>
      Array.from({ length: 100 }, (_, turn) =>
        client('POST', '/Users', { userName: turn % 2 ? 'Racer@x.example' : 'racer@X.example' }),
      ),
    ),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  expect(statuses.filter((status) => status === 409)).toHaveLength(399);
  const { body } = await scim('GET', '/Users?filter=userName%20eq%20%22RACER@x.example%22');
  expect(body.totalResults).toBe(1);
});

describe('a group', () => {
  it('loses no member where many are added and removed at once', async () => {
    const users = await Promise.all(
      Array.from({ length: 40 }, (_, number) => createUser(`member-${number}`)),
    );
    const group = await createGroup('Crowd');
    const clients = [server, other].map((to) => scimClient(baseOf(to, 'tnt_a'), token));
    const early = users.slice(0, 10);
    await scim(
      'PATCH',
      `/Groups/${group}`,
      patchOf({ op: 'add', path: 'members', value: early.map((value) => ({ value })) }),
    );
    const answers = await Promise.all(
      users.map((id, turn) => {
        const client = clients[turn % 2]!;
        return turn < 10
          ? client(
              'PATCH',
              `/Groups/${group}`,
              patchOf({ op: 'remove', path: `members[value eq "${id}"]` }),
            )
          : client('PATCH', `/Groups/${group}`, addMember(id));
      }),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    const { body } = await scim('GET', `/Groups/${group}`);
    const members = body.members.map(({ value }: { value: string }) => value);
    expect(new Set(members)).toEqual(new Set(users.slice(10)));
    expect(body.meta.version).toBe('W/"42"');
  });

  it('of 100,000 takes one more with one insert', async () => {
    const group = await createGroup('Everybody');
    await rowsOf(
      `WITH made AS (
         INSERT INTO scim_users (tenant_id, id, user_name_key, email_keys, document, version, created_at, updated_at)
         SELECT 'tnt_a', gen_random_uuid(), 'crowd-' || n, '{}', jsonb_build_object('userName', 'crowd-' || n), 1, now(), now()
         FROM generate_series(1, 100000) AS n RETURNING id)
       INSERT INTO scim_group_members (tenant_id, group_id, member_id, member_type)
       SELECT 'tnt_a', $1, id, 'User' FROM made`,
      [group],
    );
    const user = await createUser('one-more');
    const before = await transactionNow();
    expect((await scim('PATCH', `/Groups/${group}`, addMember(user))).status).toBe(204);
    expect(await membersWrittenSince(before, group)).toEqual([user]);
    const { body } = await scim(
      'GET',
      `/Groups?filter=members%20eq%20%22${user}%22&excludedAttributes=members`,
    );
    expect(body).toMatchObject({ totalResults: 1, Resources: [{ id: group }] });
  });

  it('is left by a user who is deleted, and says that it changed', async () => {
    const [group, user] = [await createGroup('Leavers'), await createUser('leaver')];
    await scim('PATCH', `/Groups/${group}`, addMember(user));
    const { body: before } = await scim('GET', `/Groups/${group}`);
    expect((await scim('GET', `/Users/${user}`)).body.groups).toMatchObject([
      { value: group, display: 'Leavers' },
    ]);
    await scim('DELETE', `/Users/${user}`);
    const { body: after } = await scim('GET', `/Groups/${group}`);
    expect(before.members).toHaveLength(1);
    expect(after.members).toBeUndefined();
    expect(after.meta.version).not.toBe(before.meta.version);
  });

  it('takes no member that does not exist, and nothing else of that request', async () => {
    const group = await createGroup('Strict');
    const { status, body } = await scim(
      'PATCH',
      `/Groups/${group}`,
      patchOf(
        { op: 'replace', path: 'displayName', value: 'Changed' },
        { op: 'add', path: 'members', value: [{ value: 'nobody' }] },
      ),
    );
    expect({ status, scimType: body.scimType }).toEqual({ status: 400, scimType: 'invalidValue' });
    expect((await scim('GET', `/Groups/${group}`)).body.displayName).toBe('Strict');
  });
});

it('counts users exactly, under creates and deletes at once', async () => {
  const total = async (): Promise<number> =>
    (await scim('GET', '/Users?count=0')).body.totalResults as number;
  const [{ count }] = (await rowsOf(
    `SELECT count(*)::int FROM scim_users WHERE tenant_id = 'tnt_a'`,
  )) as [{ count: number }];
  const seeded = count - (await total());
  const ids = await Promise.all(Array.from({ length: 60 }, (_, n) => createUser(`counted-${n}`)));
  await Promise.all(ids.slice(0, 25).map((id) => scim('DELETE', `/Users/${id}`)));
  expect(await total()).toBe(count - seeded + 35);
});

describe('a version', () => {
  it('guards a write by If-Match', async () => {
    const id = await createUser('versioned');
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const put = (ifMatch: string, title: string) =>
      send(
        `${base}/Users/${id}`,
        'PUT',
        { userName: 'versioned', title },
        { ...headers, 'if-match': ifMatch },
      );
    const first = await put('W/"1"', 'first');
    expect(first.headers.get('etag')).toBe('W/"2"');
    expect(first.body.meta.version).toBe('W/"2"');
    expect((await put('W/"1"', 'second')).status).toBe(412);
    expect((await scim('GET', `/Users/${id}`)).body.title).toBe('first');
    expect((await put('*', 'third')).status).toBe(200);
  });
});

it('tells of every member that is renamed while others join', async () => {
  const create = (name: string) =>
    Promise.all(Array.from({ length: 20 }, (_, number) => createUser(`${name}-${number}`)));
  const [staying, joining] = [await create('staying'), await create('joining')];
  const groups = [await createGroup('Ever'), await createGroup('Changing')];
  const values = staying.map((value) => ({ value }));
  for (const id of groups) {
    await scim('PATCH', `/Groups/${id}`, patchOf({ op: 'add', path: 'members', value: values }));
  }
  const servers = [server, other].map((to) => scimClient(baseOf(to, 'tnt_a'), token));
  const rename = (id: string, turn: number) =>
    servers[turn % 2]!('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: named(turn) }));
  const named = (turn: number): object =>
    turn % 3 === 0 ? { userName: `renamed-${turn}` } : { displayName: `Renamed ${turn}` };
  const answers = await Promise.all([
    ...staying.map(rename),
    ...joining.flatMap((value, turn) =>
      groups.map((id) => servers[turn % 2]!('PATCH', `/Groups/${id}`, addMember(value))),
    ),
  ]);
  expect(answers.filter(({ status }) => status >= 300)).toEqual([]);
  for (const id of groups) {
    const { body, headers } = await scim('GET', `/Groups/${id}?attributes=displayName,meta`);
    expect(body.meta.version).toBe('W/"42"');
    expect(headers.get('etag')).toBe('W/"42"');
  }
});

describe('a database whose LC_CTYPE is C, and a process far from UTC', () => {
  let ascii: TestDatabase;
  let far: ScimServer;
  let client: ScimClient;

  beforeAll(async () => {
    ascii = await createAsciiDatabase();
    far = await example.start(ascii.url, { TZ: 'America/Los_Angeles' });
    const minted = await new Administrator(far.url, tenantAdmin('tnt_a')).mint();
    client = scimClient(baseOf(far, 'tnt_a'), minted.token);
    const emails = [{ value: 'Å@x.example', type: 'work' }];
    const user = { userName: 'MÜLLER@x.example', emails, name: { familyName: 'ΜΥΛΛΕΡΣ' } };
    expect((await client('POST', '/Users', user)).status).toBe(201);
    expect((await client('POST', '/Groups', { displayName: 'ÉQUIPE' })).status).toBe(201);
  });

  afterAll(async () => {
    await far.stop();
    await ascii.drop();
  });

  const total = async (list: string, filter: string): Promise<number> =>
    (await client('GET', `/${list}?count=0&filter=${encodeURIComponent(filter)}`)).body
      .totalResults as number;

  it('takes letters for the same whatever their case', async () => {
    const { status, body } = await client('POST', '/Users', { userName: 'müller@X.EXAMPLE' });
    expect({ status, scimType: body.scimType }).toEqual({ status: 409, scimType: 'uniqueness' });
    expect(await total('Users', 'userName eq "müller@x.example"')).toBe(1);
    expect(await total('Users', 'emails[type eq "WORK" and value eq "å@x.example"]')).toBe(1);
    expect(await total('Users', 'name.familyName ew "λλερς"')).toBe(1);
    expect(await total('Users', 'name.familyName co "σ"')).toBe(1);
    expect(await total('Groups', 'displayName eq "équipe"')).toBe(1);
  });

  it('takes times without a zone for UTC', async () => {
    const at = (hours: number): string =>
      new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 19);
    expect(await total('Users', `meta.created gt "${at(-1)}"`)).toBe(1);
    expect(await total('Users', `meta.created gt "${at(1)}"`)).toBe(0);
    expect(await total('Users', 'meta.created gt "1850-01-01T00:00:00"')).toBe(1);
    expect(await total('Users', 'meta.created gt "0000-01-01T00:00:00+14:00"')).toBe(1);
  });
});

describe('a request that cannot be right', () => {
  it.each([
    ['GET', '/Users?count=many', undefined, 400],
    ['GET', '/Users?attributes=emails[nothing%20pr]', undefined, 400],
    ['POST', '/Users', '{"userName"', 400],
    ['POST', '/Users', Buffer.from([0x22, 0xff, 0x22]).toString('latin1'), 400],
    ['POST', '/Users', { userName: 5 }, 400],
    ['POST', '/Users', { userName: ' ' }, 400],
    ['POST', '/Users', { userName: 'a\0b' }, 400],
    ['POST', '/Users', { userName: 'x'.repeat(501) }, 400],
    ['POST', '/Users', { userName: 'x', schemas: ['urn:other'] }, 400],
    ['POST', '/Users', { userName: 'x', active: 'perhaps' }, 400],
    ['POST', '/Users', `{"userName":"x","title":"${'x'.repeat(2 ** 21)}"}`, 413],
    ['POST', '/Groups', { displayName: 'x', members: 'me' }, 400],
    ['POST', '/Groups', { displayName: 'x', members: [{}] }, 400],
    ['PATCH', '/Users', patchOf(), 405],
    ['PUT', '/Groups', {}, 405],
    ['DELETE', '/Schemas', undefined, 405],
    ['GET', '/Users/1/more', undefined, 404],
    ['POST', '/Bulk', {}, 501],
    ['GET', '/.search', undefined, 405],
    ['POST', '/.search', { filter: 5 }, 400],
    ['POST', '/Users/.search', { count: 'many' }, 400],
    ['POST', '/.search', { filter: 'nothing pr' }, 400],
    ['GET', '/Schemas?filter=id%20eq%20%22x%22', undefined, 403],
  ] as const)(
    '%s %s is refused with an error of RFC 7644',
    async (method, path, body, expected) => {
      const answer = await scim(method, path, body);
      expect(answer.status).toBe(expected);
      expect(answer.headers.get('content-type')).toMatch(/^application\/scim\+json/);
      expect(answer.body).toMatchObject({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status: String(expected),
        detail: expect.any(String),
      });
    },
  );

  it('is 415 where its body is no JSON by its own word', async () => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' };
    expect((await send(`${base}/Users`, 'POST', '{"userName":"x"}', headers)).status).toBe(415);
  });

  it('is never a 5xx: 2,000 random filters and paths', async () => {
    const id = await createUser('fuzzed');
    const random = fc.sample(anyRequest, { numRuns: 2_000, seed: 7 });
    const statuses = new Map<number, number>();
    const worker = async (): Promise<void> => {
      for (let next = random.pop(); next !== undefined; next = random.pop()) {
        const { filter, path, operation, value, list } = next;
        const answer = list
          ? await scim('GET', `/${list}?count=1&filter=${encodeURIComponent(filter)}`)
          : await scim('PATCH', `/Users/${id}`, patchOf({ op: operation, path, value }));
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
    // Both kinds must have been tried for the absence of others to mean anything.
    expect(statuses.get(200)).toBeGreaterThan(100);
    expect(statuses.get(400)).toBeGreaterThan(100);
  });
});

async function transactionNow(): Promise<string> {
  const [row] = await rowsOf<{ now: string }>('SELECT pg_current_xact_id()::text AS now');
  return row!.now;
}

/** Rows of a group's members that were written since a transaction, the rewritten ones too. */
async function membersWrittenSince(transaction: string, group: string): Promise<string[]> {
  const rows = await rowsOf<{ member_id: string }>(
    `SELECT member_id FROM scim_group_members WHERE group_id = $1 AND xmin::text::bigint >= $2::bigint`,
    [group, transaction],
  );
  return rows.map(({ member_id }) => member_id);
}

/** What another process, or PostgreSQL's statistics, learns a moment later. */
async function expectSoon<Value>(read: () => Promise<Value>, wanted: Value): Promise<void> {
  const deadline = Date.now() + 15_000;
  let value = await read();
  while (JSON.stringify(value) !== JSON.stringify(wanted) && Date.now() < deadline)
    value = await read();
  expect(value).toEqual(wanted);
}

const names = fc.constantFrom(
  ...[
    'userName',
    'title',
    'emails',
    'emails.value',
    'emails.primary',
    'active',
    'id',
    'externalId',
  ],
  ...[
    'meta.created',
    'meta.lastModified',
    'meta.resourceType',
    'schemas',
    'name',
    'name.familyName',
  ],
  ...[
    'groups',
    'groups.display',
    'members',
    'members.value',
    'displayName',
    'password',
    'addresses',
  ],
  ...['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager', '__proto__', 'x y', ''],
  ...['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User', 'manager.value', 'roles'],
);
const literals = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.constantFrom(
    'true',
    'null',
    '1e400',
    '"2026-11-24T00:00:00Z"',
    '"9999999-01-01"',
    '"a',
    '"\\u0000"',
  ),
  fc.uuid().map((id) => `"${id}"`),
);
const operators = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'EQ', 'zz');
const comparison = fc.oneof(
  fc.tuple(names, operators, literals).map((parts) => parts.join(' ')),
  names.map((name) => `${name} pr`),
);
const anyFilter = fc.oneof(
  comparison,
  fc.tuple(comparison, fc.constantFrom('and', 'or'), comparison).map((parts) => parts.join(' ')),
  comparison.map((inner) => `not (${inner})`),
  fc.tuple(names, comparison).map(([list, inner]) => `${list}[${inner}]`),
  fc
    .tuple(names, comparison, literals)
    .map(([list, inner, text]) => `${list}[${inner}].value eq ${text}`),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const anyRequest = fc.record({
  list: fc.constantFrom('Users', 'Groups', 'Users', null),
  filter: anyFilter,
  operation: fc.constantFrom('add', 'Replace', 'remove', 'Remove', 'x'),
  path: fc.oneof(names, anyFilter, fc.constant(undefined)),
  value: fc.oneof(fc.jsonValue(), fc.constantFrom('x', true, null, [{ value: 'x', type: 'work' }])),
});
