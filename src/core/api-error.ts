import { HttpException, type HttpExceptionOptions } from '@nestjs/common';

/**
 * An answer that a caller is meant to see, in the API's terms. An exception of Nest's, so that it has its
 * status and its body `{detail}` wherever it ends: also in a host's own route, under Nest's own filter.
 */
export abstract class ApiError extends HttpException {
  /** Stable name of the kind of error. */
  abstract readonly code: string;

  /**
   * @param detail what the caller is told; never holds a secret
   * @param headers response headers that belong to the answer; Nest's own filter leaves them out
   */
  constructor(
    status: number,
    readonly detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
    options?: HttpExceptionOptions,
  ) {
    super({ detail }, status, options);
    this.message = detail;
  }
}

/** What was asked for is not there, or not there for this caller. */
export abstract class NotFoundError extends ApiError {
  constructor(detail: string) {
    super(404, detail);
  }
}

/** The state of things does not allow the change. */
export abstract class ConflictError extends ApiError {
  constructor(detail: string) {
    super(409, detail);
  }
}
