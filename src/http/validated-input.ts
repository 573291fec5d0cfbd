import {
  createParamDecorator,
  Injectable,
  mixin,
  type ExecutionContext,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { parseQuery, strictFormFields } from './form';
import type { IncomingRequest } from './incoming-request';
import { decodedBody, requireIdentityEncoding } from './request-body';
import { InputContexts } from './validation/input-context';
import { validateInput, type RawInput } from './validation/validate-input';
import { contextOf } from '../core/request-context';

/** Input as the request holds it, on its way to {@link validated}. */
export interface TenantInput extends RawInput {
  /** Whether the input must name the tenant, since nothing else does. */
  readonly tenantRequired: boolean;
  /** The tenant the request is about; null where it does not say. */
  readonly tenantId: string | null;
}

/**
 * The JSON body, read past the host's own pipes: those would strip what must be refused.
 *
 * @throws UnsupportedEncodingError, InputInvalidError, BodyNotParsableError
 */
export const JsonBody = createParamDecorator(
  (_: unknown, execution: ExecutionContext): TenantInput => jsonInput(execution),
);

/** The same where every field may be left out, and with them the body. */
export const OptionalJsonBody = createParamDecorator(
  (_: unknown, execution: ExecutionContext): TenantInput => {
    const input = jsonInput(execution);
    return input.value === undefined ? { ...input, value: {} } : input;
  },
);

/**
 * The fields of a form, read past the host's own pipes.
 *
 * @throws UnsupportedEncodingError, UnsupportedContentTypeError
 */
export const FormBody = createParamDecorator(
  (_: unknown, execution: ExecutionContext): TenantInput => {
    const request = execution.switchToHttp().getRequest<IncomingRequest>();
    return {
      source: 'body',
      value: strictFormFields(request),
      tenantRequired: false,
      tenantId: null,
    };
  },
);

/** The query parameters as sent; of a repeated one the last. */
export const QueryInput = createParamDecorator(
  (_: unknown, execution: ExecutionContext): TenantInput => {
    const request = execution.switchToHttp().getRequest<IncomingRequest>();
    return {
      source: 'query',
      value: parseQuery(request.originalUrl ?? request.url),
      ...tenantOf(request),
    };
  },
);

/** Pipe that turns raw input into a DTO, or throws every error it has at once. */
export function validated(dto: new () => object): Type<PipeTransform> {
  @Injectable()
  class ValidatedInputPipe implements PipeTransform<TenantInput, object> {
    constructor(private readonly contexts: InputContexts) {}

    async transform({ tenantRequired, tenantId, ...input }: TenantInput): Promise<object> {
      return validateInput(dto, input, await this.contexts.of(tenantId, tenantRequired));
    }
  }
  return mixin(ValidatedInputPipe);
}

function jsonInput(execution: ExecutionContext): TenantInput {
  const request = execution.switchToHttp().getRequest<IncomingRequest>();
  requireIdentityEncoding(request);
  const body = decodedBody(request);
  if (!body.ok) throw body.error;
  const { value, fields } = body;
  return { source: 'body', value, fields, ...tenantOf(request) };
}

function tenantOf(request: IncomingRequest): Pick<TenantInput, 'tenantRequired' | 'tenantId'> {
  const { tenant } = contextOf(request);
  return { tenantRequired: tenant === null, tenantId: tenant?.id ?? null };
}
