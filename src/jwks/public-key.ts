import type { KeyObject } from 'node:crypto';
import type { Algorithm } from 'jsonwebtoken';

const RSA_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
] as const satisfies readonly Algorithm[];

/** Every algorithm of a public key that we verify. */
export const PUBLIC_KEY_ALGORITHMS: readonly Algorithm[] = [...RSA_ALGORITHMS, 'ES256', 'ES384'];

/** Shortest RSA modulus in bits, RFC 7518 §3.3. */
const RSA_MIN_BITS = 2048;

/**
 * The algorithms a public key may verify, from the key itself and nothing else, so that a token's
 * header cannot pick another family. Empty for a key we do not take.
 */
export function algorithmsOfPublicKey(key: KeyObject): readonly Algorithm[] {
  if (key.type !== 'public') return [];
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') return modulusLength >= RSA_MIN_BITS ? RSA_ALGORITHMS : [];
  if (key.asymmetricKeyType !== 'ec') return [];
  if (namedCurve === 'prime256v1') return ['ES256'];
  if (namedCurve === 'secp384r1') return ['ES384'];
  return [];
}
