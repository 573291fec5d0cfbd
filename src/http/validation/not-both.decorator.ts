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
