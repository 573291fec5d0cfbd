import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { PresentedClaims } from '../../core/refusal';
import { ScimTokenSetupLink } from './scim-token-setup-link.entity';

const KEY = { primaryKeyConstraintName: 'pk_scim_token_setup_failures' };
const LINK = { foreignKeyConstraintName: 'fk_scim_token_setup_failures_link' };

/**
 * Failed checks of a tenant since the newest value of one of its setup links was made: apart from
 * `scim_token_auth_failures`, whose hours do not begin where a value does.
 */
@Entity({ name: 'scim_token_setup_failures' })
export class ScimTokenSetupFailure {
  @PrimaryColumn('varchar', { name: 'tenant_id', length: 255, ...KEY })
  tenantId: string;

  @PrimaryColumn('uuid', { name: 'link_id', ...KEY })
  linkId: string;

  /** A key of `FAILURE_HINTS`. */
  @PrimaryColumn('varchar', { name: 'hint', length: 32, ...KEY })
  hint: string;

  /** When the value was made since which they are counted: the link's newest, or these are past. */
  @Column({ type: 'timestamptz', name: 'value_made_at', precision: 3 })
  valueMadeAt: Date;

  @Column('bigint')
  count: string;

  @Column({ type: 'timestamptz', name: 'first_at', precision: 3 })
  firstAt: Date;

  @Column({ type: 'timestamptz', name: 'last_at', precision: 3 })
  lastAt: Date;

  /** What a signed assertion of the link's own token last said; null where none was. */
  @Column('jsonb', { name: 'last_claims', nullable: true })
  lastClaims: PresentedClaims | null;

  @ManyToOne(() => ScimTokenSetupLink, { onDelete: 'CASCADE' })
  @JoinColumn([
    { name: 'tenant_id', referencedColumnName: 'tenantId', ...LINK },
    { name: 'link_id', referencedColumnName: 'id', ...LINK },
  ])
  link?: ScimTokenSetupLink;
}
