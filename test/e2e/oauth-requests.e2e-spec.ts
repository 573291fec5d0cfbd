import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client as Database } from 'pg';
import request from 'supertest';
import { forge } from '../support/forge';
import {
  IssuerKeys,
  signJwt,
  type JwksState,
  type SignedWith,
  type SigningKey,
} from '../support/issuer-keys';
import { startTestApp, superAdmin, TOKENS, type TestApp } from '../support/test-app';

const TOKEN_PATH = '/api/v1/scim-tokens/oauth/token';
const VERIFY_SECRET = 'proxy-secret-of-thirty-two-bytes-or-more';
const ENTRA_TENANT = '5d1f7a34-91c2-4b0e-8a6d-2f3c4e5b6a70';
const MISSING_ID = `sct_${'0'.repeat(32)}`;
const FORM = 'application/x-www-form-urlencoded';
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

interface Step {
  readonly do: 'scim' | 'again' | 'revoke' | 'enable';
  readonly method?: 'GET' | 'POST';
  readonly path?: string;
  readonly status?: number;
}

/** What an identity provider sends, the state that it meets, and what it must get. */
interface Case {
  readonly id: string;
  readonly provider: string;
  readonly title: string;
  readonly given: {
    readonly method: 'client_credentials' | 'workload_identity';
    readonly row: 'active' | 'disabled' | 'expired' | 'revoked' | 'none' | 'rotating' | 'rotated';
    readonly scopes: string[];
    readonly trust?: Readonly<Record<string, string>>;
    readonly access_token_ttl_seconds?: number;
    readonly row_expires_in?: number;
    readonly allowed_ips?: string[];
    readonly allowed_ips_mode?: string;
    readonly caller_ip?: string;
    readonly jwks?: JwksState;
  };
  readonly request: {
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  readonly assertion?: {
    readonly header: Readonly<Record<string, string>>;
    readonly claims: Readonly<Record<string, unknown>>;
    readonly signed_with: SignedWith;
    readonly pad_to?: number;
  };
  readonly expect: {
    readonly status: number;
    readonly error?: string;
    readonly headers?: Readonly<Record<string, string | null>>;
    readonly json?: Readonly<Record<string, unknown>>;
    readonly scope?: string[];
    readonly range?: Readonly<Record<string, [number, number]>>;
    readonly absent: string[];
    readonly same_as?: string;
    readonly no_outbound?: string[];
    readonly then?: Step[];
  };
}

/** The tokens of a case, and what its placeholders stand for. */
interface Row {
  readonly id: string;
  readonly tenant: string;
  readonly values: Readonly<Record<string, string>>;
}

type Sent = request.Response;

const source = readFileSync(join(__dirname, '../contract/oauth-requests.json'), 'utf8');
// Each case has keys of its own: what is cached of an issuer's keys is cached by its URL.
const cases = (JSON.parse(source) as Case[]).map(
  (one) => JSON.parse(JSON.stringify(one).replaceAll(ENTRA_TENANT, randomUUID())) as Case,
);

describe('The token endpoint, as identity providers ask it,', () => {
  let app: TestApp;
  let keys: IssuerKeys;
  let sql: Database;
  const answers = new Map<string, Promise<Sent>>();

  beforeAll(async () => {
    keys = await IssuerKeys.start();
    app = await startTestApp({
      env: {
        SCIM_OAUTH_ISSUERS_FILE: keys.file,
        SCIM_VERIFY_SECRET: VERIFY_SECRET,
        SCIM_VERIFY_URI_HEADER: 'X-Original-URI',
        TRUST_PROXY: '1',
      },
    });
    sql = new Database(app.databaseUrl);
    await sql.connect();
  });
  afterAll(async () => {
    await sql.end();
    await app.close();
    await keys.stop();
  });

  const admin = () => app.as(superAdmin());
  const call = async (
    method: 'post' | 'patch' | 'delete',
    path: string,
    body: object = {},
  ): Promise<Record<string, string>> => {
    const { status, text } = await admin()
      [method](TOKENS + path)
      .send(body);
    if (status >= 400) throw new Error(`${method} ${path}: ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as Record<string, string>;
  };

  /** Makes the tokens of a case in their state. */
  async function prepare({ id, given }: Case): Promise<Row> {
    const tenant = `tnt_${id}`;
    const { method, scopes, trust, allowed_ips, allowed_ips_mode, access_token_ttl_seconds } =
      given;
    const made = await call('post', '', {
      name: id,
      tenant_id: tenant,
      auth_method: method,
      scopes,
      ...(trust && { trust }),
      ...(allowed_ips && { allowed_ips, allowed_ips_mode }),
      ...(access_token_ttl_seconds !== undefined && { access_token_ttl_seconds }),
    });
    const { id: client_id = '', client_secret: first = '' } = made;
    const bearer = await call('post', '', { name: 'bearer', tenant_id: tenant });
    const values: Record<string, string> = {
      client_id: given.row === 'none' ? MISSING_ID : client_id,
      client_secret: first,
      wrong_client_secret: first && forge(first),
      unknown_client_id: MISSING_ID,
      bearer_id: String(bearer.id),
      bearer_token: String(bearer.token),
      token_endpoint: app.url + TOKEN_PATH,
      scim_base: `http://127.0.0.1:3000/api/v1/tenants/${tenant}/scim/v2`,
    };
    if (given.row === 'rotating' || given.row === 'rotated') {
      const rotated = await call('post', `${client_id}/rotate`);
      Object.assign(values, {
        client_secret: rotated.client_secret,
        old_client_secret: first,
      });
    }
    if (given.row === 'rotated') await call('post', `${client_id}/rotation/complete`);
    if (first !== '' && given.row === 'active') {
      const got = await send({
        method: 'POST',
        path: TOKEN_PATH,
        headers: { 'content-type': FORM },
        body: `grant_type=client_credentials&client_id=${client_id}&client_secret=${first}`,
      });
      values.access_token = (got.body as { access_token?: string }).access_token ?? '';
    }
    if (given.row === 'disabled') await call('patch', client_id, { enabled: false });
    if (given.row === 'revoked') await call('delete', client_id);
    const left = given.row === 'expired' ? -60 : given.row_expires_in;
    if (left !== undefined) {
      await sql.query(
        `UPDATE scim_tokens SET expires_at = now() + make_interval(secs => $3) WHERE tenant_id = $1 AND name = $2`,
        [tenant, id, left],
      );
    }
    return { id: client_id, tenant, values };
  }

  /** The assertion of a case, signed by a key of its issuer where that is said. */
  function assertionOf({ assertion, given, request }: Case, row: Row, key?: SigningKey): string {
    if (!assertion) return '';
    const {
      audience = '',
      issuer = '',
      subject = '',
      tenant_id,
      authorized_party,
    } = given.trust ?? {};
    const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
    const values: Record<string, string> = {
      iss: issuer,
      sub: subject,
      aud: audience,
      azp: authorized_party ?? '',
      tid: tenant_id ?? guid.exec(issuer)?.[0] ?? '',
      app: guid.exec(audience)?.[0] ?? '',
      scim_host: '127.0.0.1',
      kid: (key ?? keys.trusted).kid,
      uti: randomUUID(),
      other_n: String(keys.other.jwk.n),
      path: request.path,
      ...row.values,
    };
    const now = Math.floor(Date.now() / 1000);
    const filled = <Part>(part: Part): Part =>
      JSON.parse(JSON.stringify(part), (_, value: unknown) => {
        if (typeof value !== 'string') return value;
        const [, text, offset] = /^(str:)?\{now([+-]\d+)\}$/.exec(value) ?? [];
        if (offset !== undefined) return text ? String(now + Number(offset)) : now + Number(offset);
        return value.replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
      }) as Part;
    const [header, claims] = [filled(assertion.header), filled(assertion.claims)];
    if (key) return signJwt(header, claims, key);
    return keys.assertion(header, claims, assertion.signed_with, assertion.pad_to);
  }

  const send = (
    { method, path, headers, body }: Case['request'],
    ip = '192.0.2.1',
  ): Promise<Sent> => {
    const sent = request(app.url)[method === 'GET' ? 'get' : 'post'](path);
    return Promise.resolve(sent.set({ ...headers, 'x-forwarded-for': ip }).send(body));
  };

  /** The request of a case, its placeholders filled in: percent-encoded in a body, as they are elsewhere. */
  function filledRequest(one: Case, row: Row): Case['request'] {
    const { method, path, headers, body } = one.request;
    const values: Record<string, string> = {
      ...row.values,
      token_path: TOKEN_PATH,
      assertion: assertionOf(one, row),
    };
    const pair = (id: string, secret = '') => Buffer.from(`${id}:${secret}`).toString('base64');
    const { client_id = '', client_secret, wrong_client_secret, old_client_secret } = row.values;
    const hex = (text = '') => text.replaceAll('-', '%2D').replaceAll('_', '%5F');
    Object.assign(values, {
      basic: pair(client_id, client_secret),
      basic_raw: pair(client_id, client_secret),
      basic_encoded: pair(hex(client_id), hex(client_secret)),
      basic_wrong: pair(client_id, wrong_client_secret),
      basic_old: pair(client_id, old_client_secret),
      basic_unknown: pair(MISSING_ID, client_secret),
    });
    const fill = (text: string, encode = (value: string) => value): string =>
      text
        .replace(/\{b64:([^{}]*\{\w+\}[^{}]*)\}/g, (_, inner: string) =>
          Buffer.from(fill(inner)).toString('base64'),
        )
        .replace(/\{(\w+)\}/g, (all, name: string) =>
          name in values ? encode(values[name] ?? '') : all,
        );
    const isForm = headers['content-type']?.startsWith(FORM) ?? false;
    return {
      method,
      path: fill(path),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, fill(value)]),
      ),
      ...(body !== undefined && { body: fill(body, isForm ? encodeURIComponent : undefined) }),
    };
  }

  /** Brings the issuer's keys into the state of a case: what is cached, the service has read for a good assertion. */
  async function arrangeKeys(one: Case, row: Row): Promise<void> {
    const { jwks = 'reachable', trust } = one.given;
    if (!trust) return;
    const [tenant = ''] =
      /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(trust.issuer ?? '') ?? [];
    await keys.arrange(tenant, jwks, async (key) => {
      const assertion = encodeURIComponent(assertionOf(one, row, key));
      const type = encodeURIComponent(JWT_BEARER);
      await send({
        method: 'POST',
        path: TOKEN_PATH,
        headers: { 'content-type': FORM },
        body: `grant_type=client_credentials&client_id=${row.id}&client_assertion_type=${type}&client_assertion=${assertion}`,
      });
    });
  }

  /** Asks the check for reverse proxies, which answers as a guarded route does. */
  async function scim(value: string, tenant: string, { method, path = '' }: Step): Promise<number> {
    const kind = path.startsWith('/Groups') ? 'groups' : 'users';
    const { status } = await request(app.url)
      .get(`/api/v1/scim-tokens/verify?scope=${kind}:${method === 'GET' ? 'read' : 'write'}`)
      .set({
        authorization: `Bearer ${value}`,
        'x-scim-verify-secret': VERIFY_SECRET,
        'x-original-uri': `/api/v1/tenants/${tenant}/scim/v2${path}`,
        'x-forwarded-for': '192.0.2.1',
      });
    return status === 204 ? 200 : status;
  }

  async function run(one: Case): Promise<Sent> {
    const row = await prepare(one);
    await arrangeKeys(one, row);
    const before = keys.requests.length;
    const filled = filledRequest(one, row);
    const answer = await send(filled, one.given.caller_ip);
    const asked = keys.requests.slice(before).join(' ');
    for (const part of one.expect.no_outbound ?? []) {
      expect(asked).not.toContain(part.split('/').at(-1));
    }
    let { access_token: value = '' } = answer.body as { access_token?: string };
    for (const step of one.expect.then ?? []) {
      if (step.do === 'revoke') await call('delete', row.id);
      else if (step.do === 'enable') await call('patch', row.id, { enabled: true });
      else if (step.do === 'scim') {
        expect([step, await scim(value, row.tenant, step)]).toEqual([step, step.status]);
      } else {
        const again = await send(filled, one.given.caller_ip);
        expect([step, again.status]).toEqual([step, step.status]);
        value = (again.body as { access_token?: string }).access_token ?? value;
      }
    }
    return answer;
  }

  const answerOf = (id: string): Promise<Sent> => {
    const one = cases.find((other) => other.id === id)!;
    const answer = answers.get(id) ?? run(one);
    answers.set(id, answer);
    return answer;
  };

  const comparable = ({ status, headers, text }: Sent) => {
    const { date: _, 'x-request-id': __, ...others } = headers as Record<string, string>;
    return { status, headers: others, text };
  };

  const shapes: Readonly<Record<string, unknown>> = {
    '<string>': expect.any(String) as unknown,
    '<integer>': expect.any(Number) as unknown,
  };

  it.each(cases.map((one) => [one.id, one.provider, one.title, one] as const))(
    '%s, %s: %s',
    async (id, _, __, { expect: wanted }) => {
      const answer = await answerOf(id);
      const body = answer.body as Record<string, unknown>;
      expect([answer.status, body.error, answer.text]).toEqual([
        wanted.status,
        wanted.error,
        answer.text,
      ]);
      for (const [name, value] of Object.entries(wanted.headers ?? {})) {
        const sent = (answer.headers as Record<string, string | undefined>)[name];
        if (value === null) expect([name, sent]).toEqual([name, undefined]);
        else if (value === '<integer>')
          expect([name, sent]).toEqual([name, expect.stringMatching(/^\d+$/)]);
        else expect(sent?.toLowerCase().startsWith(value.toLowerCase())).toBe(true);
      }
      const members = Object.entries(wanted.json ?? {}).map(([name, value]) => [
        name,
        shapes[String(value)] ?? value,
      ]);
      expect(body).toMatchObject(Object.fromEntries(members));
      if (wanted.scope) expect(String(body.scope).split(' ')).toEqual(wanted.scope);
      for (const [name, [least, most]] of Object.entries(wanted.range ?? {})) {
        expect(body[name]).toBeGreaterThanOrEqual(least);
        expect(body[name]).toBeLessThanOrEqual(most);
      }
      for (const name of wanted.absent) expect(body).not.toHaveProperty(name);
      if (wanted.same_as !== undefined) {
        expect(comparable(answer)).toEqual(comparable(await answerOf(wanted.same_as)));
      }
    },
  );

  it('leaves no secret, assertion or access token in the log', () => {
    const logs = app.logs();
    expect(logs).toContain('Access token refused');
    expect(logs).not.toMatch(/[a-z]{2,18}_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}/);
    expect(logs).not.toMatch(/eyJ[\w-]{10,}\./);
    expect(logs).not.toContain('client_secret=');
  });
});
