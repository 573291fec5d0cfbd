import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Who an event is for: the receiver of webhooks, or the host's listener. */
export type OutboxTarget = 'webhook' | 'listener';

const KEY = { primaryKeyConstraintName: 'pk_scim_token_outbox' };

/** An event that a target has not taken yet; the row goes when it has. */
@Entity({ name: 'scim_token_outbox' })
@Index('ix_scim_token_outbox_due', ['target', 'nextTryAt'], { where: '(dead_at IS NULL)' })
@Check('ck_scim_token_outbox_target', "target IN ('webhook', 'listener')")
export class ScimTokenOutbox {
  @PrimaryColumn('varchar', { name: 'tenant_id', length: 255, ...KEY })
  tenantId: string;

  /** UUID v7; the same for both targets and every try. */
  @PrimaryColumn('uuid', { name: 'event_id', ...KEY })
  eventId: string;

  @PrimaryColumn('varchar', { name: 'target', length: 16, ...KEY })
  target: OutboxTarget;

  @Column('varchar', { name: 'type', length: 64 })
  type: string;

  /** The event as JSON text, byte for byte as it is sent. */
  @Column('text', { name: 'body' })
  body: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt: Date;

  /** Tries begun so far. */
  @Column('integer', { name: 'tries' })
  tries: number;

  /** When it may be tried (again); during a try, when that try counts as lost. */
  @Column({ type: 'timestamptz', name: 'next_try_at', precision: 3 })
  nextTryAt: Date;

  @Column('varchar', { name: 'last_error', length: 200, nullable: true })
  lastError: string | null;

  /** When the last try failed: it is not tried again. */
  @Column({ type: 'timestamptz', name: 'dead_at', precision: 3, nullable: true })
  deadAt: Date | null;
}
