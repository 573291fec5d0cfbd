import { Injectable, type PipeTransform } from '@nestjs/common';
import type { VerifiedScimToken } from 'nest-scim-tokens';
import { ScimBaseUrl } from '../scim-base-url';
import type { ScimContext } from '../protocol/scim-context';

/** Makes of a verified token the context that everything below the handlers works in. */
@Injectable()
export class ScimContextPipe implements PipeTransform<VerifiedScimToken, ScimContext> {
  constructor(private readonly baseUrl: ScimBaseUrl) {}

  transform({ tenantId }: VerifiedScimToken): ScimContext {
    return { tenantId, base: this.baseUrl.of(tenantId) };
  }
}
