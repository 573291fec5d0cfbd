import { createRequire } from 'node:module';
import type * as Swagger from '@nestjs/swagger';

/** Says nothing, as there is no document to say it in. */
const silent = (): ClassDecorator & MethodDecorator & PropertyDecorator => () => undefined;

const SILENT = {
  ApiBearerAuth: silent,
  ApiBody: silent,
  ApiConsumes: silent,
  ApiExcludeController: silent,
  ApiHeader: silent,
  ApiOperation: silent,
  ApiParam: silent,
  ApiProperty: silent,
  ApiQuery: silent,
  ApiResponse: silent,
  ApiSchema: silent,
  ApiTags: silent,
};

type Decorators = Pick<typeof Swagger, keyof typeof SILENT>;

/** What describes our API in a Swagger document. A host without @nestjs/swagger has none, and need not install it. */
export const {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiExcludeController,
  ApiHeader,
  ApiOperation,
  ApiParam,
  ApiProperty,
  ApiQuery,
  ApiResponse,
  ApiSchema,
  ApiTags,
}: Decorators = installed() ?? SILENT;

function installed(): Decorators | null {
  const requireFromHere = createRequire(__filename);
  try {
    requireFromHere.resolve('@nestjs/swagger');
  } catch {
    return null;
  }
  return requireFromHere('@nestjs/swagger') as Decorators;
}
