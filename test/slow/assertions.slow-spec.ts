import { IssuerKeys } from '../support/issuer-keys';
import { startTestApp, tenantAdmin, TOKENS, type TestApp } from '../support/test-app';
import { Trusting } from '../support/trusting';

const MUTANTS = 10_000;
const AT_ONCE = 16;
const SEED = 20_261_128;
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

let app: TestApp;
let keys: IssuerKeys;

beforeAll(async () => {
  keys = await IssuerKeys.start();
  app = await startTestApp({ env: { SCIM_OAUTH_ISSUERS_FILE: keys.file } });
});
afterAll(async () => {
  await app.close();
  await keys.stop();
});

const connect = async ({ trust }: Trusting): Promise<string> => {
  const { issuer, subject, audience } = trust;
  const { body } = await app
    .as(tenantAdmin())
    .post(TOKENS)
    .send({
      name: 'Entra',
      scopes: ['users:read'],
      auth_method: 'workload_identity',
      trust: { issuer, subject, audience },
    });
  return body.client_id as string;
};
const ask = async (client: string, assertion: string): Promise<[number, string]> => {
  const answer = await fetch(`${app.url}/api/v1/scim-tokens/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client,
      client_assertion_type: JWT_BEARER,
      client_assertion: assertion,
    }),
  });
  return [answer.status, await answer.text()];
};
const header = (changes: object = {}): object => ({
  typ: 'JWT',
  alg: 'RS256',
  kid: keys.trusted.kid,
  ...changes,
});

it('Of 10,000 mutated headers, claims and signatures none gets a token, and none makes an error of ours', async () => {
  const ours = new Trusting();
  const client = await connect(ours);
  const good = keys.assertion(header(), ours.claims());
  expect((await ask(client, good))[0]).toBe(200);
  const random = randomFrom(SEED);
  const mutant = (): string =>
    mutated(random, good, (changes, claims) =>
      keys.assertion(header(changes), ours.claims(claims)),
    );
  const wrong: unknown[] = [];
  let left = MUTANTS;
  const send = async (): Promise<void> => {
    while (left-- > 0) {
      const assertion = mutant();
      const [status, text] = await ask(client, assertion);
      const isRefused = status === 401 || status === 400;
      if (!isRefused || text.includes('access_token')) wrong.push({ status, assertion });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  expect(wrong).toEqual([]);
  expect((await ask(client, good))[0]).toBe(200);
});

it('A host of keys that says nothing costs its own callers five seconds, and nobody else', async () => {
  const [slow, other] = [new Trusting(), new Trusting()];
  keys.answer(slow.tenant, 'slow');
  const [slowClient, otherClient] = [await connect(slow), await connect(other)];
  const slowAssertion = keys.assertion(header(), slow.claims());
  const order: string[] = [];
  const waiting = Array.from({ length: 50 }, async () => {
    const [status, text] = await ask(slowClient, slowAssertion);
    order.push('slow');
    expect([status, JSON.parse(text)]).toMatchObject([503, { error: 'temporarily_unavailable' }]);
  });
  await Promise.race([...waiting, keysAreAskedFor(slow)]);
  for (let i = 0; i < 20; i++) {
    expect((await ask(otherClient, keys.assertion(header(), other.claims())))[0]).toBe(200);
    order.push('other');
  }
  await Promise.all(waiting);
  expect(order.indexOf('slow')).toBe(20);
  expect(keys.requests.filter((path) => path.includes(slow.tenant))).toHaveLength(1);
  keys.answer(slow.tenant, 'keys');
  expect((await ask(slowClient, slowAssertion))[0]).toBe(200);
  keys.answer(slow.tenant, 'slow');
  // What was cached goes on to be taken, without a question.
  expect((await ask(slowClient, slowAssertion))[0]).toBe(200);
});

async function keysAreAskedFor({ tenant }: Trusting): Promise<void> {
  const { until } = await import('../support/until');
  await until(() => Promise.resolve(keys.requests.some((path) => path.includes(tenant))));
}

type Random = (below: number) => number;
type Sign = (header: object, claims: object) => string;

/** Numbers that are the same at every run: mulberry32. */
function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Of any JSON type, and none of them right anywhere. */
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  5,
  '',
  ' ',
  'none',
  'NONE',
  '\0',
  '\u{1f600}',
  '../../etc/passwd',
  [],
  [[]],
  {},
  { a: { b: [] } },
  ['x', 'y'],
  '9'.repeat(300),
  Array(200).fill(0),
  '__proto__',
];
const CLAIMS = ['iss', 'sub', 'aud', 'tid', 'exp'];
const HEADERS = ['alg', 'kid', 'typ', 'crit', 'jku', 'jwk', 'x5u'];

/** An assertion of which one thing is wrong, signed anew by the right key or not. */
function mutated(random: Random, good: string, sign: Sign): string {
  const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)] as Item;
  const parts = good.split('.');
  const at = random(3);
  const part = parts[at] ?? '';
  const put = (text: string): string => parts.with(at, text).join('.');
  const where = random(part.length);
  const ways: (() => string)[] = [
    () => put(part.slice(0, where) + otherThan(part[where] ?? '', random) + part.slice(where + 1)),
    () => put(part.slice(0, where)),
    () => put(part.slice(0, where) + part.slice(where + 1)),
    () =>
      put(
        part.slice(0, where) +
          pick(['.', '=', '+', '/', ' ', '\n', '\0', 'é', '%']) +
          part.slice(where),
      ),
    () => put(Buffer.from(bytes(random, 1 + random(400))).toString('base64url')),
    () => put(reencoded(part, CLAIMS, pick)),
    () => put(Buffer.from('['.repeat(random(2_000))).toString('base64url')),
    () => [...parts].reverse().join('.'),
    () => good + pick(['.', '=', ' ', 'A', '.e30']),
    () => sign({ [pick(HEADERS)]: pick(VALUES) }, {}),
    () => sign({}, { [pick(CLAIMS)]: pick(VALUES) }),
    () => sign({ alg: pick(['none', 'HS256', 'RS384', 'PS512', 'ES256', 'EdDSA', 'rs256']) }, {}),
  ];
  return pick(ways)();
}

function otherThan(character: string, random: Random): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const others = alphabet.replace(character, '');
  return others[random(others.length)] ?? '';
}

function bytes(random: Random, length: number): number[] {
  return Array.from({ length }, () => random(256));
}

/** Another value for one member of a part, under the signature that was. */
function reencoded(
  part: string,
  names: readonly string[],
  pick: <I>(items: readonly I[]) => I,
): string {
  try {
    const object = JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
    const changed = { ...object, [pick(names)]: pick(VALUES) };
    return Buffer.from(JSON.stringify(changed)).toString('base64url');
  } catch {
    return '';
  }
}
