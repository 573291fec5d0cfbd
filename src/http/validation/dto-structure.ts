import { applyDecorators as all } from '@nestjs/common';
import { isRecord } from '../../core/checks';
import { Read } from './decorators';
import { WholeFloat } from './json-body';
import { Rejected } from './read-values';

const NOT_BOTH = 'scim-tokens:not-both';

/** Of these two fields of a DTO only one may be set; looked at where no field is wrong by itself. */
export function NotBoth(one: string, other: string): ClassDecorator {
  return (target) => {
    Reflect.defineMetadata(NOT_BOTH, [one, other], target);
  };
}

/** The pair of which a DTO takes only one, if it has such a pair. */
export function exclusiveFieldsOf(dto: object): readonly [string, string] | undefined {
  return Reflect.getMetadata(NOT_BOTH, dto.constructor) as readonly [string, string] | undefined;
}

const MEMBERS = 'scim-tokens:members';

/** An object whose members are read as fields of a DTO of its own. Stands on a DTO's last fields. */
export const HasMembers = (dto: new () => object): PropertyDecorator =>
  all(
    Read((input) =>
      isRecord(input) && !(input instanceof WholeFloat) ? input : new Rejected('dict_type'),
    ),
    Reflect.metadata(MEMBERS, dto),
  );

/** The DTO of a field's members, if it has any. */
export function membersOf(dto: new () => object, field: string): (new () => object) | undefined {
  return Reflect.getMetadata(MEMBERS, dto.prototype as object, field) as
    (new () => object) | undefined;
}
