import { Injectable, Logger, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { clientIp } from '../../common/http/client-ip';
import type { IncomingRequest } from '../../common/http/incoming-request';
import type { ScimScope } from '../scim-token.constants';
import { ResolvedScimTokensOptions } from '../scim-tokens.options';
import { answerToRefusal } from './answer-to-refusal';
import { setVerifiedToken } from './current-scim-token.decorator';
import { REQUIRED_SCOPES } from './scim-scopes.decorator';
import { ScimTokenVerifier } from './scim-token.verifier';

type ScimRequest = IncomingRequest & { readonly params: Readonly<Record<string, string>> };

/**
 * Lets SCIM requests pass whose bearer token is good for the tenant in the route and has the scopes that
 * {@link RequireScimScopes} names. The tenant is the route parameter `tenant_id`, or the one that the option
 * `tenantParam` names. Handlers get the token by {@link CurrentScimToken}.
 *
 * Every refusal is the same 401; a missing scope is 403, our own trouble 503. A guarded route without
 * the parameter or the decorator stops the app's start.
 *
 * @example
 * ```ts
 * @Controller('tenants/:tenant_id/scim/v2/Users')
 * @UseGuards(ScimTokenGuard)
 * export class UsersController {
 *   @Get()
 *   @RequireScimScopes('users:read')
 *   list(@CurrentScimToken() token: VerifiedScimToken) {}
 * }
 * ```
 */
@Injectable()
export class ScimTokenGuard implements CanActivate {
  private readonly logger = new Logger(ScimTokenGuard.name);

  constructor(
    private readonly verifier: ScimTokenVerifier,
    private readonly reflector: Reflector,
    private readonly options: ResolvedScimTokensOptions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const request = context.switchToHttp().getRequest<ScimRequest>();
    const tenantId = request.params[this.options.tenantParam];
    const scopes = this.reflector.getAllAndOverride<readonly ScimScope[] | undefined>(
      REQUIRED_SCOPES,
      [context.getHandler(), context.getClass()],
    );
    if (tenantId === undefined || scopes === undefined) {
      throw new Error('A route under ScimTokenGuard needs its tenant parameter and its scopes');
    }
    try {
      const token = await this.verifier.verifyAuthorization(request.headers.authorization, {
        tenantId,
        scopes,
        ip: clientIp(request),
        userAgent: request.headers['user-agent'],
      });
      setVerifiedToken(request, token);
      return true;
    } catch (error) {
      throw answerToRefusal(error, request, scopes, this.logger);
    }
  }
}
