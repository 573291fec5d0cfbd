import { countActive } from '../ledger/active-token-limit';
import { Injectable } from '@nestjs/common';
import { v7 as uuidV7 } from 'uuid';
import { Clock } from '../core/clock';
import { messageOf, typeOf, type ConstraintName } from '../http/validation/constraints';
import { knownTenant, type RequestContext } from '../core/request-context';
import { recordBy } from '../ledger/record';
import { creationOf } from '../ledger/token-changes';
import { NOBODY } from '../database/entities/scim-token-auth-failure.entity';
import { newToken } from '../scim-tokens/new-token';
import { TenantPolicies } from '../core/tenant-policies';
import { SecretHasher } from '../secrets/secret-hasher';
import { TenantTransactions, type TenantTransaction } from '../ledger/tenant-transaction';
import { toTokenId } from '../core/token-id';
import { rowError, type CheckedImportRow } from './import-input.pipe';
import { ImportRepository, type ImportedToken } from './import.repository';
import type { ImportResponse, ImportResultResponse } from './import-scim-tokens.dto';

/** Takes over tokens that were minted elsewhere, known by the SHA-256 of their values. */
@Injectable()
export class ImportService {
  constructor(
    private readonly imports: ImportRepository,
    private readonly transactions: TenantTransactions,
    private readonly clock: Clock,
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
    const tenant = knownTenant(context);
    const results = rows.some((row) => 'row' in row)
      ? await this.transactions.run(tenant.id, (transaction) =>
          this.importUnderLock(transaction, context, tenant.id, rows),
        )
      : rows.map(failedRow);
    const imported = results.filter(({ id }) => id !== undefined).length;
    return { imported, failed: results.length - imported, results };
  }

  private async importUnderLock(
    transaction: TenantTransaction,
    context: RequestContext,
    tenantId: string,
    rows: readonly CheckedImportRow[],
  ): Promise<ImportResultResponse[]> {
    const now = this.clock.now();
    const { maxActive: limit, defaultTtlDays } = await this.policies.of(tenantId);
    const digests = rows.flatMap((row) => ('row' in row ? [row.row.sha256] : []));
    const known = await this.imports.known(transaction, digests);
    let room = limit - (await countActive(transaction, tenantId, now));

    const accepted: ImportedToken[] = [];
    const results = rows.map((checked): ImportResultResponse => {
      if (!('row' in checked)) return failedRow(checked);
      const { index, row } = checked;
      if (known.has(row.sha256)) return refused(index, 'known_digest', [], 'sha256');
      if (room <= 0) return refused(index, 'too_many_active', [limit]);
      known.add(row.sha256);
      room -= 1;
      const token = newToken(
        {
          tenantId,
          actor: context.actor,
          now,
          defaultTtlDays,
          tokenPrefix: row.token_prefix ?? null,
          lastFour: row.last_four ?? null,
        },
        row,
      );
      const mac = this.hasher.mac(row.sha256);
      accepted.push({ token, digest: row.sha256, mac, secretId: uuidV7() });
      return { index, id: toTokenId(token.id) };
    });

    await this.imports.insert(transaction, accepted);
    for (const { token } of accepted) {
      recordBy(transaction, context, 'scim_token.created', token, now, {
        ...creationOf(token),
        format: { from: null, to: 'sha256' },
      });
      transaction.notify({ type: 'scim_token.created', at: now, token, actor: context.actor });
    }
    transaction.addListed(accepted.length);
    // Whoever presented such a value before was refused as unknown, which no longer holds.
    if (accepted.length > 0) transaction.evict(NOBODY);
    return results;
  }
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
