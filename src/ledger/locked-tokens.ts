import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../core/request-context';
import { ScimTokenNotFoundError } from '../core/scim-tokens.errors';
import { ScimTokensRepository } from '../scim-tokens/scim-tokens.repository';
import type { LockedToken } from '../core/token-row';
import { TenantTransactions, type TenantTransaction } from './tenant-transaction';

/** Changes single tokens under their tenant's lock. */
@Injectable()
export class LockedTokens {
  constructor(
    private readonly repository: ScimTokensRepository,
    private readonly transactions: TenantTransactions,
  ) {}

  /**
   * Runs `work` on a token in scope, in a transaction that holds its tenant's lock.
   *
   * @param uuid the token's UUID
   * @throws ScimTokenNotFoundError for whatever is not a token in scope
   */
  async change<Result>(
    { scope }: RequestContext,
    uuid: string,
    work: (transaction: TenantTransaction, row: LockedToken) => Promise<Result>,
  ): Promise<Result> {
    const tenantId = await this.repository.findTenant(scope, uuid);
    if (tenantId === null) throw new ScimTokenNotFoundError();
    return this.transactions.run(tenantId, async (transaction) => {
      const row = await this.repository.findLocked(transaction, tenantId, uuid);
      if (!row) throw new ScimTokenNotFoundError();
      // Even where nothing changes: what another instance changed may not have been heard here yet.
      transaction.evict(uuid);
      return work(transaction, row);
    });
  }
}
