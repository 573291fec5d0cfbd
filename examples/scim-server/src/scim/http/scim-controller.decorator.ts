import { applyDecorators, Controller, UseFilters, UseGuards } from '@nestjs/common';
import { CurrentScimToken, ScimTokenGuard } from 'nest-scim-tokens';
import { ScimContextPipe } from './scim-context.pipe';
import { ScimExceptionFilter } from './scim-exception.filter';

/** A controller below a tenant's SCIM base, behind the token guard, that fails as SCIM says. */
export const ScimController = (path = ''): ClassDecorator =>
  applyDecorators(
    Controller(`api/v1/tenants/:tenant_id/scim/v2/${path}`),
    UseGuards(ScimTokenGuard),
    UseFilters(ScimExceptionFilter),
  );

/** For whom the request is answered: the token's tenant. */
export const CurrentScimContext = (): ParameterDecorator => CurrentScimToken(ScimContextPipe);
