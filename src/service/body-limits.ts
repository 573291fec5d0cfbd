import { BodyAllowance } from '../http/body-allowance';
import { STRANGER_BODY_BYTES, type BodyRoom } from '../http/raw-body.middleware';
import { ADMIN_PATH } from '../admin/admin-api.decorator';
import { IMPORT_BODY_LIMIT_BYTES } from '../imports/import.controller';
import { DEFAULT_EXTRAS } from '../core/scim-tokens.extras';

/** An import's rows do not fit into the body of the other operations. */
const IMPORT_PATH = `/${ADMIN_PATH}/import`;
/** Takes bodies of anyone. */
const REVOKE_PATH = `/${DEFAULT_EXTRAS.publicPath}/revoke`;

/** Bytes of bodies in memory at once: of callers that are not known yet, and of known ones beside them. */
const STRANGERS_BYTES = 32 * 1024 ** 2;
const CALLERS_BYTES = 64 * 1024 ** 2;

/**
 * What each path takes, and all of them together.
 *
 * @param limitBytes the configured limit
 */
export function bodyRoom(limitBytes: number): BodyRoom {
  const limits: Readonly<Record<string, number>> = {
    [IMPORT_PATH]: Math.max(limitBytes, IMPORT_BODY_LIMIT_BYTES),
    [REVOKE_PATH]: Math.min(limitBytes, STRANGER_BODY_BYTES),
  };
  return {
    limitOf: (path) => limits[path.replace(/\/$/, '')] ?? limitBytes,
    strangers: new BodyAllowance(STRANGERS_BYTES),
    callers: new BodyAllowance(CALLERS_BYTES),
  };
}
