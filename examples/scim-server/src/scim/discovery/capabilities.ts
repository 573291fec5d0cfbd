import type { ScimCapabilities } from 'nest-scim-tokens';
import { MAX_PAGE_SIZE } from '../protocol/list-query';

/** What this server can do, RFC 7643 §5; endpoint-info tells administrators the same. */
export const CAPABILITIES: ScimCapabilities = {
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: MAX_PAGE_SIZE },
  change_password: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
};
