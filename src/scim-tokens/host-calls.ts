import { TenantNotAllowedError } from '../core/errors';
import { toIpAddress } from '../core/ip-address';
import { tenants, type RequestContext } from '../core/request-context';
import { isTenantId } from '../core/tenant-directory';
import { validateInput } from '../http/validation/validate-input';
import type { InputContexts } from '../http/validation/input-context';
import type { InputSource } from '../http/validation/input-invalid.error';
import type { CreateScimTokenDto } from './dto/create-scim-token.dto';
import type { ListScimTokensQueryDto } from './dto/list-scim-tokens-query.dto';
import type { RotateScimTokenDto } from './dto/rotate-scim-token.dto';
import type { UpdateScimTokenDto } from './dto/update-scim-token.dto';
import type { ListCursor } from './list/list-cursor';

/** Longest actor and user agent that are kept, in UTF-16 units, and longest request id. */
const ACTOR_MAX = 255;
const USER_AGENT_MAX = 512;
const REQUEST_ID_MAX = 128;

/** Who calls, for which tenant, and from where. */
export interface AdminCall {
  /** Who the audit trail says it was: 1 to 255 characters; null where nobody asked for it. */
  readonly actor: string | null;
  /** The tenant whose tokens it is about; no other tenant's are seen. */
  readonly tenantId: string;
  readonly ip?: string | null;
  readonly userAgent?: string | null;
  readonly requestId?: string | null;
}

/**
 * The context of a call that a host makes itself, without HTTP. Whether its user may act for the tenant is
 * for the host to know.
 *
 * @throws TypeError for a tenant or an actor that cannot be one
 */
export function adminContext({
  actor,
  tenantId,
  ip,
  userAgent,
  requestId,
}: AdminCall): RequestContext {
  if (!isTenantId(tenantId)) throw new TypeError('tenantId takes 1 to 255 characters');
  if (actor !== null && (actor === '' || actor.length > ACTOR_MAX)) {
    throw new TypeError(`actor takes 1 to ${ACTOR_MAX} characters, or null`);
  }
  return Object.freeze({
    actor,
    scope: tenants(tenantId),
    tenant: Object.freeze({ id: tenantId, known: true, orphanedTokens: null }),
    ip: toIpAddress(ip),
    userAgent: userAgent?.slice(0, USER_AGENT_MAX) ?? null,
    requestId: requestId?.slice(0, REQUEST_ID_MAX) ?? null,
  });
}

/** The fields of an input, times as `Date` or as text with an offset, cursors as they were answered. */
type Given<Input> = {
  readonly [Field in keyof Input]: Extract<Input[Field], Date | ListCursor> extends never
    ? Input[Field]
    : Input[Field] | string;
};

/** What a new token is made of; its tenant is the context's. */
export type NewScimToken = Given<Omit<CreateScimTokenDto, 'tenant_id'>>;
/** What of a token to change; what is left out stays. */
export type ScimTokenChanges = Given<UpdateScimTokenDto>;
/** How to rotate a token. */
export type ScimTokenRotation = Given<RotateScimTokenDto>;
/** Which page of which tokens. */
export type ScimTokenQuery = Given<Partial<Omit<ListScimTokensQueryDto, 'tenant_id'>>>;

/**
 * Input that HTTP brought as it is, for it was validated there; a host's by the same rules.
 *
 * @throws InputInvalidError with all that is wrong
 * @throws TenantNotAllowedError where it names another tenant than the context
 */
export async function checkedInput<Dto extends object>(
  dto: new () => Dto,
  input: object,
  source: InputSource,
  { tenant }: RequestContext,
  contexts: InputContexts,
): Promise<Dto> {
  if (input instanceof dto) return input;
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  const value = Object.fromEntries(given.map(([field, one]) => [field, asSent(one)]));
  if ((value.tenant_id ?? tenant?.id) !== tenant?.id) throw new TenantNotAllowedError();
  return validateInput(
    dto,
    { source, value, ...(source === 'body' && { fields: () => Object.keys(value) }) },
    await contexts.of(tenant?.id ?? null, tenant === null),
  );
}

function asSent(value: unknown): unknown {
  if (!(value instanceof Date)) return value;
  return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
}
