import type { QueryRunner } from 'typeorm';
import { SETUP_LINK_COLUMNS, toLinkId, type StoredSetupLink } from '../core/setup-link';
import type { QualifiedTables } from '../database/table-names';
import type { Changes } from '../ledger/audit-chain';
import type { CheckedRow } from './chain-check';
import { isOlder } from './row-check';

/** A setup link whose row is not what its entries say. One that is gone opens nothing, and is not looked for. */
export interface LinkDifference {
  /** `row_inserted`: no entry tells of its creation. */
  readonly kind: 'row_altered' | 'row_inserted';
  /** The link's public id. */
  readonly linkId: string;
  /** The first column that differs; null where the row as a whole does. */
  readonly field: string | null;
}

/** Links that are read at a time. */
const BATCH = 500;
/** Later than any row. */
const END_OF_TIME = new Date(8.64e15);

/** What a link has where its first entry does not say otherwise. */
const UNSAID = {
  provider: null,
  auth_method: null,
  language: null,
  return_url: null,
  opened_at: null,
  completed_at: null,
  revoked_at: null,
  revoked_by: null,
  made_token_id: null,
};
/** Who makes tokens by a link. */
const HOLDER = 'setup:';

/** What a link's entries say of its row; a column that no entry told is not there. */
interface ExpectedLink {
  isWhole: boolean;
  readonly fields: Map<string, unknown>;
}

/** Compares a tenant's setup links with what its entries say. */
export class LinkCheck {
  private readonly links = new Map<string, ExpectedLink>();
  private firstAt: Date | null = null;

  /** Takes in the next entry of the chain. */
  note(row: CheckedRow): void {
    this.firstAt ??= row.at;
    if (row.type === 'scim_token.created' && row.actor?.startsWith(HOLDER)) {
      this.expected(row.actor.slice(HOLDER.length)).fields.set('made_token_id', row.token_id);
    }
    if (!row.type.startsWith('scim_token.setup_link_')) return;
    const { link_id: id, ...changes } = JSON.parse(row.changes) as Changes;
    const link = this.expected(String(id?.to));
    const set = (fields: object): void => {
      for (const [name, value] of Object.entries(fields)) link.fields.set(name, value);
    };
    if (row.type === 'scim_token.setup_link_created') {
      link.isWhole = true;
      const made = { created_at: row.at.toISOString(), created_by: row.actor ?? '' };
      set({ ...UNSAID, ...made, token_id: row.token_id });
    }
    if (row.type === 'scim_token.setup_link_revoked') set({ revoked_by: row.actor });
    set(Object.fromEntries(Object.entries(changes).map(([name, { to }]) => [name, to])));
  }

  /**
   * The first link that is not what the entries said, once all of them are taken in.
   *
   * @param isPruned whether the chain's first entries were removed
   */
  async difference(
    runner: QueryRunner,
    { setupLinks }: QualifiedTables,
    tenantId: string,
    isPruned: boolean,
  ): Promise<LinkDifference | null> {
    const trailBegan = isPruned ? (this.firstAt ?? END_OF_TIME) : null;
    for (let last: string | null = null, more = true; more;) {
      const rows = (await runner.query(
        `SELECT ${SETUP_LINK_COLUMNS.join(', ')} FROM ${setupLinks}
         WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT ${BATCH}`,
        [tenantId, last],
      )) as StoredSetupLink[];
      for (const row of rows) {
        const difference = this.differenceOf(row, trailBegan);
        if (difference) return difference;
      }
      last = rows.at(-1)?.id ?? null;
      more = rows.length === BATCH;
    }
    return null;
  }

  private differenceOf(row: StoredSetupLink, trailBegan: Date | null): LinkDifference | null {
    const linkId = toLinkId(row.id);
    const link = this.links.get(linkId);
    if (!link?.isWhole && !isOlder(row.created_at, trailBegan)) {
      return { kind: 'row_inserted', linkId, field: null };
    }
    const columns = row as unknown as Readonly<Record<string, unknown>>;
    for (const [field, value] of link?.fields ?? []) {
      // What else the trail says of it, such as why it was revoked, is no column.
      if (field in columns && JSON.stringify(columns[field]) !== JSON.stringify(value)) {
        return { kind: 'row_altered', linkId, field };
      }
    }
    return null;
  }

  private expected(id: string): ExpectedLink {
    const link = this.links.get(id) ?? { isWhole: false, fields: new Map<string, unknown>() };
    this.links.set(id, link);
    return link;
  }
}
