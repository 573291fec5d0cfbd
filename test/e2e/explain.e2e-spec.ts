import { createHash, randomBytes } from 'node:crypto';
import { Client as Database } from 'pg';
import { FAILURE_HINTS, ScimTokenRefusedError, type FailureHint } from '../../src/core/refusal';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import { fromTokenId } from '../../src/core/token';
import { mintAccessToken, mintSecret } from '../../src/secrets/scim-token.secret';
import { UsageBuffer } from '../../src/usage/usage-buffer';
import { UsageWriter } from '../../src/usage/usage-writer';
import { CHECKS } from '../../src/verification/checks';
import { ScimTokenVerifier } from '../../src/verification/scim-token.verifier';
import { forge } from '../support/forge';
import { IssuerKeys } from '../support/issuer-keys';
import {
  partnerAdmin,
  startTestApp,
  superAdmin,
  tenantAdmin,
  TOKENS,
  type TestApp,
} from '../support/test-app';
import { APP, Trusting } from '../support/trusting';

const EXPLAIN = `${TOKENS}explain`;
const TOKEN = '/api/v1/scim-tokens/oauth/token';
const ELSEWHERE = '198.51.100.9';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

interface Made {
  readonly id: string;
  readonly token: string;
  readonly client_secret: string;
}

interface Explanation {
  readonly accepted: boolean;
  readonly decision: readonly {
    readonly check: string;
    readonly ok: boolean;
    readonly detail: string | null;
    readonly expected?: string | null;
    readonly came?: string | null;
  }[];
  readonly hint: FailureHint | null;
  readonly text: string | null;
  readonly token: { readonly id: string } | null;
}

/** A header at a tenant's routes, and the check that is to refuse it; `null` for none. */
interface Case {
  readonly header: string;
  readonly check: (typeof CHECKS)[number] | null;
  readonly hint: FailureHint | null;
  readonly tenant?: string;
  readonly ip?: string;
  readonly scopes?: readonly string[];
}

/** Of the path of a request, of what is only noted, and of requests that show no assertion. */
const NOT_OF_A_HEADER: readonly FailureHint[] = [
  'ambiguous_path',
  'used_elsewhere',
  'token_request',
  'credentials_in_url',
  'grant_type',
  'no_credentials',
  'two_methods',
  'wrong_method',
  'wrong_secret',
];

const seen = new Set<FailureHint>();

