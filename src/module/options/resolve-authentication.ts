import { AdminAuthentication, type JwtOptions } from '../../core/admin-authentication';
import { JwtAdminAuthentication } from '../../admin/jwt-admin-authentication';
import { JwtOptionsError } from '../../admin/jwt.options';
import { NotAuthenticatedError } from '../../core/errors';
import type { ScimTokensModuleOptions } from '../../core/scim-tokens.options';
import { isRecord } from '../../core/checks';
import { JWT_OPTIONS, port } from './options.schema';
import { kindOf, setting, type Schema, type Settings } from './settings';

/** How administrators are authenticated: as the host says, or by JWTs; `required` where a controller is mounted. */
export function resolveAuthentication(
  settings: Settings,
  { jwt, adminAuthentication: given }: ScimTokensModuleOptions,
  required: boolean,
): AdminAuthentication {
  const nobody = new NobodyIsAdmin();
  if (given !== undefined) {
    if (jwt !== undefined)
      settings.reject('jwt', 'cannot be given together with adminAuthentication');
    return settings.read(
      setting(port<AdminAuthentication>('authenticate'), nobody),
      'adminAuthentication',
    );
  }
  if (jwt === undefined) {
    if (required)
      settings.reject(
        'jwt',
        'is required: how admin JWTs are verified, or adminAuthentication in its place',
      );
    return nobody;
  }
  return readJwt(settings, jwt) ?? nobody;
}

const { secret, publicKey, jwksUri, ...others } = JWT_OPTIONS;
const IN_KEY = { secret, publicKey, jwksUri };
const BESIDE_KEY = {
  ...others,
  claims: setting(
    kindOf('a function', (value) => typeof value === 'function'),
    undefined,
  ),
};

function readJwt(settings: Settings, jwt: JwtOptions): AdminAuthentication | null {
  if (!isRecord(jwt) || !isRecord(jwt.key)) {
    settings.reject('jwt.key', 'takes one of {secret}, {publicKey} and {jwksUri}');
    return null;
  }
  const { key, ...beside } = jwt;
  const given = Object.entries(beside).filter(([, value]) => value !== undefined);
  const areRight = [
    areOfKind(settings, 'jwt.key', Object.entries(key), IN_KEY),
    areOfKind(settings, 'jwt', given, BESIDE_KEY),
  ];
  if (areRight.includes(false)) return null;
  try {
    return new JwtAdminAuthentication(jwt);
  } catch (error) {
    if (!(error instanceof JwtOptionsError)) throw error;
    const path = error.option in IN_KEY ? `key.${error.option}` : error.option;
    settings.reject(`jwt.${path}`, error.expectation);
    return null;
  }
}

/** An unknown name is wrong as well: a misspelt `issuer` would leave the issuer unchecked. */
function areOfKind(
  settings: Settings,
  path: string,
  given: readonly [string, unknown][],
  schema: Schema,
): boolean {
  const wrong = given.filter(([name, value]) => schema[name]?.kind.is(value) !== true);
  for (const [name] of wrong) {
    const kind = schema[name]?.kind;
    settings.reject(`${path}.${name}`, kind ? `takes ${kind.takes}` : 'is no option');
  }
  return wrong.length === 0;
}

/** Where no controller is mounted nobody is asked to authenticate. */
class NobodyIsAdmin extends AdminAuthentication {
  authenticate(): never {
    throw new NotAuthenticatedError();
  }
}
