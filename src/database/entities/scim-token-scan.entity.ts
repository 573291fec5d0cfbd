import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Stands for the tenant of what belongs to none: no tenant's id is empty. */
export const NO_TENANT = '';

/** Since when the scan has run, in one row for all instances: they come and go. */
@Entity({ name: 'scim_token_scan' })
export class ScimTokenScan {
  /** {@link NO_TENANT}: the table is distributed as the others are. */
  @PrimaryColumn('varchar', {
    name: 'tenant_id',
    length: 255,
    primaryKeyConstraintName: 'pk_scim_token_scan',
  })
  tenantId: string;

  /** When it began to run as often as it should; a longer gap begins it anew. */
  @Column({ type: 'timestamptz', name: 'running_since', precision: 3 })
  runningSince: Date;

  @Column({ type: 'timestamptz', name: 'last_run_at', precision: 3 })
  lastRunAt: Date;
}
