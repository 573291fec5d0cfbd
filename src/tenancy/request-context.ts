import { TenantNotFoundError } from '../common/errors';
import type { TenantScope } from './tenant-scope';

/** The tenant a request names, or the one its caller belongs to. */
export interface SelectedTenant {
  readonly id: string;
  /** Whether the tenant directory knows it. */
  readonly known: boolean;
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
 * The tenant that a request is about.
 *
 * @throws TenantNotFoundError where it names none, or one that the directory does not know
 */
export function knownTenant({ tenant }: RequestContext): SelectedTenant {
  if (!tenant?.known) throw new TenantNotFoundError();
  return tenant;
}
