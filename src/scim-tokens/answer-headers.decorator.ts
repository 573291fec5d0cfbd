import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type IncomingRequest, pathOf } from '../http/incoming-request';
import type { ScimTokenResponse } from './dto/scim-token.response';
import { isTokenAnswer, versionOf } from './dto/token-answers';
import { entityTag } from './precondition';

/** What Express's response and Fastify's reply have in common, as far as we use it. */
interface OutgoingResponse {
  header(name: string, value: string): unknown;
}

/** Sets the headers that tell of what an answer holds. */
export class AnswerHeaders {
  constructor(
    private readonly request: IncomingRequest,
    private readonly response: OutgoingResponse,
  ) {}

  /** Sets `ETag`, and hands the token back. */
  tagged<Token extends ScimTokenResponse>(token: Token): Token {
    // Express would answer 304 by itself, and hide that the token was used since: its use leaves the tag.
    delete this.request.headers['if-none-match'];
    this.response.header('ETag', entityTag(versionOf(token)));
    return token;
  }

  /** Sets `ETag` where what was found is a token, and hands it back. */
  found<Answer extends object>(answer: Answer): Answer {
    return isTokenAnswer(answer) ? this.tagged(answer) : answer;
  }

  /** Sets `ETag` and `Location`. */
  created<Token extends ScimTokenResponse>(token: Token): Token {
    return this.tagged(this.located(token));
  }

  /** Sets `Location` below the path that was posted to, under whatever prefix. */
  located<Made extends { readonly id: string }>(made: Made): Made {
    const { originalUrl, url } = this.request;
    const collection = pathOf(originalUrl ?? url).replace(/\/$/, '');
    this.response.header('Location', `${collection}/${made.id}`);
    return made;
  }
}

/** Hands the handler the means to set headers. No interceptor: decision 7 has what one costs a read. */
export const TokenHeaders = createParamDecorator((_: unknown, execution: ExecutionContext) => {
  const http = execution.switchToHttp();
  return new AnswerHeaders(http.getRequest(), http.getResponse());
});
