import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/clock';
import { ALL_TENANTS, type TenantScope } from '../../core/request-context';
import {
  hasEnded,
  SETUP_LINK_COLUMNS,
  type SetupLinkStatus,
  type StoredSetupLink,
} from '../../core/setup-link';
import type { OwnDataSource } from '../../database/own-statements';
import { InjectScimTokensDataSource } from '../../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../../database/table-names';
import { Where } from '../../database/where';
import { hasDigest, parseSetupSecret } from '../../secrets/scim-token.secret';

const COLUMNS = SETUP_LINK_COLUMNS.join(', ');

/** Which links a list shows; a filter that is undefined lets all pass. */
export interface SetupLinkFilter {
  readonly now: Date;
  readonly status?: SetupLinkStatus | undefined;
}

/** Which part of the list. */
export interface SetupLinkPage {
  readonly limit: number;
  readonly offset: number;
}

/** Reads setup links; they are written by tenant transactions alone. */
@Injectable()
export class SetupLinksRepository {
  private readonly tables: QualifiedTables;

  constructor(
    @InjectScimTokensDataSource() private readonly dataSource: OwnDataSource,
    private readonly clock: Clock,
  ) {
    this.tables = qualifiedTables(dataSource);
  }

  /** The link with this secret while it works; null for whatever is wrong, expired, revoked or done with. */
  async findBySecret(value: string): Promise<StoredSetupLink | null> {
    const link = await this.findAnyBySecret(value, ALL_TENANTS);
    return link && !hasEnded(link, this.clock.now()) ? link : null;
  }

  /** The link within the scope with this secret, one that has ended, too. */
  async findAnyBySecret(value: string, scope: TenantScope): Promise<StoredSetupLink | null> {
    const secret = parseSetupSecret(value);
    if (!secret) return null;
    const where = new Where().add('lookup_id =', secret.lookupId).scope('tenant_id', scope);
    const [row] = await this.dataSource.queryPrepared<
      (StoredSetupLink & { readonly value_hash: string })[]
    >(
      `SELECT ${COLUMNS}, value_hash FROM ${this.tables.setupLinks} ${where.text}`,
      where.parameters,
    );
    if (!row) return null;
    const { value_hash: valueHash, ...link } = row;
    return hasDigest(value, valueHash) ? link : null;
  }

  /** A link within the scope. */
  async find(scope: TenantScope, id: string): Promise<StoredSetupLink | null> {
    const where = new Where().add('id =', id).scope('tenant_id', scope);
    const [row] = await this.dataSource.query<StoredSetupLink[]>(
      `SELECT ${COLUMNS} FROM ${this.tables.setupLinks} ${where.text}`,
      where.parameters,
    );
    return row ?? null;
  }

  /** One page of the links within the scope, the newest first, and how many there are on all pages. */
  async list(
    scope: TenantScope,
    filter: SetupLinkFilter,
    { limit, offset }: SetupLinkPage,
  ): Promise<{ readonly rows: StoredSetupLink[]; readonly total: number }> {
    const where = matching(scope, filter);
    const [counted] = await this.dataSource.query<[{ total: number }]>(
      `SELECT count(*)::int AS total FROM ${this.tables.setupLinks} ${where.text}`,
      where.parameters,
    );
    if (counted.total <= offset) return { rows: [], total: counted.total };
    const rows = await this.dataSource.query<StoredSetupLink[]>(
      `SELECT ${COLUMNS} FROM ${this.tables.setupLinks} ${where.text}
       ORDER BY id DESC LIMIT ${where.use(limit)} OFFSET ${where.use(offset)}`,
      where.parameters,
    );
    return { rows, total: counted.total };
  }
}

/** As `statusOf` derives it. */
function matching(scope: TenantScope, { status, now }: SetupLinkFilter): Where {
  const where = new Where().scope('tenant_id', scope);
  if (status === undefined) return where;
  if (status === 'revoked') return where.set('revoked_at');
  where.unset('revoked_at');
  if (status === 'completed') return where.set('completed_at');
  where.unset('completed_at');
  if (status === 'expired') return where.add('expires_at <=', now);
  where.add('expires_at >', now);
  return status === 'used' ? where.set('used_at') : where.unset('used_at');
}
