import { Client as Database } from 'pg';
import { LANGUAGES } from '../../src/core/languages';
import type { FailureHint } from '../../src/core/refusal';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import { failureText } from '../../src/endpoint-info/texts/failure-text';
import { mintSecret } from '../../src/secrets/scim-token.secret';
import { UsageBuffer } from '../../src/usage/usage-buffer';
import { UsageWriter } from '../../src/usage/usage-writer';
import { forge } from '../support/forge';
import { LINKS, makeLink, type HeldLink } from '../support/setup-links';
import { startTestApp, superAdmin, TOKENS, type TestApp } from '../support/test-app';

const EXPLAIN = '/api/v1/scim-setup/explain';

interface Made {
  readonly id: string;
  readonly token: string;
  readonly client_secret: string;
}

describe('Explain on the setup page', () => {
  let app: TestApp;
  let sql: Database;

  beforeAll(async () => {
    app = await startTestApp({
      directory: new FileTenantDirectory([{ id: 'tnt_a' }, { id: 'tnt_b' }]),
      env: { PUBLIC_URL: 'https://scim.example.com', RATE_LIMIT_PER_MINUTE: '1000' },
    });
    sql = new Database({ connectionString: app.databaseUrl });
    await sql.connect();
  });
  afterAll(async () => {
    await sql.end();
    await app.close();
  });

  const create = async (fields: object = {}, tenant_id = 'tnt_a'): Promise<Made> => {
    const body = { name: 'Okta', tenant_id, ...fields };
    return (await app.as(superAdmin()).post(TOKENS).send(body).expect(201)).body as Made;
  };
  const end = ({ id }: { id: string }) => app.as(superAdmin()).delete(`${TOKENS}${id}`).expect(204);
  const link = (fields: object = {}): Promise<HeldLink> =>
    makeLink(app.as(superAdmin()), { tenant_id: 'tnt_a', ...fields });
  const explain = (secret: string, authorization: string, language = 'en') =>
    app.as(secret).post(EXPLAIN).set('Accept-Language', language).send({ authorization });
  const refused = (hint: FailureHint) => ({
    accepted: false,
    hint,
    text: failureText(hint, 'en'),
  });
  const GOOD = { accepted: true, hint: null, text: null };

  it('says what is wrong with a header, however it was copied, and wherever it will come from', async () => {
    const { secret } = await link();
    const { token } = await create({ allowed_ips: ['203.0.113.0/24'], scopes: ['users:read'] });
    const gone = await create();
    await end(gone);
    const shown: readonly (readonly [string, object])[] = [
      [`Bearer ${token}`, GOOD],
      [`Authorization: Bearer ${token}\r\n`, GOOD],
      [` authorization:bearer ${token}`, GOOD],
      [token, GOOD],
      [`Bearer Bearer ${token}`, refused('doubled_bearer')],
      [`"${token}"`, refused('quoted')],
      [`${token.slice(0, 20)}\n${token.slice(20)}`, refused('white_space')],
      [`Bearer ${token.slice(0, -1)}`, refused('malformed')],
      [`Bearer ${forge(token)}`, refused('mismatch')],
      [`Bearer ${mintSecret('scim').value}`, refused('unknown')],
      [`Bearer ${gone.token}`, refused('revoked')],
      ['Basic dXNlcjpwYXNz', refused('no_bearer')],
      ['Bearer', refused('missing')],
      ['', refused('missing')],
    ];
    for (const [authorization, told] of shown) {
      const { status, body, headers } = await explain(secret, authorization);
      expect([authorization, status, body]).toEqual([authorization, 200, told]);
      expect(headers['cache-control']).toBe('no-store');
    }
    expect(app.logs()).not.toContain(token.slice(-20));
  });

  it("answers in the link's language, or else in the reader's", async () => {
    const french = await link({ language: 'fr' });
    const any = await link();
    const answer = await explain(french.secret, '', 'de');
    expect(answer.headers['content-language']).toBe('fr');
    expect(answer.body).toMatchObject({ text: failureText('missing', 'fr') });
    for (const language of LANGUAGES) {
      const { body } = await explain(any.secret, '', language);
      expect(body).toMatchObject({ text: failureText('missing', language) });
    }
  });

  it("says of another tenant's value what it says of nobody's", async () => {
    const { secret } = await link();
    const [foreign, gone] = [await create({}, 'tnt_b'), await create({}, 'tnt_b')];
    await end(gone);
    const client = await create({ auth_method: 'client_credentials' }, 'tnt_b');
    const { text: nobodys } = await explain(secret, mintSecret('scim').value).expect(200);
    for (const value of [foreign.token, forge(foreign.token), gone.token, client.client_secret]) {
      expect((await explain(secret, `Bearer ${value}`)).text).toBe(nobodys);
    }
  });

  it('counts and writes nothing', async () => {
    const { secret } = await link();
    const { id, token } = await create();
    await app.provider(UsageWriter).flush();
    const rows = async (): Promise<unknown> => {
      const { rows: found } = await sql.query<object>('SELECT count(*) FROM scim_token_events');
      return found;
    };
    const before = await rows();
    await explain(secret, token).expect(200);
    await explain(secret, forge(token)).expect(200);
    expect(app.provider(UsageBuffer).isEmpty).toBe(true);
    expect(await rows()).toEqual(before);
    const { body } = await app.as(superAdmin()).get(`${TOKENS}${id}`);
    expect(body).toMatchObject({ last_used_at: null, last_failure_at: null });
  });

  it('is for the holder of a link that works, and at most 120 times a minute', async () => {
    const [open, ended] = [await link(), await link()];
    await app.as(superAdmin()).delete(`${LINKS}/${ended.id}`).expect(204);
    const { token } = await create();
    for (const secret of [ended.secret, forge(open.secret), token, superAdmin()]) {
      const { body } = await explain(secret, token).expect(401);
      expect(body).toEqual({ detail: 'Invalid or expired setup link' });
    }
    for (let asked = 0; asked < 120; asked++) await explain(open.secret, '').expect(200);
    const { headers } = await explain(open.secret, '').expect(429);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });

  it.each([
    [{}, 'missing'],
    [{ authorization: null }, 'string_type'],
    [{ authorization: ['x'] }, 'string_type'],
  ])('refuses input that holds no header: %j', async (body, type) => {
    const { secret } = await link();
    const answer = await app.as(secret).post(EXPLAIN).send(body).expect(422);
    expect(answer.body.detail).toEqual([
      expect.objectContaining({ type, loc: ['body', 'authorization'] }),
    ]);
  });
});
