import type { TenantTransaction } from '../ledger/tenant-transaction';

/** Most that one transaction of a scan does of a kind: a tenant's other writes wait that long. */
export const SCAN_BATCH = 200;

/** Something that is due by time alone. */
export interface ScanTask {
  /** The tenants for which there is something to do. */
  dueTenants(now: Date): Promise<string[]>;
  /**
   * Does up to {@link SCAN_BATCH} of it for the locked tenant. What it finds due it must also mark as done,
   * in the same statement: several instances may have listed the same tenant.
   *
   * @returns how many; {@link SCAN_BATCH} where there may be more
   */
  work(transaction: TenantTransaction, tenantId: string, now: Date): Promise<number>;
}
