import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { ScimTokenSecret } from './scim-token-secret.entity';
import { ScimToken } from './scim-token.entity';

const KEY = { primaryKeyConstraintName: 'pk_scim_token_access_tokens' };
const TOKEN = { foreignKeyConstraintName: 'fk_scim_token_access_tokens_token' };
const SECRET = { foreignKeyConstraintName: 'fk_scim_token_access_tokens_secret' };

/** What the token endpoint issued: a value that lives an hour or so, and dies with what it was got by. */
@Entity({ name: 'scim_token_access_tokens' })
@Index('uq_scim_token_access_tokens_lookup_id', ['lookupId', 'tenantId'], { unique: true })
@Index('uq_all_scim_token_access_tokens_lookup_id', ['lookupId'], { unique: true })
@Index('ix_scim_token_access_tokens_token', ['tenantId', 'tokenId', 'issuedAt'])
@Index('ix_scim_token_access_tokens_expires', ['expiresAt'])
export class ScimTokenAccessToken {
  @PrimaryColumn('varchar', { name: 'tenant_id', length: 255, ...KEY })
  tenantId: string;

  @PrimaryColumn('uuid', KEY)
  id: string;

  @Column('uuid', { name: 'token_id' })
  tokenId: string;

  @ManyToOne(() => ScimToken, { onDelete: 'CASCADE' })
  @JoinColumn([
    { name: 'tenant_id', referencedColumnName: 'tenantId', ...TOKEN },
    { name: 'token_id', referencedColumnName: 'id', ...TOKEN },
  ])
  token?: ScimToken;

  /** The client secret that it was got with; null where an assertion was. */
  @Column('uuid', { name: 'secret_id', nullable: true })
  secretId: string | null;

  @ManyToOne(() => ScimTokenSecret, { onDelete: 'CASCADE', nullable: true })
  @JoinColumn([
    { name: 'tenant_id', referencedColumnName: 'tenantId', ...SECRET },
    { name: 'secret_id', referencedColumnName: 'id', ...SECRET },
  ])
  secret?: ScimTokenSecret | null;

  /** Where a presented value is found. */
  @Column('varchar', { name: 'lookup_id', length: 64 })
  lookupId: string;

  /** SHA-256 of the whole value, in hex: 190 random bits need no slower hash. */
  @Column('varchar', { name: 'value_hash', length: 64, select: false })
  valueHash: string;

  @Column('varchar', { name: 'last_four', length: 4 })
  lastFour: string;

  /** What was granted; what the token may still do of it counts. */
  @Column('text', { name: 'scopes', array: true })
  scopes: string[];

  @Column({ type: 'timestamptz', name: 'issued_at', precision: 3 })
  issuedAt: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3 })
  expiresAt: Date;
}
