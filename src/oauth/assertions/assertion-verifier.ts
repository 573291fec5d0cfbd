import type { KeyObject } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { verify } from 'jsonwebtoken';
import { Clock } from '../../core/clock';
import { ServiceUnavailableError } from '../../core/errors';
import { ResolvedScimTokensOptions } from '../../core/scim-tokens.options';
import type { StoredToken } from '../../core/token';
import { acceptedAudiences, scimHostOf, type StoredTrust } from '../../core/trust';
import { TrustedIssuers } from '../../core/trusted-issuers';
import type { WantedKey } from '../../jwks/remote-jwks';
import { readAssertion, type Assertion } from './assertion';
import { presentedClaims, wrongClaim, type ExpectedClaims } from './assertion-claims';
import { AssertionRefusedError } from './assertion-refused.error';
import { IssuersKeys } from './issuers-keys';

/** A token that may trust somebody. */
type Trusting = Pick<StoredToken, 'tenant_id' | 'trust'>;

/** Holds assertions against what a token trusts, RFC 7523 §3. */
@Injectable()
export class AssertionVerifier {
  private readonly logger = new Logger(AssertionVerifier.name);

  constructor(
    private readonly issuers: TrustedIssuers,
    private readonly keys: IssuersKeys,
    private readonly clock: Clock,
    @Inject(ResolvedScimTokensOptions)
    private readonly options: Pick<ResolvedScimTokensOptions, 'baseUrlTemplate'>,
  ) {}

  /**
   * Returns where the assertion proves that its sender is whom the token trusts. Claims come first: whoever
   * cannot even say the right ones makes us ask for no key.
   *
   * @throws AssertionRefusedError for the token's administrators; a caller is told nothing of it
   * @throws ServiceUnavailableError where the key that it names cannot be had at the moment
   */
  async verify(text: string, token: Trusting): Promise<void> {
    const assertion = readAssertion(text);
    const expected = this.expectedOf(token);
    if (!assertion || !expected) throw new AssertionRefusedError('assertion_malformed');
    const { trust, tenant } = expected;
    const wanted = wantedKey(assertion, trust, tenant);
    const hint = wrongClaim(assertion.claims, expected);
    if (hint !== null) {
      const key = this.keys.keptOf(trust.issuer)?.atHand(wanted) ?? null;
      const isSigned = key !== null && isSignedBy(text, key, assertion);
      throw new AssertionRefusedError(hint, isSigned ? presentedClaims(assertion.claims) : null);
    }
    const key = await this.keyFor(wanted, trust);
    if (!isSignedBy(text, key, assertion)) throw new AssertionRefusedError('assertion_signature');
  }

  /** What the claims of a token's assertions must be; null for a token that trusts nobody. */
  expectedOf({ tenant_id: tenantId, trust }: Trusting): ExpectedClaims | null {
    if (!trust) return null;
    const scimHost = scimHostOf(this.options.baseUrlTemplate, tenantId);
    return {
      trust,
      audiences: acceptedAudiences(trust.audience, scimHost),
      tenant: this.issuers.tenantOf(trust.issuer),
      now: this.clock.now().getTime() / 1000,
    };
  }

  private async keyFor(wanted: WantedKey, { issuer }: StoredTrust): Promise<KeyObject> {
    const set = this.keys.of(issuer);
    if (!set) {
      this.logger.warn('A token trusts an issuer that the configuration no longer does');
      throw new ServiceUnavailableError();
    }
    const key = set.known(wanted) ?? (await set.keyFor(wanted));
    if (key) return key;
    if (set.isFailing) throw new ServiceUnavailableError(set.retryAfterSeconds);
    throw new AssertionRefusedError('assertion_key');
  }
}

/** A key that says whose it is must be the issuer's; Entra's say `{tenantid}` for any tenant's. */
function wantedKey(
  { alg, kid }: Assertion,
  { issuer }: StoredTrust,
  tenant: string | null,
): WantedKey {
  return {
    alg,
    kid,
    isOfIssuer: (named) =>
      typeof named === 'string' &&
      (tenant === null ? named : named.replaceAll('{tenantid}', tenant)) === issuer,
  };
}

function isSignedBy(text: string, key: KeyObject, { alg }: Assertion): boolean {
  try {
    verify(text, key, { algorithms: [alg], ignoreExpiration: true, ignoreNotBefore: true });
    return true;
  } catch {
    return false;
  }
}
