import { Injectable } from '@nestjs/common';
import type { Language } from '../core/languages';
import type { FailureHint } from '../core/refusal';
import { heldTenant, type RequestContext } from '../core/request-context';
import { failureText } from '../endpoint-info/texts/failure-text';
import { headerFrom } from '../http/authorization';
import type { SetupExplanationResponse } from './setup-explain.dto';
import { ValueExplainer } from './value-explainer';

/** Whence the provider will send it, the page does not know. */
const NOT_OF_THE_HEADER: readonly (FailureHint | null)[] = ['ip_not_allowed'];

/** Explains headers to the holder of a setup link. */
@Injectable()
export class SetupExplainer {
  constructor(private readonly values: ValueExplainer) {}

  /**
   * Speaks of the link's own tenant alone: another tenant's value is as good as nobody's.
   *
   * @throws ServiceUnavailableError where the check cannot be made at the moment
   */
  async explain(
    context: RequestContext,
    copied: string,
    language: Language,
  ): Promise<SetupExplanationResponse> {
    const { id: tenantId } = heldTenant(context);
    const asked = { tenantId, authorization: headerFrom(copied) };
    const { hint } = await this.values.explain(context.scope, asked);
    if (hint === null || NOT_OF_THE_HEADER.includes(hint)) {
      return { accepted: true, hint: null, text: null };
    }
    return { accepted: false, hint, text: failureText(hint, language) };
  }
}
