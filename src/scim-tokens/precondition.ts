import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { IncomingRequest } from '../http/incoming-request';
import { TokenChangedError } from '../core/errors';

/** A token's strong entity tag. Counts the changes an administrator made: its use leaves it alone. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/** In which versions a token may be changed, as the caller says. */
export class Precondition {
  /** Holds for every version. */
  static readonly NONE = new Precondition(null);

  /** @param ifMatch the header `If-Match` (RFC 9110 §13.1.1); null where there is none */
  constructor(private readonly ifMatch: string | null) {}

  /**
   * A weak or malformed tag equals none: the comparison is the strong one.
   *
   * @throws TokenChangedError where the token is in another version
   */
  require(version: number): void {
    if (this.ifMatch === null || this.ifMatch.trim() === '*') return;
    // Our own tags hold no comma, and a foreign one that does cannot hold ours: it has no quotes inside.
    const tags = this.ifMatch.split(',').map((tag) => tag.trim());
    if (!tags.includes(entityTag(version))) throw new TokenChangedError();
  }
}

/** Hands the handler the request's `If-Match`. */
export const IfMatch = createParamDecorator(
  (_: unknown, execution: ExecutionContext): Precondition => {
    const { headers } = execution.switchToHttp().getRequest<IncomingRequest>();
    const ifMatch = headers['if-match'];
    return ifMatch === undefined ? Precondition.NONE : new Precondition(ifMatch);
  },
);
