import { isScimScope } from '../core/token';
import { Injectable, Logger } from '@nestjs/common';
import type { RequestContext, TenantScope } from '../core/request-context';
import { logRefusal, ScimTokenRefusedError } from '../core/refusal';
import { ScimTokenVerifier } from '../verification/scim-token.verifier';
import { choiceWithin, type TenantChoice } from '../verification/tenant-choice';
import type { IntrospectionDto } from './introspection.dto';
import { activeToken, INACTIVE, type IntrospectionResponse } from './introspection.response';

/** Tells resource servers whether a token is good, RFC 7662. */
@Injectable()
export class IntrospectionService {
  private readonly logger = new Logger(IntrospectionService.name);

  constructor(private readonly verifier: ScimTokenVerifier) {}

  /**
   * @param fresh whether nothing that is remembered may answer
   * @throws ServiceUnavailableError where the check cannot be made at the moment
   */
  async introspect(
    { scope: tenants, requestId }: RequestContext,
    { token, tenant_id: tenantId, ip, user_agent: userAgent, scope }: Readonly<IntrospectionDto>,
    fresh: boolean,
  ): Promise<IntrospectionResponse> {
    const scopes = scope?.split(' ').filter(Boolean) ?? [];
    const choice = tenantChoice(tenants, tenantId);
    // No token has a scope that there is not.
    if (choice === null || !scopes.every(isScimScope)) return INACTIVE;
    try {
      const options = { ...choice, ip, userAgent, scopes, fresh };
      return activeToken(await this.verifier.verify(token, options));
    } catch (error) {
      if (!(error instanceof ScimTokenRefusedError)) throw error;
      logRefusal(error, requestId, this.logger);
      return INACTIVE;
    }
  }
}

/** Null where no tenant is both named and the caller's. */
function tenantChoice(tenants: TenantScope, named: string | undefined): TenantChoice | null {
  if (named === undefined) return choiceWithin(tenants);
  const isTheirs = tenants.kind === 'all' || tenants.tenantIds.includes(named);
  return isTheirs ? { tenantId: named } : null;
}
