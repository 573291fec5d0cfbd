import { AdminAuthentication, type JwtOptions } from '../../core/admin-authentication';
import { JwtAdminAuthentication } from '../../admin/jwt-admin-authentication';
import { JwtOptionsError } from '../../admin/jwt.options';
import { NotAuthenticatedError } from '../../core/errors';
import type { ScimTokensModuleOptions } from '../../core/scim-tokens.options';
import { isRecord, port, type Kind } from './option-kinds';
import type { OptionProblems } from './option-problems';

/** How administrators are authenticated: as the host says, or by JWTs; `required` where a controller is mounted. */
export function resolveAuthentication(
  problems: OptionProblems,
  { jwt, adminAuthentication: given }: ScimTokensModuleOptions,
  required: boolean,
): AdminAuthentication {
  const nobody = new NobodyIsAdmin();
  if (given !== undefined) {
    if (jwt !== undefined) problems.add('jwt', 'cannot be given together with adminAuthentication');
    return problems.read(
      'adminAuthentication',
      given,
      port<AdminAuthentication>('authenticate'),
      nobody,
    );
  }
  if (jwt === undefined) {
    if (required)
      problems.add(
        'jwt',
        'is required: how admin JWTs are verified, or adminAuthentication in its place',
      );
    return nobody;
  }
  return readJwt(problems, jwt) ?? nobody;
}

const TEXT: Kind<string> = { is: (value) => typeof value === 'string', takes: 'a string' };
const TEXTS: Kind<readonly string[]> = {
  is: (value): value is readonly string[] => Array.isArray(value) && value.every(TEXT.is),
  takes: 'a list of strings',
};
const NUMBER: Kind<number> = { is: (value) => typeof value === 'number', takes: 'a number' };
const FUNCTION: Kind<unknown> = {
  is: (value): value is unknown => typeof value === 'function',
  takes: 'a function',
};
const KEY = { secret: TEXT, publicKey: TEXT, jwksUri: TEXT };
/** Null stands for what is looked at elsewhere. */
const BESIDE_KEY = {
  key: null,
  algorithms: TEXTS,
  issuer: TEXT,
  audience: TEXT,
  jwksMaxStaleHours: NUMBER,
  claims: FUNCTION,
};

function readJwt(problems: OptionProblems, jwt: JwtOptions): AdminAuthentication | null {
  if (!isRecord(jwt) || !isRecord(jwt.key)) {
    problems.add('jwt.key', 'takes one of {secret}, {publicKey} and {jwksUri}');
    return null;
  }
  const given = Object.entries(jwt).filter(([, value]) => value !== undefined);
  const areRight = [
    areOfKind(problems, 'jwt.key', Object.entries(jwt.key), KEY),
    areOfKind(problems, 'jwt', given, BESIDE_KEY),
  ];
  if (areRight.includes(false)) return null;
  try {
    return new JwtAdminAuthentication(jwt);
  } catch (error) {
    if (!(error instanceof JwtOptionsError)) throw error;
    const path = error.option in KEY ? `key.${error.option}` : error.option;
    problems.add(`jwt.${path}`, error.expectation);
    return null;
  }
}

/** An unknown name is wrong as well: a misspelt `issuer` would leave the issuer unchecked. */
function areOfKind(
  problems: OptionProblems,
  path: string,
  given: readonly [string, unknown][],
  kinds: Readonly<Record<string, Kind<unknown> | null>>,
): boolean {
  const wrong = given.filter(([name, value]) => {
    const kind = kinds[name];
    return kind === undefined || kind?.is(value) === false;
  });
  for (const [name] of wrong) {
    const kind = kinds[name];
    problems.add(`${path}.${name}`, kind ? `takes ${kind.takes}` : 'is no option');
  }
  return wrong.length === 0;
}

/** Where no controller is mounted nobody is asked to authenticate. */
class NobodyIsAdmin extends AdminAuthentication {
  authenticate(): never {
    throw new NotAuthenticatedError();
  }
}
