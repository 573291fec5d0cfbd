import { Injectable } from '@nestjs/common';
import type { Language } from '../core/languages';
import { heldTenant, type RequestContext } from '../core/request-context';
import { failureText } from '../endpoint-info/texts/failure-text';
import { headerFrom } from '../http/authorization';
import type { SetupExplanationResponse } from './setup-explain.dto';
import { ValueExplainer } from './value-explainer';

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
    // Whence the provider will send it, the page does not know.
    if (hint === null || hint === 'ip_not_allowed') {
      return { accepted: true, hint: null, text: null };
    }
    return { accepted: false, hint, text: failureText(hint, language) };
  }
}
