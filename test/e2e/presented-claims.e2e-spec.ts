import { ScimTokenRefusedError, type PresentedClaims } from '../../src/core/refusal';
import { fromTokenId } from '../../src/core/token';
import { UsageWriter } from '../../src/usage/usage-writer';
import { startTestApp, superAdmin, tenantAdmin, TOKENS, type TestApp } from '../support/test-app';

const CLAIMS: PresentedClaims = {
  iss: 'https://login.example.com',
  sub: 'someone else',
  aud: '["a \\"quoted\\" one","{b},NULL"]',
  tid: null,
  azp: null,
};

describe('What a signed assertion said that was refused', () => {
  let app: TestApp;
  let usage: UsageWriter;

  beforeAll(async () => {
    app = await startTestApp();
    usage = app.provider(UsageWriter);
  });
  afterAll(() => app.close());

  const failuresOf = async (tenant: string): Promise<object[]> => {
    await usage.flush();
    const path = `${TOKENS}endpoint-info?tenant_id=${tenant}`;
    const { body } = await app.as(superAdmin()).get(path);
    return body.authentication.recent_failures as object[];
  };

  it('is told to its tenant’s administrators, the latest, and is not lost to unsigned ones', async () => {
    const create = { name: 'Entra', scopes: ['users:read'] };
    const { body } = await app.as(tenantAdmin()).post(TOKENS).send(create);
    // Of a tenant that never had a token nothing is counted.
    await app.as(tenantAdmin('tnt_b')).post(TOKENS).send(create).expect(201);
    const owner = { tenantId: 'tnt_a', tokenId: fromTokenId(body.id) ?? '' };
    const now = Date.now();
    const refuse = (after: number, claims: PresentedClaims | null): void => {
      const refusal = new ScimTokenRefusedError('mismatch', 'assertion_subject', owner, claims);
      usage.refused(refusal, now + after, { ip: '203.0.113.7', tenantId: 'tnt_b' });
    };
    refuse(0, null);
    const [unsigned] = await failuresOf('tnt_a');
    expect(unsigned).toMatchObject({ count: 1, reason: 'mismatch' });
    expect(unsigned).not.toHaveProperty('claims');
    refuse(2, CLAIMS);
    refuse(1, { ...CLAIMS, sub: 'the first' });
    refuse(3, null);
    const told = [expect.objectContaining({ count: 4, claims: CLAIMS })];
    expect(await failuresOf('tnt_a')).toEqual(told);
    refuse(4, null);
    const last = { count: 5, claims: CLAIMS, last_at: new Date(now + 4).toISOString() };
    expect(await failuresOf('tnt_a')).toEqual([expect.objectContaining(last)]);
    refuse(5, { ...CLAIMS, sub: null });
    expect(await failuresOf('tnt_a')).toMatchObject([{ count: 6, claims: { sub: null } }]);
    const [foreign] = await failuresOf('tnt_b');
    expect(foreign).toMatchObject({ count: 6 });
    expect(foreign).not.toHaveProperty('claims');
  });
});
