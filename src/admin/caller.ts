import type { Claims } from '../core/admin-authentication';
import { InsufficientPermissionsError, PlatformScopeRequiredError } from '../core/errors';
import { isTenantId } from '../core/tenant-directory';

/** Who asks, as the verified admin JWT says. */
export type Caller = { readonly sub: string; readonly scopes: readonly string[] } & (
  | { readonly kind: 'platform' }
  | { readonly kind: 'super_admin' }
  | { readonly kind: 'resource_server' }
  | { readonly kind: 'partner_admin'; readonly partnerId: string }
  | { readonly kind: 'tenant_admin'; readonly tenantId: string }
);

const AUTHENTICATION = Symbol('scim-tokens.authentication');

/** Under one key that no host uses: each new property makes a request slower. */
type AuthenticatedRequest = object & {
  [AUTHENTICATION]?: { readonly claims: Claims; caller: Caller | null };
};

/** Leaves the claims of a verified JWT on the request. */
export function setClaims(request: AuthenticatedRequest, claims: Claims): void {
  request[AUTHENTICATION] = { claims, caller: null };
}

/** The claims of a request that has passed the JWT guard. */
export function claimsOf(request: AuthenticatedRequest): Claims {
  return authenticationOf(request).claims;
}

/** The claims, where the request came so far. */
export function claimsIfAny(request: AuthenticatedRequest): Claims | undefined {
  return request[AUTHENTICATION]?.claims;
}

/** Leaves the caller on the request. */
export function setCaller(request: AuthenticatedRequest, caller: Caller): void {
  authenticationOf(request).caller = caller;
}

/** The caller of a request that has passed all guards. */
export function callerOf(request: AuthenticatedRequest): Caller {
  const { caller } = authenticationOf(request);
  if (!caller) throw new Error('The request did not pass the guards');
  return caller;
}

function authenticationOf(
  request: AuthenticatedRequest,
): NonNullable<AuthenticatedRequest[typeof AUTHENTICATION]> {
  const authentication = request[AUTHENTICATION];
  if (!authentication) throw new Error('The request carries no verified JWT');
  return authentication;
}

/**
 * Works out the caller from the claims. A claim of a wrong type is never read around: whoever signed
 * it meant something else.
 *
 * @throws InsufficientPermissionsError for claims of a wrong type, and roles that mean nothing here
 */
export function callerFrom(claims: Claims): Caller {
  const { sub, role, tenantId, partnerId, scopes, isPlatform } = checked(claims);
  if (isPlatform) return { kind: 'platform', sub, scopes };
  if (role === 'super_admin') return { kind: 'super_admin', sub, scopes };
  if (role === 'partner_admin' && isTenantId(partnerId)) {
    return { kind: 'partner_admin', sub, scopes, partnerId };
  }
  if (role === 'tenant_admin' && isTenantId(tenantId)) {
    return { kind: 'tenant_admin', sub, scopes, tenantId };
  }
  throw new InsufficientPermissionsError();
}

/** Scope of programs that check tokens for their own routes. */
const INTROSPECT = 'scim:introspect';
/** Scopes of which a platform token needs one to introspect. */
const PLATFORM_INTROSPECT = [INTROSPECT, 'admin:read', 'admin:write'];

/**
 * Works out who asks about a token. A JWT without a role is a resource server's, which may ask about
 * every tenant's.
 *
 * @throws InsufficientPermissionsError, PlatformScopeRequiredError for whoever may not ask
 */
export function introspectorFrom(claims: Claims): Caller {
  const { sub, scopes, isPlatform } = checked(claims);
  const isResourceServer = claims.role === undefined && !isPlatform;
  const caller: Caller = isResourceServer
    ? { kind: 'resource_server', sub, scopes }
    : callerFrom(claims);
  if (caller.kind === 'super_admin') return caller;
  if (caller.kind === 'platform') {
    if (PLATFORM_INTROSPECT.some((scope) => scopes.includes(scope))) return caller;
    throw new PlatformScopeRequiredError();
  }
  if (!scopes.includes(INTROSPECT)) throw new InsufficientPermissionsError();
  return caller;
}

/** The claims with their types checked. */
function checked(claims: Claims) {
  return {
    sub: claims.sub,
    role: optional(claims.role, isText),
    tenantId: optional(claims.tenant_id, isText),
    partnerId: optional(claims.partner_id, isText),
    scopes: optional(claims.scope, isText)?.split(' ') ?? [],
    isPlatform: optional(claims.platform_token, isBoolean) ?? false,
  };
}

/** A claim that is null counts as absent. */
function optional<Type>(claim: unknown, is: (value: unknown) => value is Type): Type | undefined {
  if (claim === undefined || claim === null) return undefined;
  if (!is(claim)) throw new InsufficientPermissionsError();
  return claim;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}
