import { toTokenId } from '../core/token';
import { Injectable } from '@nestjs/common';
import { requireTenant, type RequestContext } from '../core/request-context';
import { TenantPolicies } from '../core/tenant-policies';
import { messageOf, typeOf, type ConstraintName } from '../http/validation/constraints';
import { Ledger } from '../ledger/ledger';
import type { LedgerTransaction } from '../ledger/ledger-transaction';
import type { NewToken } from '../ledger/writes';
import { newToken } from '../scim-tokens/token-from-input';
import { SecretHasher } from '../secrets/secret-hasher';
import { rowError, type CheckedImportRow } from './import-input.pipe';
import type { ImportResponse, ImportResultResponse } from './import-scim-tokens.dto';

/** Takes over tokens that were minted elsewhere, known by the SHA-256 of their values. */
@Injectable()
export class ImportService {
  constructor(
    private readonly ledger: Ledger,
    private readonly policies: TenantPolicies,
    private readonly hasher: SecretHasher,
  ) {}

  /**
   * Imports the rows that are sound, in one transaction, and says of each what became of it.
   *
   * @throws TenantNotFoundError
   */
  async import(
    context: RequestContext,
    rows: readonly CheckedImportRow[],
  ): Promise<ImportResponse> {
    const tenant = requireTenant(context);
    const results = rows.some((row) => 'row' in row)
      ? await this.ledger.write(tenant.id, context, (transaction) =>
          this.importUnderLock(transaction, context.actor, rows),
        )
      : rows.map(failedRow);
    const imported = results.filter(({ id }) => id !== undefined).length;
    return { imported, failed: results.length - imported, results };
  }

  private async importUnderLock(
    transaction: LedgerTransaction,
    actor: string | null,
    rows: readonly CheckedImportRow[],
  ): Promise<ImportResultResponse[]> {
    const { now, tenantId } = transaction;
    const { maxActive: limit, defaultTtlDays } = await this.policies.of(tenantId);
    const digests = rows.flatMap((row) => ('row' in row ? [row.row.sha256] : []));
    const known = await lockDigests(transaction, digests);
    let room = limit - (await transaction.countActive());

    const accepted: NewToken[] = [];
    const results = rows.map((checked): ImportResultResponse => {
      if (!('row' in checked)) return failedRow(checked);
      const { index, row } = checked;
      if (known.has(row.sha256)) return refused(index, 'known_digest', [], 'sha256');
      if (room <= 0) return refused(index, 'too_many_active', [limit]);
      known.add(row.sha256);
      room -= 1;
      const lastFour = row.last_four ?? null;
      const tokenPrefix = row.token_prefix ?? null;
      const token = newToken({ tenantId, actor, now, defaultTtlDays, tokenPrefix, lastFour }, row);
      // A MAC of the digest: whoever can only write the database cannot put another in its place.
      const mac = this.hasher.mac(row.sha256);
      const secret = {
        format: 'sha256',
        lookupId: row.sha256,
        secretHash: null,
        lastFour,
      } as const;
      accepted.push({ token, secret: { ...secret, ...mac } });
      return { index, id: toTokenId(token.id) };
    });
    await transaction.create(accepted);
    return results;
  }
}

/** Most digests that are locked one by one: the server keeps a bounded number of locks for all its users. */
const LOCKED_ALONE_MAX = 100;

/**
 * Which of these digests there is a secret of, whosever it is; nobody else imports them until this commits.
 * Imports of few digests wait for each other only where they share one, one of many for all others.
 */
async function lockDigests(
  transaction: LedgerTransaction,
  digests: readonly string[],
): Promise<Set<string>> {
  const { secrets } = transaction.tables;
  const all = `imports into ${secrets}`;
  if (digests.length > LOCKED_ALONE_MAX) {
    await transaction.rows('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [all]);
  } else {
    await transaction.rows('SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))', [all]);
    // In one order, so that two imports never wait for each other.
    await transaction.rows(
      `SELECT pg_advisory_xact_lock(key) FROM (
         SELECT DISTINCT hashtextextended($1 || digest, 0) AS key FROM unnest($2::text[]) digest
         ORDER BY key) keys`,
      [all, digests],
    );
  }
  const rows = await transaction.rows<{ lookup_id: string }>(
    `SELECT lookup_id FROM ${secrets} WHERE lookup_id = ANY($1::text[])`,
    [digests],
  );
  return new Set(rows.map(({ lookup_id }) => lookup_id));
}

function failedRow(checked: CheckedImportRow): ImportResultResponse {
  if ('row' in checked) throw new Error('A sound row was not imported');
  const errors = checked.errors.map(({ loc, ...rest }) => ({ loc: [...loc], ...rest }));
  return { index: checked.index, errors };
}

function refused(
  index: number,
  constraint: ConstraintName,
  limits: readonly unknown[],
  field?: string,
): ImportResultResponse {
  return rowError(index, { msg: messageOf(constraint, limits), type: typeOf(constraint) }, field);
}
