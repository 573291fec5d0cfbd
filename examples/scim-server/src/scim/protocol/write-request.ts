import type { RawQuery } from './list-query';
import type { Precondition } from './precondition';

/** What a write takes beside its body. */
export interface WriteRequest {
  readonly condition: Precondition;
  readonly query: RawQuery;
}
