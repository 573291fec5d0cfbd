import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../core/request-context';
import { NoRotationError, ScimTokenRevokedError } from '../core/errors';
import { TenantPolicies } from '../core/tenant-policies';
import { type LockedToken, tokenStatus } from '../core/token';
import { uuidOf } from '../core/token-id';
import { Ledger } from '../ledger/ledger';
import type { LedgerTransaction } from '../ledger/ledger-transaction';
import {
  cancelRotation,
  completeRotations,
  endAccessTokensOf,
  previousSecret,
  type PreviousSecret,
} from '../ledger/rotation';
import type { ScimTokenResponse } from '../scim-tokens/dto/scim-token.response';
import { TokenAnswers } from '../scim-tokens/dto/token-answers';
import type { CompleteRotationDto } from './complete-rotation.dto';

/** The end of a rotation that is under way, one way or the other; its start is the tokens' own. */
@Injectable()
export class RotationService {
  constructor(
    private readonly ledger: Ledger,
    private readonly policies: TenantPolicies,
    private readonly answers: TokenAnswers,
  ) {}

  /**
   * Ends the old secret now; the access tokens that it got run out, unless they are to end with it.
   *
   * @throws ScimTokenNotFoundError, ScimTokenRevokedError, NoRotationError
   */
  async complete(
    context: RequestContext,
    id: string,
    { end_access_tokens: endAccessTokens = false }: Readonly<CompleteRotationDto> = {},
  ): Promise<ScimTokenResponse> {
    return this.ledger.change(context, uuidOf(id), async (transaction, row) => {
      const previous = await underWay(transaction, row);
      const secret = { tokenId: row.id, secretId: previous.id };
      const changes = endAccessTokens ? await endAccessTokensOf(transaction, secret) : {};
      const rotated = [{ ...row, previous_id: previous.id }];
      const [completed = row] = await completeRotations(transaction, rotated, changes);
      return this.answers.of(completed, transaction.now);
    });
  }

  /**
   * Ends the new secret now: the old one is current again, with the expiry the token had.
   *
   * @throws ScimTokenNotFoundError, ScimTokenRevokedError, NoRotationError, TooManyActiveTokensError
   */
  async cancel(context: RequestContext, id: string): Promise<ScimTokenResponse> {
    return this.ledger.change(context, uuidOf(id), async (transaction, row) => {
      const { now } = transaction;
      const previous = await underWay(transaction, row);
      if (tokenStatus(row, now) === 'expired' && previous.former_expires_at > now) {
        await transaction.requireRoom((await this.policies.of(row.tenant_id)).maxActive);
      }
      return this.answers.of(await cancelRotation(transaction, row, previous), now);
    });
  }
}

async function underWay(transaction: LedgerTransaction, row: LockedToken): Promise<PreviousSecret> {
  if (row.revoked_at) throw new ScimTokenRevokedError();
  const previous = await previousSecret(transaction, row.id);
  if (!previous) throw new NoRotationError();
  return previous;
}
