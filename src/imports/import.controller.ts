import { applyDecorators, Controller, HttpCode, Post } from '@nestjs/common';
import { Access } from '../admin/admin.guards';
import { ApiErrors, success } from '../http/operation.docs';
import { UnreadBodyLimit } from '../http/request-body';
import { ApiBody, ApiOperation } from '../http/openapi-decorators';
import { Context, TenantFrom } from '../admin/tenant-scope';
import type { RequestContext } from '../core/request-context';
import { ADMIN_PATH, AdminApi, LIFECYCLE_TAG } from '../admin/admin-api.decorator';
import { JsonBody } from '../http/validated-input';
import { ImportInputPipe, type CheckedImportRow } from './import-input.pipe';
import { ImportResponse, ImportScimTokensDto } from './import-scim-tokens.dto';
import { ImportService } from './import.service';

const ImportDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'import_scim_tokens',
      summary: 'Import Scim Tokens',
      description:
        'Takes over tokens that were minted elsewhere, by the SHA-256 of their values. For super_admin and platform tokens.',
    }),
    ApiBody({ type: ImportScimTokensDto }),
    success(200, ImportResponse),
    ApiErrors(401, 403, 404, 413, 415, 429, 503),
  );

/** An import's rows do not fit into the body of the other operations. */
export const IMPORT_BODY_LIMIT_BYTES = 1024 ** 2;

/** Takes tokens over from elsewhere. */
@Controller(ADMIN_PATH)
@AdminApi(LIFECYCLE_TAG)
export class ImportController {
  constructor(private readonly service: ImportService) {}

  @Post('import')
  @ImportDocs()
  @Access('import')
  @TenantFrom('body')
  @UnreadBodyLimit(IMPORT_BODY_LIMIT_BYTES)
  @HttpCode(200)
  import(
    @Context() context: RequestContext,
    @JsonBody(ImportInputPipe) rows: readonly CheckedImportRow[],
  ): Promise<ImportResponse> {
    return this.service.import(context, rows);
  }
}
