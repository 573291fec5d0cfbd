import type { ScimScope } from '../core/token';
import { Injectable, Logger, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingRequest } from '../http/incoming-request';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { admitRequest } from './admit-request';
import { REQUIRED_SCOPES } from './scim-route.decorators';
import { ScimTokenVerifier } from '../verification/scim-token.verifier';
import { UnreadScimBodies } from './scim-body-parsers';

type Scopes = readonly ScimScope[];
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
  private readonly unreadBodies = new UnreadScimBodies(this.logger);
  /** By controller and handler: reading metadata costs more than the check of a remembered token. */
  private readonly scopes = new WeakMap<object, WeakMap<object, Scopes>>();

  constructor(
    private readonly verifier: ScimTokenVerifier,
    private readonly reflector: Reflector,
    private readonly options: ResolvedScimTokensOptions,
  ) {}

  /** Route parameter in which it finds the tenant. */
  get tenantParam(): string {
    return this.options.tenantParam;
  }

  /**
   * Lets a request with a good token pass, which `@CurrentScimToken()` then hands over: at once, and not by
   * a promise, where the token is remembered.
   *
   * @throws an error that a filter of ours answers as RFC 7644 has it: 401, 403 without a scope, 503 without a
   *   database
   */
  canActivate(context: ExecutionContext): true | Promise<true> {
    const request = context.switchToHttp().getRequest<ScimRequest>();
    const tenantId = request.params[this.tenantParam];
    const scopes = this.scopesOf(context);
    if (tenantId === undefined || scopes === undefined) {
      throw new Error('A route under ScimTokenGuard needs its tenant parameter and its scopes');
    }
    const admitted = admitRequest(request, { tenantId, scopes }, this.verifier, this.logger);
    if (admitted !== true) return this.onceAdmitted(admitted, context);
    this.unreadBodies.watch(context);
    return true;
  }

  private async onceAdmitted(admitted: Promise<true>, context: ExecutionContext): Promise<true> {
    await admitted;
    this.unreadBodies.watch(context);
    return true;
  }

  private scopesOf(context: ExecutionContext): Scopes | undefined {
    const [handler, controller] = [context.getHandler(), context.getClass()];
    const known = this.scopes.get(controller)?.get(handler);
    if (known) return known;
    const scopes = this.reflector.getAllAndOverride<Scopes | undefined>(REQUIRED_SCOPES, [
      handler,
      controller,
    ]);
    if (scopes) {
      const handlers = this.scopes.get(controller) ?? new WeakMap<object, Scopes>();
      this.scopes.set(controller, handlers.set(handler, scopes));
    }
    return scopes;
  }
}
