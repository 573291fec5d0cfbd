import type * as Swagger from '@nestjs/swagger';
import { createRequire } from 'node:module';
import type { Type } from '@nestjs/common';

/** Says nothing, as there is no document to say it in. */
const silent = (): ClassDecorator & MethodDecorator & PropertyDecorator => () => undefined;

const SILENT = new Proxy({}, { get: () => silent }) as typeof Swagger;

/** What describes our API in a Swagger document. A host without @nestjs/swagger has none, and need not install it. */
export const {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiExcludeController,
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  ApiParam,
  ApiProperty,
  ApiQuery,
  ApiResponse,
  ApiSchema,
  ApiTags,
  getSchemaPath,
}: typeof Swagger = installed() ?? SILENT;

function installed(): typeof Swagger | null {
  const requireFromHere = createRequire(__filename);
  try {
    requireFromHere.resolve('@nestjs/swagger');
  } catch {
    return null;
  }
  return requireFromHere('@nestjs/swagger') as typeof Swagger;
}

/** Keys under which @nestjs/swagger keeps what its decorators say of a handler. */
const RESPONSES = 'swagger/apiResponse';
const PARAMETERS = 'swagger/apiParameters';
const EXTRA_MODELS = 'swagger/apiExtraModels';

type Handler = (...args: unknown[]) => unknown;
type Described = Readonly<Record<string, unknown>>;

/**
 * Leaves schemas out of what a Swagger document says of a mounted controller: paths, parameters, status
 * codes and their texts stay. Its handlers become its own for that, since the metadata lies on them and
 * another registration may want the whole.
 */
export function describeWithoutSchemas(mounted: Type, controller: Type): void {
  const members = Object.entries(
    Object.getOwnPropertyDescriptors(controller.prototype as Record<string, unknown>),
  );
  for (const [name, { value }] of members) {
    if (name === 'constructor' || typeof value !== 'function') continue;
    Object.defineProperty(mounted.prototype, name, { value: bare(value as Handler) });
  }
}

function bare(handler: Handler): Handler {
  const own: Handler = function (this: unknown, ...args) {
    return handler.apply(this, args);
  };
  Object.defineProperty(own, 'name', { value: handler.name });
  for (const key of Reflect.getMetadataKeys(handler) as string[]) {
    const value: unknown = Reflect.getMetadata(key, handler);
    Reflect.defineMetadata(key, withoutSchemas(key, value), own);
  }
  return own;
}

function withoutSchemas(key: string, value: unknown): unknown {
  if (key === RESPONSES) {
    const responses = Object.entries(value as Readonly<Record<string, Described>>);
    return Object.fromEntries(
      responses.map(([status, { description, headers }]) => [status, { description, headers }]),
    );
  }
  if (key === EXTRA_MODELS) return [];
  if (key === PARAMETERS) return (value as readonly Described[]).map(withoutBodySchema);
  return value;
}

function withoutBodySchema(parameter: Described): Described {
  if (parameter.in !== 'body') return parameter;
  const { required, description } = parameter;
  return { in: 'body', type: String, required, description, schema: { type: 'object' } };
}
