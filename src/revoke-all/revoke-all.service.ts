import { Injectable } from '@nestjs/common';
import { Clock } from '../core/clock';
import { heldTenant, type RequestContext } from '../core/request-context';
import { recordBy } from '../ledger/record';
import { ScimTokensRepository } from '../scim-tokens/scim-tokens.repository';
import { TenantTransactions } from '../ledger/tenant-transaction';
import type { RevokeAllDto, RevokeAllResponse } from './revoke-all.dto';

/** Ends every token of a tenant at once, for an incident. */
@Injectable()
export class RevokeAllService {
  constructor(
    private readonly repository: ScimTokensRepository,
    private readonly transactions: TenantTransactions,
    private readonly clock: Clock,
  ) {}

  /**
   * Revokes what is not revoked yet, expired and disabled tokens too, in one transaction: a token made
   * meanwhile was made before, and is revoked, or after.
   *
   * @throws TenantNotFoundError
   */
  async revokeAll(
    context: RequestContext,
    { reason }: Readonly<RevokeAllDto>,
  ): Promise<RevokeAllResponse> {
    const tenant = heldTenant(context);
    const { actor } = context;
    return this.transactions.run(tenant.id, async (transaction) => {
      const at = this.clock.now();
      const tokens = await this.repository.revokeAll(transaction, tenant.id, { actor, at, reason });
      for (const token of tokens) {
        transaction.evict(token.id);
        recordBy(transaction, context, 'scim_token.revoked', token, at, {
          revoked_at: { from: null, to: at.toISOString() },
          revocation_reason: { from: null, to: reason },
        });
        transaction.notify({ type: 'scim_token.revoked', at, token, actor });
      }
      transaction.addListed(-tokens.length);
      return { revoked: tokens.length };
    });
  }
}
