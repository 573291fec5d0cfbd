import { Injectable } from '@nestjs/common';
import { Clock } from '../core/clock';
import { SecretEndedError } from '../core/errors';
import { type Doer, type TenantScope } from '../core/request-context';
import { hasEnded, type StoredSetupLink } from '../core/setup-link';
import { Ledger } from '../ledger/ledger';
import { revokeSetupLinks } from '../ledger/setup-links';
import { toSetupLink, type SetupLinkResponse } from '../setup/links/setup-link.response';
import { SetupLinksRepository } from '../setup/links/setup-links.repository';

/** Secrets of setup links that turned up where they should not. */
@Injectable()
export class LeakedLinks {
  constructor(
    private readonly links: SetupLinksRepository,
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  /** The link in scope with this secret, one that has ended, too. */
  find(value: string, scope: TenantScope): Promise<StoredSetupLink | null> {
    return this.links.findAnyBySecret(value, scope);
  }

  /** A link as answers show it. */
  answer(link: StoredSetupLink): SetupLinkResponse {
    return toSetupLink(link, this.clock.now());
  }

  /** Whether a link's secret opens nothing any more. */
  isDead(link: StoredSetupLink): boolean {
    return hasEnded(link, this.clock.now());
  }

  /**
   * Revokes a link whose secret turned up; what it made lives on.
   *
   * @throws SecretEndedError where it had ended already, but for one that was revoked
   */
  async end(by: Doer, link: StoredSetupLink, reason: string): Promise<SetupLinkResponse> {
    if (link.revoked_at !== null) return this.answer(link);
    if (this.isDead(link)) throw new SecretEndedError();
    return this.ledger.write(link.tenant_id, by, async (transaction) => {
      await revokeSetupLinks(transaction, [link.id], {
        leaked: { from: null, to: true },
        reason: { from: null, to: reason },
      });
      const { now, actor } = transaction;
      return toSetupLink({ ...link, revoked_at: now, revoked_by: actor }, now);
    });
  }
}
