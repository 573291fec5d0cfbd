import { randomUUID } from 'node:crypto';
import { SystemClock } from '../../src/core/clock';
import type { StoredTrust } from '../../src/core/trust';
import { TrustedIssuers, type TrustedIssuer } from '../../src/core/trusted-issuers';
import { AssertionVerifier } from '../../src/oauth/assertions/assertion-verifier';
import { AssertionRefusedError } from '../../src/oauth/assertions/assertion-refused.error';
import { IssuersKeys } from '../../src/oauth/assertions/issuers-keys';
import type { IssuerKeys } from './issuer-keys';

export const APP = 'c0ffee12-7a4b-4d19-9e35-6b8d0a1f2c43';
export const SUBJECT = '8e2b4f60-3c17-4d8a-b5f9-0a7c6e1d9b24';

/** A token that trusts an Entra tenant of its own, and what an assertion for it says. */
export class Trusting {
  readonly tenant = randomUUID();
  readonly trust: StoredTrust;
  readonly token: { readonly tenant_id: string; readonly trust: StoredTrust };

  constructor(trust: Partial<StoredTrust> = {}) {
    this.trust = {
      issuer: `https://login.microsoftonline.com/${this.tenant}/v2.0`,
      subject: SUBJECT,
      audience: `api://${APP}/.default`,
      tenant_id: null,
      authorized_party: null,
      ...trust,
    };
    this.token = { tenant_id: 'tnt_a', trust: this.trust };
  }

  /** Claims as Entra sends them, in seconds from now where they are times. */
  claims(changes: object = {}): object {
    const now = Math.floor(Date.now() / 1000);
    return {
      aud: APP,
      iss: this.trust.issuer,
      iat: now - 300,
      nbf: now - 300,
      exp: now + 3600,
      azp: APP,
      azpacr: '2',
      oid: this.trust.subject,
      sub: this.trust.subject,
      tid: this.tenant,
      uti: randomUUID(),
      ver: '2.0',
      ...changes,
    };
  }
}

/** A verifier that finds Entra's keys at the stand-in. */
export function verifierOf(
  keys: IssuerKeys,
  more: readonly TrustedIssuer[] = [],
): AssertionVerifier {
  const issuers = new TrustedIssuers({ issuers: [...keys.issuers, ...more] });
  return new AssertionVerifier(issuers, new IssuersKeys(issuers), new SystemClock(), {
    baseUrlTemplate: 'https://www.scim.example.com/{tenant_id}/v2',
  });
}

/** What becomes of an assertion: `taken`, the hint of its refusal, or the status of an error. */
export async function outcome(verification: Promise<void>): Promise<string | number> {
  try {
    await verification;
    return 'taken';
  } catch (error) {
    if (error instanceof AssertionRefusedError) return error.hint;
    return (error as { getStatus(): number }).getStatus();
  }
}