describe('Explain', () => {
  let app: TestApp;
  let keys: IssuerKeys;
  let sql: Database;
  let verifier: ScimTokenVerifier;

  beforeAll(async () => {
    keys = await IssuerKeys.start();
    app = await startTestApp({
      env: { SCIM_OAUTH_ISSUERS_FILE: keys.file },
      directory: new FileTenantDirectory([
        { id: 'tnt_a', partner_id: 'prt_1', max_active: 1000 },
        { id: 'tnt_b', partner_id: 'prt_1' },
        { id: 'tnt_c' },
        { id: 'tnt_oauth', max_active: 100 },
        { id: 'tnt_none' },
      ]),
    });
    sql = new Database({ connectionString: app.databaseUrl });
    await sql.connect();
    verifier = app.provider(ScimTokenVerifier);
  });
  afterAll(async () => {
    await sql.end();
    await app.close();
    await keys.stop();
  });

  const create = async (fields: object = {}, tenant_id = 'tnt_a'): Promise<Made> => {
    const body = { name: 'Okta', tenant_id, ...fields };
    const made = await app.as(superAdmin()).post(TOKENS).send(body).expect(201);
    return made.body as Made;
  };
  const change = (id: string, set: string) =>
    sql.query(`UPDATE scim_tokens SET ${set} WHERE id = $1`, [fromTokenId(id)]);
  const explain = async (body: object, jwt = superAdmin()): Promise<Explanation> => {
    const answer = await app.as(jwt).post(EXPLAIN).send(body).expect(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    return answer.body as Explanation;
  };
  const accessToken = async (fields: object): Promise<string> => {
    const answer = await fetch(app.url + TOKEN, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', ...fields }),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  const imported = async (value: string, tenant_id: string): Promise<void> => {
    const sha256 = createHash('sha256').update(value).digest('hex');
    const tokens = [{ name: 'Legacy', sha256, expires_in_days: 30 }];
    const { body } = await app.as(superAdmin()).post(`${TOKENS}import`).send({ tenant_id, tokens });
    expect(body).toMatchObject({ imported: 1 });
  };

  /** What the verifier itself says. */
  const verified = async (asked: Case): Promise<FailureHint | null> => {
    const { header, tenant: tenantId = 'tnt_a', ip } = asked;
    const options = { tenantId, ip, scopes: (asked.scopes ?? []) as [], fresh: true };
    try {
      await verifier.verifyAuthorization(header, options);
      return null;
    } catch (error) {
      if (error instanceof ScimTokenRefusedError) return error.hint;
      throw error;
    }
  };

  const expectAgreement = async (asked: Case): Promise<Explanation> => {
    const { header, tenant: tenant_id = 'tnt_a', ip, scopes, check, hint } = asked;
    const explanation = await explain({ authorization: header, tenant_id, ip, scopes });
    expect([header.length, await verified(asked)]).toEqual([header.length, hint]);
    const end = check === null ? CHECKS.length : CHECKS.indexOf(check) + 1;
    expect(explanation).toMatchObject({
      accepted: hint === null,
      hint,
      text: hint && FAILURE_HINTS[hint],
      decision: CHECKS.slice(0, end).map((name) => ({ check: name, ok: name !== check })),
    });
    const value = header.slice(header.lastIndexOf(' ') + 1);
    if (value.length > 20) {
      expect(JSON.stringify(explanation)).not.toContain(value.slice(-12));
      expect(app.logs()).not.toContain(value.slice(-12));
    }
    if (hint) seen.add(hint);
    return explanation;
  };

  it('agrees with the check itself on every reason that a header is refused for', async () => {
    const [good, bound, narrow, revoked, off, over, foreign, client, ended] = await Promise.all([
      create(),
      create({ allowed_ips: ['203.0.113.0/24'] }),
      create({ scopes: ['users:read'] }),
      create(),
      create(),
      create(),
      create({}, 'tnt_b'),
      create({ auth_method: 'client_credentials' }),
      create({ auth_method: 'client_credentials' }),
    ]);
    const reporting = await create({ allowed_ips: ['203.0.113.0/24'], allowed_ips_mode: 'report' });
    const overlapping = await create();
    const retired = await create();
    await app.as(superAdmin()).delete(`${TOKENS}${revoked.id}`).expect(204);
    await app.as(superAdmin()).patch(`${TOKENS}${off.id}`).send({ enabled: false }).expect(200);
    await change(over.id, "expires_at = now() - interval '1 hour'");
    for (const [{ id }, overlap_hours] of [
      [overlapping, 24],
      [retired, 0],
    ] as const) {
      await app.as(superAdmin()).post(`${TOKENS}${id}/rotate`).send({ overlap_hours }).expect(201);
    }
    const legacy = `legacy.${randomBytes(24).toString('base64url')}`;
    await imported(legacy, 'tnt_a');
    const [access, run] = await Promise.all([
      accessToken({ client_id: client.id, client_secret: client.client_secret }),
      accessToken({ client_id: ended.id, client_secret: ended.client_secret }),
    ]);
    await sql.query(
      "UPDATE scim_token_access_tokens SET expires_at = now() - interval '1 s' WHERE token_id = $1",
      [fromTokenId(ended.id)],
    );
    const last = good.token.at(-1) === 'a' ? 'b' : 'a';
    const bearer = (value: string): string => `Bearer ${value}`;
    const cases: readonly Case[] = [
      { header: '', check: 'header', hint: 'missing' },
      { header: 'Bearer', check: 'header', hint: 'missing' },
      { header: good.token, check: 'header', hint: 'no_bearer' },
      { header: 'Basic dXNlcjpwYXNz', check: 'header', hint: 'no_bearer' },
      { header: bearer(`Bearer ${good.token}`), check: 'form', hint: 'doubled_bearer' },
      { header: bearer(`"${good.token}"`), check: 'form', hint: 'quoted' },
      {
        header: bearer(`${good.token.slice(0, 30)} ${good.token.slice(30)}`),
        check: 'form',
        hint: 'white_space',
      },
      { header: bearer(superAdmin()), check: 'form', hint: 'foreign_jwt' },
      { header: bearer(good.token.slice(0, -1)), check: 'form', hint: 'malformed' },
      { header: bearer('x'.repeat(2000)), check: 'form', hint: 'malformed' },
      { header: bearer(good.token.slice(0, -1) + last), check: 'checksum', hint: 'malformed' },
      { header: bearer(mintSecret('scim').value), check: 'lookup', hint: 'unknown' },
      {
        header: bearer(mintAccessToken('scim').value),
        check: 'lookup',
        hint: 'access_token_ended',
      },
      { header: bearer(forge(good.token)), check: 'proof', hint: 'mismatch' },
      { header: bearer(client.client_secret), check: 'proof', hint: 'client_secret' },
      { header: bearer(foreign.token), check: 'tenant', hint: 'tenant_mismatch' },
      {
        header: bearer(client.client_secret),
        tenant: 'tnt_b',
        check: 'tenant',
        hint: 'tenant_mismatch',
      },
      { header: bearer(revoked.token), check: 'revoked', hint: 'revoked' },
      { header: bearer(retired.token), check: 'retired', hint: 'retired' },
      { header: bearer(run), check: 'retired', hint: 'access_token_ended' },
      { header: bearer(over.token), check: 'expired', hint: 'expired' },
      { header: bearer(off.token), check: 'enabled', hint: 'disabled' },
      { header: bearer(bound.token), check: 'network', hint: 'ip_not_allowed' },
      { header: bearer(bound.token), ip: ELSEWHERE, check: 'network', hint: 'ip_not_allowed' },
      {
        header: bearer(narrow.token),
        scopes: ['users:write'],
        check: 'scope',
        hint: 'insufficient_scope',
      },
      { header: bearer(good.token), scopes: ['users:write'], check: null, hint: null },
      { header: `bearer   ${good.token}`, check: null, hint: null },
      { header: bearer(bound.token), ip: '203.0.113.7', check: null, hint: null },
      { header: bearer(reporting.token), ip: ELSEWHERE, check: null, hint: null },
      { header: bearer(overlapping.token), check: null, hint: null },
      { header: bearer(access), check: null, hint: null },
      { header: bearer(legacy), check: null, hint: null },
    ];
    for (const one of cases) await expectAgreement(one);
    const own = await expectAgreement({ header: bearer(good.token), check: null, hint: null });
    expect(own.token).toMatchObject({ id: good.id });
  });

  it('agrees on what comes first, whatever is wrong with a token at once', async () => {
    const { id, token } = await create();
    const faults = {
      revoked: ["revoked_at = now(), revoked_by = 'x'", 'revoked_at = NULL, revoked_by = NULL'],
      expired: ["expires_at = now() - interval '1 h'", "expires_at = now() + interval '9 d'"],
      enabled: ['enabled = false', 'enabled = true'],
      network: ["allowed_ips = '{203.0.113.0/24}'", "allowed_ips = '{}'"],
      scope: ["scopes = '{users:read}'", "scopes = '{users:read,groups:read}'"],
    } as const;
    const hints = {
      revoked: 'revoked',
      expired: 'expired',
      enabled: 'disabled',
      network: 'ip_not_allowed',
      scope: 'insufficient_scope',
    } as const;
    const names = Object.keys(faults) as (keyof typeof faults)[];
    for (let mask = 0; mask < 2 ** names.length; mask++) {
      const wrong = names.filter((_, at) => mask & (1 << at));
      const set = names.map((name) => faults[name][wrong.includes(name) ? 0 : 1]);
      await change(id, set.join(', '));
      const [check = null] = wrong;
      const hint = check && hints[check];
      await expectAgreement({
        header: `Bearer ${token}`,
        ip: ELSEWHERE,
        scopes: ['groups:read'],
        check,
        hint,
      });
    }
  });

  it('takes a header as HTTP hands it on, and a line feed that was copied with it', async () => {
    const { token } = await create();
    const explanation = await explain({
      authorization: `  Bearer ${token} \r\n`,
      tenant_id: 'tnt_a',
    });
    expect(explanation).toMatchObject({ accepted: true, hint: null, text: null });
  });

  it('knows nothing of tokens that its caller may not act for', async () => {
    const [foreign, partners] = [await create({}, 'tnt_c'), await create({}, 'tnt_b')];
    const gone = await create({}, 'tnt_c');
    await app.as(superAdmin()).delete(`${TOKENS}${gone.id}`).expect(204);
    const legacy = `legacy.${randomBytes(24).toString('base64url')}`;
    const like = `legacy.${randomBytes(24).toString('base64url')}`;
    await imported(legacy, 'tnt_c');
    const client = await create({ auth_method: 'client_credentials' }, 'tnt_c');
    const header = (value: string) => ({ authorization: `Bearer ${value}`, tenant_id: 'tnt_a' });
    for (const jwt of [tenantAdmin(), partnerAdmin()]) {
      const nobodys = await explain(header(mintSecret('scim').value), jwt);
      expect(nobodys).toMatchObject({ hint: 'unknown', token: null });
      for (const value of [foreign.token, forge(foreign.token), gone.token, client.client_secret]) {
        expect(await explain(header(value), jwt)).toEqual(nobodys);
      }
      expect(await explain(header(legacy), jwt)).toEqual(await explain(header(like), jwt));
    }
    const told = { hint: 'tenant_mismatch', token: { id: partners.id } };
    expect(await explain(header(partners.token), partnerAdmin())).toMatchObject(told);
    expect(await explain(header(partners.token), superAdmin())).toMatchObject(told);
    expect(await explain(header(partners.token), tenantAdmin())).toMatchObject({ hint: 'unknown' });
    await app
      .as(tenantAdmin())
      .post(EXPLAIN)
      .send({ authorization: '', tenant_id: 'tnt_c' })
      .expect(403);
  });

  it('counts neither a use nor a failure', async () => {
    const { id, token } = await create({}, 'tnt_b');
    const countsOf = async (): Promise<string[]> =>
      (await (await fetch(`${app.url}/metrics`)).text())
        .split('\n')
        .filter((line) => /^scim_token_(verifications|access_token_requests)_total/.test(line));
    await app.provider(UsageWriter).flush({ all: true });
    const before = await countsOf();
    const trusting = new Trusting();
    await create({ auth_method: 'workload_identity', trust: trusting.trust }, 'tnt_b');
    const assertion = keys.assertion({ alg: 'RS256', kid: keys.trusted.kid }, trusting.claims());
    const client_assertion = `${assertion.slice(0, -8)}AAAAAAAA`;
    await explain({ authorization: `Bearer ${token}`, tenant_id: 'tnt_b' });
    await explain({ authorization: `Bearer ${forge(token)}`, tenant_id: 'tnt_b' });
    await explain({ client_assertion, tenant_id: 'tnt_b' });
    expect(await explain({ client_assertion: assertion, tenant_id: 'tnt_b' })).toMatchObject({
      accepted: true,
    });
    expect(app.provider(UsageBuffer).isEmpty).toBe(true);
    expect(await countsOf()).toEqual(before);
    const { body } = await app.as(superAdmin()).get(`${TOKENS}${id}`);
    expect(body).toMatchObject({ last_used_at: null, last_failure_at: null });
    const { rows } = await sql.query(
      "SELECT FROM scim_token_access_tokens WHERE tenant_id = 'tnt_b'",
    );
    expect(rows).toEqual([]);
  });

  describe('of an assertion', () => {
    const trusting = new Trusting({ authorized_party: APP, tenant_id: null });
    const header = { alg: 'RS256', typ: 'JWT' };
    let client: Made;

    beforeAll(async () => {
      // Others stand before it and after it.
      for (const { trust } of [new Trusting(), trusting, new Trusting()]) {
        const made = await create({ auth_method: 'workload_identity', trust }, 'tnt_oauth');
        if (trust === trusting.trust) client = made;
      }
    });

    /** What the token endpoint itself says, as its log tells. */
    const asked = async (client_assertion: string, scope?: string): Promise<FailureHint | null> => {
      const before = app.logs().length;
      const form = {
        grant_type: 'client_credentials',
        client_id: client.id,
        client_assertion_type: ASSERTION_TYPE,
        client_assertion,
        ...(scope !== undefined && { scope }),
      };
      const answer = await fetch(app.url + TOKEN, {
        method: 'POST',
        body: new URLSearchParams(form),
      });
      if (answer.ok) return null;
      const [, hint] = /"hint":"(\w+)"/.exec(app.logs().slice(before)) ?? [];
      return hint as FailureHint;
    };

    const now = (): number => Math.floor(Date.now() / 1000);
    const signed = (claims: object = {}): string =>
      keys.assertion({ ...header, kid: keys.trusted.kid }, trusting.claims(claims));

    it.each<[string, FailureHint | null, string | null, () => string]>([
      ['taken', null, null, () => signed()],
      ['no JWT', 'assertion_malformed', 'form', () => 'x.y.z'],
      ['another issuer', 'assertion_issuer', 'iss', () => signed({ iss: 'https://else.example' })],
      ['another subject', 'assertion_subject', 'sub', () => signed({ sub: 'someone else' })],
      ['two audiences', 'assertion_audience', 'aud', () => signed({ aud: [APP, 'other'] })],
      ['another tenant', 'assertion_tenant', 'tid', () => signed({ tid: undefined })],
      ['another party', 'assertion_party', 'azp', () => signed({ azp: 'other' })],
      ['an end long ago', 'assertion_time', 'time', () => signed({ exp: now() - 3600 })],
      [
        'an unknown key',
        'assertion_key',
        'key',
        () => keys.assertion({ ...header, kid: 'none' }, trusting.claims()),
      ],
      [
        "another's signature",
        'assertion_signature',
        'signature',
        () => keys.assertion({ ...header, kid: keys.trusted.kid }, trusting.claims(), 'other'),
      ],
    ])('agrees with the token endpoint: %s', async (_, hint, check, assertion) => {
      const client_assertion = assertion();
      expect(await asked(client_assertion)).toBe(hint);
      const told = await explain({ client_assertion, tenant_id: 'tnt_oauth', scopes: [] });
      expect(told).toMatchObject({ accepted: hint === null, hint });
      expect(told.decision.filter(({ ok }) => !ok).map((step) => step.check)).toEqual(
        check === null ? [] : [check],
      );
      expect(JSON.stringify(told)).not.toContain(client_assertion);
      if (hint) seen.add(hint);
    });

    it.each<[FailureHint, string, string, string]>([
      [
        'revoked',
        'revoked',
        "revoked_at = now(), revoked_by = 'x'",
        'revoked_at = NULL, revoked_by = NULL',
      ],
      ['expired', 'expired', "expires_at = now() - interval '1 h'", 'expires_at = NULL'],
      ['disabled', 'enabled', 'enabled = false', 'enabled = true'],
      ['ip_not_allowed', 'network', "allowed_ips = '{203.0.113.0/24}'", "allowed_ips = '{}'"],
      ['invalid_scope', 'scope', "scopes = '{users:read}'", "scopes = '{users:read,users:write}'"],
    ])(
      'agrees with the token endpoint on a token that is %s',
      async (hint, check, wrong, right) => {
        await change(client.id, wrong);
        const client_assertion = signed();
        expect(await asked(client_assertion, 'users:write')).toBe(hint);
        const request = { client_assertion, tenant_id: 'tnt_oauth', ip: '127.0.0.1' };
        const told = await explain({ ...request, scopes: ['users:write'] });
        expect([told.hint, told.decision.at(-1)]).toMatchObject([hint, { check, ok: false }]);
        expect(told.token).toMatchObject({ id: client.id });
        await change(client.id, right);
        seen.add(hint);
      },
    );

    it('says of each claim what was expected and what came, of the token that comes furthest', async () => {
      const client_assertion = signed({ sub: 'someone\u0000 else' });
      const told = await explain({ client_assertion, tenant_id: 'tnt_oauth' });
      expect(told.token).toMatchObject({ id: client.id });
      const { issuer, subject } = trusting.trust;
      expect(told.decision).toMatchObject([
        { check: 'form' },
        { check: 'lookup' },
        { check: 'iss', ok: true, expected: issuer, came: issuer },
        { check: 'sub', ok: false, expected: subject, came: 'someone\u{fffd} else' },
      ]);
    });

    it('is of nobody where the tenant has no such connection', async () => {
      const told = await explain({ client_assertion: signed(), tenant_id: 'tnt_none' });
      expect(told).toMatchObject({
        hint: 'unknown',
        decision: [{ ok: true }, { check: 'lookup' }],
      });
      expect(told.token).toBeNull();
    });
  });

  it('was asked about every reason there is for a header or an assertion', () => {
    const all = Object.keys(FAILURE_HINTS) as FailureHint[];
    expect(all.filter((hint) => !seen.has(hint)).sort()).toEqual([...NOT_OF_A_HEADER].sort());
  });

  it.each([
    ['neither', {}, 'authorization', 'missing'],
    ['null', { authorization: null }, 'authorization', 'missing'],
    ['no address', { authorization: 'x', ip: 'nowhere' }, 'ip', 'ip_any_address'],
    ['no scope', { authorization: 'x', scopes: ['all'] }, 'scopes', 'literal_error'],
    [
      'a long assertion',
      { client_assertion: 'x'.repeat(8193) },
      'client_assertion',
      'string_too_long',
    ],
    ['both', { authorization: 'x', client_assertion: 'y' }, undefined, 'value_error'],
  ])('refuses input that makes no request: %s', async (_, body, field, type) => {
    const answer = await app.as(tenantAdmin()).post(EXPLAIN).send(body);
    expect([answer.status, answer.body.detail]).toEqual([
      422,
      [expect.objectContaining({ type, loc: expect.arrayContaining(field ? [field] : ['body']) })],
    ]);
  });
});
