import { getRepositoryToken } from '@nestjs/typeorm';
import * as typeorm from 'typeorm';

/**
 * Stops the start of a host whose TypeORM, or whose @nestjs/typeorm beside it, cannot carry us: what comes
 * later would say so only by the name of something undefined.
 *
 * @throws Error that says what to install
 */
export function requireTypeOrm(
  found: object = typeorm,
  tokenOf: (entity: ObjectConstructor) => unknown = getRepositoryToken,
): void {
  if (!('DataSource' in found)) {
    throw new Error(
      'nest-scim-tokens takes TypeORM 0.3 or 1, and found an older one: npm install typeorm@0.3 @nestjs/typeorm@11',
    );
  }
  try {
    // As for any entity.
    tokenOf(Object);
  } catch {
    // 11.0.0 and before look at a class that TypeORM 1 has no longer.
    throw new Error(
      'This @nestjs/typeorm cannot run the TypeORM installed beside it: npm install @nestjs/typeorm@^11.0.1 for TypeORM 1',
    );
  }
}
