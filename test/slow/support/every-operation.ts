import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sign } from 'jsonwebtoken';
import { secretOf, SETUP } from '../../support/setup-links';
import { SECRET, type Answer, type Call } from './installed-host';

const TOKENS = '/api/v1/admin/scim-tokens/';
const PUBLIC = '/api/v1/scim-tokens/';
const DOCUMENT = join(__dirname, '../../../openapi.json');
/** The service's own, and what is there only for a host that has a reverse proxy's secret. */
const NOT_ASKED = ['get /.well-known/oauth-authorization-server', 'get /api/v1/scim-tokens/verify'];

interface Made {
  id: string;
  token: string;
}

interface Client {
  client_id: string;
  client_secret: string;
}

/** Takes tokens through every operation that openapi.json has, below a host's prefix. */
export async function everyOperation(
  whole: Call,
  { prefix = '', probePath, setup }: { prefix?: string; probePath: string; setup: boolean },
): Promise<void> {
  const call: Call = (method, path, ...rest) => whole(method, prefix + path, ...rest);
  const asked: string[] = [];
  const jwt = sign({ sub: 'a@example.com', role: 'super_admin' }, SECRET, { expiresIn: '1h' });
  const server = sign({ sub: 'server', scope: 'scim:introspect' }, SECRET, { expiresIn: '1h' });
  const ask: Call = (method, path, bearer = jwt, body) => {
    asked.push(`${method.toLowerCase()} ${path.replace(/\?.*/, '')}`);
    return call(method, path, bearer, body);
  };
  const admin = async (expected: number, method: string, path: string, body?: object) => {
    const answer = await ask(method, TOKENS + path, jwt, body);
    expect([method, path, answer.status, answer]).toEqual([method, path, expected, answer]);
    return answer;
  };
  const make = async (): Promise<Made> =>
    made(await admin(201, 'POST', '', { name: 'Okta', tenant_id: 'tnt_a' }));
  const probe = async (token: string): Promise<number> =>
    (await call('GET', probePath, token)).status;

  expect((await call('GET', TOKENS, 'x.y.z')).status).toBe(401);
  const { id, token } = await make();
  const probed = await call('GET', probePath, token);
  expect([probed.status, probed.body]).toEqual([200, expect.stringContaining(id)]);
  for (const path of ['', '?tenant_id=tnt_a&status=active', 'endpoint-info?tenant_id=tnt_a', id]) {
    await admin(200, 'GET', path);
  }
  // Without the slash, and with one where the contract has none.
  expect((await call('GET', TOKENS.slice(0, -1), jwt)).status).toBe(200);
  await admin(200, 'GET', `${id}/`);
  await admin(422, 'GET', '?per_page=0');
  await admin(200, 'PATCH', id, { name: 'Entra' });

  const cancelled = made(await admin(201, 'POST', `${id}/rotate`, {}));
  expect([await probe(token), await probe(cancelled.token)]).toEqual([200, 200]);
  await admin(200, 'DELETE', `${id}/rotation`);
  expect([await probe(token), await probe(cancelled.token)]).toEqual([200, 401]);
  const next = made(await admin(201, 'POST', `${id}/rotate`, {}));
  await admin(200, 'POST', `${id}/rotation/complete`);
  expect([await probe(token), await probe(next.token)]).toEqual([401, 200]);

  expect(json(await admin(200, 'POST', 'identify', { token: next.token }))).toMatchObject({
    id: next.id,
  });
  const introspect = new URLSearchParams({ token: next.token });
  expect(json(await ask('POST', `${PUBLIC}introspect`, server, introspect))).toMatchObject({
    active: true,
    token_id: next.id,
  });
  const authorization = `Bearer ${next.token}`;
  const explained = await admin(200, 'POST', 'explain', { tenant_id: 'tnt_a', authorization });
  expect(json(explained)).toMatchObject({ accepted: true });
  await admin(200, 'GET', 'events?tenant_id=tnt_a');
  await admin(200, 'GET', `${id}/events`);
  const exported = await admin(200, 'GET', 'events/export?tenant_id=tnt_a');
  const lines = exported.body.trim().split('\n');
  expect(lines.filter((line) => line.includes(id)).length).toBeGreaterThan(4);

  const deleted = await admin(204, 'DELETE', next.id);
  expect([deleted.body, await probe(next.token)]).toEqual(['', 401]);
  const leaked = await make();
  await admin(200, 'POST', 'revoke-by-value', { token: leaked.token, reason: 'leaked' });
  expect(await probe(leaked.token)).toBe(401);
  const found = await make();
  const revoked = await ask(
    'POST',
    `${PUBLIC}revoke`,
    null,
    new URLSearchParams({ token: found.token }),
  );
  expect([revoked.status, await probe(found.token)]).toEqual([200, 401]);
  const value = randomBytes(32).toString('hex');
  const sha256 = createHash('sha256').update(value).digest('hex');
  const tokens = [{ sha256, name: 'Elsewhere' }];
  const imported = await admin(200, 'POST', 'import', { tenant_id: 'tnt_a', tokens });
  expect([json(imported), await probe(value)]).toMatchObject([{ imported: 1 }, 200]);
  const connection = { name: 'Entra', tenant_id: 'tnt_a', auth_method: 'client_credentials' };
  const { client_id, client_secret } = json(await admin(201, 'POST', '', connection)) as Client;
  const form = { grant_type: 'client_credentials', client_id, client_secret };
  const issued = await ask('POST', `${PUBLIC}oauth/token`, null, new URLSearchParams(form));
  const { access_token: accessToken } = json(issued) as { access_token: string };
  expect([issued.status, await probe(accessToken), await probe(client_secret)]).toEqual([
    200, 200, 401,
  ]);
  if (setup) await setUp();
  await admin(200, 'POST', 'revoke-all', { tenant_id: 'tnt_a', reason: 'incident' });
  expect([await probe(value), await probe(accessToken)]).toEqual([401, 401]);

  /** A setup link, and what the page that it opens asks. */
  async function setUp(): Promise<void> {
    const given = { tenant_id: 'tnt_a', provider: 'okta' };
    const link = json(await admin(201, 'POST', 'setup-links', given)) as {
      id: string;
      url: string;
    };
    const secret = secretOf(link);
    await admin(200, 'GET', 'setup-links?tenant_id=tnt_a');
    await admin(200, 'GET', `setup-links/${link.id}`);
    expect((await ask('GET', SETUP, secret)).status).toBe(200);
    const value = await ask('POST', `${SETUP}/token`, secret, { provider: 'okta' });
    expect([value.status, await probe(made(value).token)]).toEqual([201, 200]);
    const header = { authorization: `Bearer ${made(value).token}` };
    const said = await ask('POST', `${SETUP}/explain`, secret, header);
    expect([said.status, json(said)]).toMatchObject([200, { accepted: true }]);
    await admin(204, 'DELETE', `setup-links/${link.id}`);
    expect((await ask('GET', SETUP, secret)).status).toBe(401);
  }

  const served = operations().filter(({ name }) => setup || !name.includes('setup'));
  const left = served.filter(({ pattern }) => !asked.some((one) => pattern.test(one)));
  expect(left.map(({ name }) => name)).toEqual(NOT_ASKED);
}

function json(answer: Answer): unknown {
  return JSON.parse(answer.body);
}

const made = (answer: Answer): Made => json(answer) as Made;

function operations(): { name: string; pattern: RegExp }[] {
  const { paths } = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as { paths: Record<string, object> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      name: `${method} ${path}`,
      pattern: new RegExp(`^${method} ${path.replace(/\{\w+\}/g, '(?:sct|sul)_\\w+')}$`),
    })),
  );
}
