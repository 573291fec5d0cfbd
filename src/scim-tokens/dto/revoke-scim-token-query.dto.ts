import { IsOmittable, IsText } from '../../http/validation/decorators';

/** Longest reason of a revocation, in characters. */
export const REASON_MAX = 1000;

/** Why a token is revoked. */
export class RevokeScimTokenQueryDto {
  @IsOmittable()
  @IsText({ max: REASON_MAX })
  reason?: string;
}
