import { ServiceUnavailableError } from '../core/errors';
import { createHmac } from 'node:crypto';
import { compare } from 'bcrypt';
import { mintSecret } from './scim-token.secret';
import { BcryptQueue } from './bcrypt-queue';
import { SecretHasher } from './secret-hasher';

const PEPPER = 'pepper-of-at-least-thirty-two-bytes!';

const hasher = (pepper: string | null, bcryptCost = 10): SecretHasher =>
  new SecretHasher(
    { prefix: 'scim', bcryptCost, pepper, pepperPrevious: null },
    new BcryptQueue(),
  );

describe('SecretHasher', () => {
  it('stores bcrypt of the random part, and a MAC of the whole value where there is a pepper', async () => {
    const secret = mintSecret('scim');
    const hashed = await hasher(PEPPER).hash(secret);
    expect(hashed.secretHash).toMatch(/^\$2b\$10\$/);
    expect(await compare(secret.random, hashed.secretHash)).toBe(true);
    const hmac = (text: string): string => createHmac('sha256', PEPPER).update(text).digest('hex');
    expect(hashed.secretMac).toBe(hmac(secret.value));
    expect(hashed.pepperId).toBe(hmac('scim-token-pepper-id').slice(0, 16));
  });

  it('stores bcrypt alone without a pepper', async () => {
    const hashed = await hasher(null).hash(mintSecret('scim'));
    expect(hashed).toMatchObject({ secretMac: null, pepperId: null });
  });

  it('turns away what it could not hash within a few seconds, and nothing before', async () => {
    // How long each takes does not matter: none is done while these are asked for.
    const full = hasher(null, 4);
    const answers = await Promise.allSettled(
      Array.from({ length: 62 }, () => full.hash(mintSecret('scim'))),
    );
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(2);
    expect((refused[0] as PromiseRejectedResult).reason).toBeInstanceOf(ServiceUnavailableError);
    await expect(full.hash(mintSecret('scim'))).resolves.toBeDefined();
  });
});
