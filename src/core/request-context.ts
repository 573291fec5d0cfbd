import { TenantNotFoundError } from './errors';

/**
 * The tenants a request may act for. Goes into the WHERE of every statement that touches a token:
 * nothing loads a row first and then asks whose it is.
 */
export type TenantScope =
  { readonly kind: 'all' } | { readonly kind: 'tenants'; readonly tenantIds: readonly string[] };

/** Every tenant. */
export const ALL_TENANTS: TenantScope = Object.freeze({ kind: 'all' });

/** The named tenants alone; an empty list allows nothing. */
export function tenants(...tenantIds: readonly string[]): TenantScope {
  return Object.freeze({ kind: 'tenants', tenantIds: Object.freeze([...tenantIds]) });
}

/** The tenant a request names, or the one its caller belongs to. */
export interface SelectedTenant {
  readonly id: string;
  /** Whether the tenant directory knows it. */
  readonly known: boolean;
  /** Of one that it does not know: its tokens that are not revoked, null where our tables hold nothing of it. */
  readonly orphanedTokens: number | null;
}

/** Who asks, for which tenants: the first argument of every service call. Immutable. */
export interface RequestContext {
  /** The admin JWT's `sub`, or null where no admin acts. */
  readonly actor: string | null;
  readonly scope: TenantScope;
  /** Null where the request names no tenant and its caller may act for several. */
  readonly tenant: SelectedTenant | null;
  /** The client's address, IPv4-mapped addresses as IPv4. */
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
}

/** Who did something, and from where. */
export type Doer = Pick<RequestContext, 'actor' | 'ip' | 'userAgent' | 'requestId'>;

/** The doer of what is due by time alone. */
export const NOBODY_ASKED: Doer = Object.freeze({
  actor: null,
  ip: null,
  userAgent: null,
  requestId: null,
});

const CONTEXT = Symbol('scim-tokens.context');

type ScopedRequest = object & { [CONTEXT]?: RequestContext };

/** Leaves the context on its request. */
export function setContext(request: ScopedRequest, context: RequestContext): void {
  request[CONTEXT] = Object.freeze(context);
}

/** The context, where the request came so far. */
export function contextIfAny(request: ScopedRequest): RequestContext | undefined {
  return request[CONTEXT];
}

/** The context of a request; one without has no business here. */
export function contextOf(request: ScopedRequest): RequestContext {
  const context = request[CONTEXT];
  if (!context) throw new Error('The tenant scope of this request was not worked out');
  return context;
}

/**
 * The tenant that a request is about, and that is given something.
 *
 * @throws TenantNotFoundError where it names none, or one that the directory does not know
 */
export function requireTenant({ tenant }: RequestContext): SelectedTenant {
  if (!tenant?.known) throw new TenantNotFoundError();
  return tenant;
}

/**
 * The tenant of a request that reads or ends what there is: also one that is gone from the directory,
 * and whose tokens must not live on unseen.
 *
 * @throws TenantNotFoundError where it names none, or one that neither the directory nor our tables know
 */
export function heldTenant(context: RequestContext): SelectedTenant {
  const { tenant } = context;
  return tenant && tenant.orphanedTokens !== null ? tenant : requireTenant(context);
}
