import { Injectable } from '@nestjs/common';
import { Clock } from '../core/clock';
import type { FailureHint } from '../core/refusal';
import { readAssertion, type Assertion } from '../oauth/assertions/assertion';
import { CLAIM_CHECKS, presentedTo } from '../oauth/assertions/assertion-claims';
import { AssertionVerifier } from '../oauth/assertions/assertion-verifier';
import { ClientAuthentication, requireUsable } from '../oauth/client-authentication';
import { ClientsRepository, ownerOf, type OAuthClient } from '../oauth/clients.repository';
import { grantFor } from '../oauth/grant';
import { OAuthError } from '../oauth/oauth-error';
import { stepsUpTo, type Decision, type Step } from './decision';

/** A request for an access token, as far as the assertion and its token decide it. */
export interface PresentedAssertion {
  readonly tenantId: string;
  readonly assertion: string;
  readonly ip: string | null;
  /** Scopes that are asked for; undefined or none for all that the token has. */
  readonly scopes: readonly string[] | undefined;
}

/** A check of an assertion. What was expected and what came stand where the two are compared. */
export interface AssertionStep extends Step {
  readonly expected?: string | null;
  readonly came?: string | null;
}

/** The check behind each hint of a refused assertion, in their order. */
const CHECK_OF = new Map<FailureHint, string>([
  ['assertion_malformed', 'form'],
  ['unknown', 'lookup'],
  ...CLAIM_CHECKS.map(({ hint, name }) => [hint, name] as const),
  ['assertion_key', 'key'],
  ['assertion_signature', 'signature'],
  ['revoked', 'revoked'],
  ['expired', 'expired'],
  ['disabled', 'enabled'],
  ['ip_not_allowed', 'network'],
  ['invalid_scope', 'scope'],
]);
const CHECKS = [...CHECK_OF.values()];

/** Most tokens that an assertion is held against. */
const MAX_CLIENTS = 100;

/** Says what the token endpoint would say to an assertion, by its own checks. No access token is made. */
@Injectable()
export class AssertionExplainer {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly authentication: ClientAuthentication,
    private readonly verifier: AssertionVerifier,
    private readonly clock: Clock,
  ) {}

  /**
   * Holds it against each workload identity of the tenant: which it is meant for, an assertion does not say.
   *
   * @returns what the one says that accepts it, or else the one that comes furthest
   * @throws ServiceUnavailableError where the key that it names cannot be had at the moment
   */
  async explain(asked: PresentedAssertion): Promise<Decision<AssertionStep>> {
    const assertion = readAssertion(asked.assertion);
    if (!assertion) return refusedAt('assertion_malformed');
    let furthest = refusedAt('unknown');
    for (const client of await this.clients.findWorkloadIdentities(asked.tenantId, MAX_CLIENTS)) {
      const decision = await this.against(client, assertion, asked);
      if (decision.hint === null) return decision;
      if (decision.steps.length > furthest.steps.length) furthest = decision;
    }
    return furthest;
  }

  private async against(
    client: OAuthClient,
    { claims }: Assertion,
    asked: PresentedAssertion,
  ): Promise<Decision<AssertionStep>> {
    const hint = await this.hintOf(client, asked);
    const expected = this.verifier.expectedOf(client);
    const steps = stepsTo(hint, (check, ok) => {
      const claim = CLAIM_CHECKS.find(({ name }) => name === check);
      if (!claim || !expected) return { check, ok, detail: null };
      const compared = { expected: claim.expects(expected), came: presentedTo(claim, claims) };
      return { check, ok, detail: null, ...compared };
    });
    return { steps, hint, owner: ownerOf(client) };
  }

  /** Null where an access token would be issued. */
  private async hintOf(
    client: OAuthClient,
    { assertion, ip, scopes }: PresentedAssertion,
  ): Promise<FailureHint | null> {
    const now = this.clock.now();
    const scope = scopes?.length ? scopes.join(' ') : undefined;
    try {
      await this.authentication.requireAssertion(assertion, client);
      requireUsable(client, ip, now);
      grantFor(client, scope, now);
      return null;
    } catch (error) {
      if (error instanceof OAuthError && error.refusal) return error.refusal.hint;
      throw error;
    }
  }
}

function refusedAt(hint: FailureHint): Decision<AssertionStep> {
  const steps = stepsTo(hint, (check, ok) => ({ check, ok, detail: null }));
  return { steps, hint, owner: null };
}

function stepsTo(
  hint: FailureHint | null,
  stepOf: (check: string, ok: boolean) => AssertionStep,
): AssertionStep[] {
  const refusing = hint === null ? null : CHECK_OF.get(hint);
  if (refusing === undefined) throw new Error(`No check of an assertion says ${String(hint)}`);
  return stepsUpTo(refusing, CHECKS, stepOf);
}
