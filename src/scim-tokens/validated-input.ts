import {
  createParamDecorator,
  Injectable,
  mixin,
  type ExecutionContext,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { Clock } from '../common/clock';
import type { IncomingRequest } from '../common/http/incoming-request';
import { decodedBody, requireIdentityEncoding } from '../common/http/request-body';
import { parseQuery, validateInput, type RawInput } from '../common/validation';
import { contextOf } from '../tenancy/tenant-scope.interceptor';
import { ResolvedScimTokensOptions } from './scim-tokens.options';

/** Input as the request holds it, on its way to {@link validated}. */
interface TenantInput extends RawInput {
  /** Whether the input must name the tenant, since nothing else does. */
  readonly tenantRequired: boolean;
}

/**
 * The JSON body, read past the host's own pipes: those would strip what must be refused.
 *
 * @throws UnsupportedEncodingError, InputInvalidError, BodyNotParsableError
 */
export const JsonBody = createParamDecorator(
  (_: unknown, execution: ExecutionContext): TenantInput => {
    const request = execution.switchToHttp().getRequest<IncomingRequest>();
    requireIdentityEncoding(request);
    const body = decodedBody(request);
    if (!body.ok) throw body.error;
    const { value, fields } = body;
    return { source: 'body', value, fields, tenantRequired: contextOf(request).tenant === null };
  },
);

/** The query parameters as sent; of a repeated one the last. */
export const QueryInput = createParamDecorator(
  (_: unknown, execution: ExecutionContext): TenantInput => {
    const request = execution.switchToHttp().getRequest<IncomingRequest>();
    return {
      source: 'query',
      value: parseQuery(request.originalUrl ?? request.url),
      tenantRequired: contextOf(request).tenant === null,
    };
  },
);

/** Pipe that turns raw input into a DTO, or throws every error it has at once. */
export function validated(dto: new () => object): Type<PipeTransform> {
  @Injectable()
  class ValidatedInputPipe implements PipeTransform<TenantInput, object> {
    constructor(
      private readonly clock: Clock,
      private readonly options: ResolvedScimTokensOptions,
    ) {}

    transform({ tenantRequired, ...input }: TenantInput): object {
      return validateInput(dto, input, {
        now: this.clock.now(),
        maxTtlDays: this.options.maxTtlDays,
        tenantRequired,
      });
    }
  }
  return mixin(ValidatedInputPipe);
}
