import { applyDecorators, UseFilters, UseGuards } from '@nestjs/common';
import { SETUP_TAG } from '../../admin/admin-api.decorator';
import { RestOfBodyGuard } from '../../admin/admin.guards';
import { ApiExceptionFilter } from '../../http/api-exception.filter';
import { EnabledGuard } from '../../http/enabled.guard';
import { ApiBearerAuth, ApiTags } from '../../http/openapi-decorators';
import { BodyLimitGuard } from '../../http/request-body';
import { SETUP_LINK_SECRET, SetupLinkGuard } from './setup-link.guard';

/** What the setup page calls, with the secret of its link: no cookie, and so nothing to forge a request with. */
export const SetupApi = () =>
  applyDecorators(
    UseGuards(EnabledGuard('setup'), BodyLimitGuard, SetupLinkGuard, RestOfBodyGuard),
    UseFilters(ApiExceptionFilter),
    ApiTags(SETUP_TAG),
    ApiBearerAuth(SETUP_LINK_SECRET),
  );
