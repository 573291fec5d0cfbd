import { readFileSync } from 'node:fs';
import { isAtMost } from './checks';

/** Most characters of a tenant id. */
export const TENANT_ID_MAX = 255;

/** Whether a value can be a tenant's id: 1 to 255 characters that PostgreSQL can hold. */
export function isTenantId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.isWellFormed() &&
    !value.includes('\0') &&
    isAtMost(value, TENANT_ID_MAX)
  );
}

/** A customer, as the directory knows it. */
export interface Tenant {
  /** Opaque, 1 to 255 characters, such as `tnt_a`. */
  readonly id: string;
  /** For people. */
  readonly name?: string;
  /** The partner that looks after it, if any. */
  readonly partner_id?: string;
  /** Longest lifetime of its tokens in days, 1 to 3650; the configured one without it. */
  readonly max_ttl_days?: number;
  /** Most tokens that are neither revoked nor expired, 1 to 100,000; the configured number without it. */
  readonly max_active?: number;
}

type Answer<Value> = Value | Promise<Value>;

/** Which tenants exist, and whose they are. A port: a host brings its own. */
export abstract class TenantDirectory {
  /** A tenant by its id, or null where there is none. */
  abstract find(tenantId: string): Answer<Tenant | null>;

  /** The ids of a partner's tenants; none for an unknown partner. */
  abstract tenantIdsOfPartner(partnerId: string): Answer<readonly string[]>;
}

/** No directory: every tenant exists and no partner has any. Closed, not open, where it matters. */
export class OpenTenantDirectory extends TenantDirectory {
  find(tenantId: string): Tenant {
    return { id: tenantId };
  }

  tenantIdsOfPartner(): readonly string[] {
    return [];
  }
}

/** The tenants of a JSON file: `{"tenants": [{"id", "name", "partner_id", "max_ttl_days", "max_active"}]}`. */
export class FileTenantDirectory extends TenantDirectory {
  private readonly byId: ReadonlyMap<string, Tenant>;
  private readonly idsByPartner = new Map<string, string[]>();

  constructor(tenants: readonly Tenant[]) {
    super();
    this.byId = new Map(tenants.map((tenant) => [tenant.id, tenant]));
    for (const { id, partner_id: partner } of tenants) {
      if (partner === undefined) continue;
      const ids = this.idsByPartner.get(partner) ?? [];
      this.idsByPartner.set(partner, [...ids, id]);
    }
  }

  /**
   * Reads the file once.
   *
   * @throws Error that names the entry that is wrong
   */
  static load(path: string): FileTenantDirectory {
    let file: unknown;
    try {
      file = JSON.parse(readFileSync(path, 'utf8'));
    } catch (error) {
      throw new Error(`it cannot be read as JSON: ${(error as Error).message}`);
    }
    const tenants = (file as { tenants?: unknown } | null)?.tenants;
    if (!Array.isArray(tenants)) {
      throw new Error('it takes {"tenants": [{"id", "name", "partner_id"}]}');
    }
    const ids = new Set<string>();
    const checked = tenants.map((entry: unknown, index) => {
      const tenant = tenantFrom(entry, `tenants[${index}]`);
      if (ids.has(tenant.id)) {
        throw new Error(`tenants[${index}].id stands there twice`);
      }
      ids.add(tenant.id);
      return tenant;
    });
    return new FileTenantDirectory(checked);
  }

  find(tenantId: string): Tenant | null {
    return this.byId.get(tenantId) ?? null;
  }

  tenantIdsOfPartner(partnerId: string): readonly string[] {
    return this.idsByPartner.get(partnerId) ?? [];
  }
}

const FIELDS = ['id', 'name', 'partner_id', 'max_ttl_days', 'max_active'];
/** Upper ends of the limits a tenant may have of its own. */
const LIMITS = { max_ttl_days: 3650, max_active: 100_000 } as const;

function tenantFrom(entry: unknown, where: string): Tenant {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw new Error(`${where} takes an object`);
  }
  const unknown = Object.keys(entry).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw new Error(`${where}.${unknown} is not known`);
  const fields = entry as Readonly<Record<string, unknown>>;
  const { id, name, partner_id: partner } = fields;
  if (!isTenantId(id)) throw new Error(`${where}.id takes a string of 1 to 255 characters`);
  if (name !== undefined && typeof name !== 'string')
    throw new Error(`${where}.name takes a string`);
  if (partner !== undefined && !isTenantId(partner)) {
    throw new Error(`${where}.partner_id takes a string of 1 to 255 characters`);
  }
  return {
    id,
    ...(name !== undefined && { name }),
    ...(partner !== undefined && { partner_id: partner }),
    ...limit('max_ttl_days', fields, where),
    ...limit('max_active', fields, where),
  };
}

function limit(
  name: keyof typeof LIMITS,
  fields: Readonly<Record<string, unknown>>,
  where: string,
): Partial<Record<keyof typeof LIMITS, number>> {
  const { [name]: value } = fields;
  if (value === undefined) return {};
  const max = LIMITS[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max) {
    throw new Error(`${where}.${name} takes an integer from 1 to ${max}`);
  }
  return { [name]: value };
}
