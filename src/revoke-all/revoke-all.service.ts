import { Injectable } from '@nestjs/common';
import { heldTenant, type RequestContext } from '../core/request-context';
import { Ledger } from '../ledger/ledger';
import { revokeSetupLinks } from '../ledger/setup-links';
import type { RevokeAllDto, RevokeAllResponse } from './revoke-all.dto';

/** Ends every token of a tenant at once, for an incident. */
@Injectable()
export class RevokeAllService {
  constructor(private readonly ledger: Ledger) {}

  /**
   * Revokes what is not revoked yet, expired and disabled tokens too, in one transaction: a token made
   * meanwhile was made before, and is revoked, or after. Setup links end, too: they could make another.
   *
   * @throws TenantNotFoundError
   */
  async revokeAll(
    context: RequestContext,
    { reason }: Readonly<RevokeAllDto>,
  ): Promise<RevokeAllResponse> {
    const revoked = await this.ledger.write(
      heldTenant(context).id,
      context,
      async (transaction) => {
        await revokeSetupLinks(transaction, 'all');
        return transaction.revoke('all', reason);
      },
    );
    return { revoked: revoked.length };
  }
}
