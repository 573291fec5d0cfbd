import { Injectable } from '@nestjs/common';
import { Clock } from '../core/clock';
import { ScimTokenRefusedError, type TokenOwner } from '../core/refusal';
import type { TenantScope } from '../core/request-context';
import { readAuthorization } from '../http/authorization';
import {
  CHECKS,
  checkOfValue,
  hintOfHeader,
  objectionTo,
  type Asked,
  type CheckName,
} from '../verification/checks';
import { SecretLookup } from '../verification/secret-lookup';
import type { SecretState } from '../verification/secret-state';
import { choiceWithin, isChosen } from '../verification/tenant-choice';
import { stepsUpTo, type Decision } from './decision';
import { detailOf, type Seen } from './value-details';

/** A request as a SCIM route would get it. */
export type Presented = Asked & {
  /** The tenant whose routes it is made at. */
  readonly tenantId: string;
  /** The whole header. */
  readonly authorization: string;
};

/** Says what the verifier would say to a header, by its own checks. Nothing is counted of it, as a use or a failure. */
@Injectable()
export class ValueExplainer {
  constructor(
    private readonly lookup: SecretLookup,
    private readonly clock: Clock,
  ) {}

  /**
   * @param reach the tenants whose tokens may be spoken of: another tenant's value is as good as nobody's
   * @throws ServiceUnavailableError where the check cannot be made at the moment; and whatever the database throws
   */
  async explain(reach: TenantScope, { authorization, ...asked }: Presented): Promise<Decision> {
    const now = this.clock.now().getTime();
    const read = readAuthorization(sentAs(authorization));
    if (read.kind !== 'bearer') {
      const steps = stepsUpTo('header', CHECKS, (check, ok) => ({ check, ok, detail: null }));
      return { steps, hint: hintOfHeader(read), owner: null };
    }
    const { value } = read;
    const found = await this.find(value, asked, reach);
    const decide = (
      refusing: CheckName | null,
      { hint, owner }: Pick<Decision, 'hint' | 'owner'>,
      state: SecretState | null,
    ): Decision => {
      const seen: Seen = { value, state, asked };
      const steps = stepsUpTo(refusing, CHECKS, (check, ok) => ({
        check,
        ok,
        detail: detailOf(check, ok, seen),
      }));
      return { steps, hint, owner };
    };
    if (found instanceof ScimTokenRefusedError) {
      return decide(checkOfValue(found.reason, value), found, null);
    }
    const objection = objectionTo(found, asked, now);
    return decide(objection?.check ?? null, { hint: objection?.hint ?? null, owner: found }, found);
  }

  /** The state, or why there is none that the caller may hear of. */
  private async find(
    value: string,
    asked: Asked,
    reach: TenantScope,
  ): Promise<SecretState | ScimTokenRefusedError> {
    const mayHearOf = ({ tenantId }: TokenOwner): boolean =>
      isChosen(choiceWithin(reach), tenantId);
    try {
      const state = await this.lookup.findAnew(value, asked);
      return mayHearOf(state) ? state : this.lookup.refusalOfNobodys(value);
    } catch (error) {
      if (!(error instanceof ScimTokenRefusedError)) throw error;
      const { owner } = error;
      return !owner || mayHearOf(owner) ? error : this.lookup.refusalOfNobodys(value);
    }
  }
}

const BLANK = ' \t\r\n';

/** As HTTP hands a header on (RFC 9110 §5.5): what was copied with it from its line does not count. */
function sentAs(header: string): string {
  let [start, end] = [0, header.length];
  while (start < end && BLANK.includes(header.charAt(start))) start += 1;
  while (start < end && BLANK.includes(header.charAt(end - 1))) end -= 1;
  return header.slice(start, end);
}
