import { AdminAuthentication, JwtAdminAuthentication } from '../../auth/admin-authentication';
import { JwtOptionsError, type JwtOptions } from '../../auth/jwt.options';
import { NotAuthenticatedError } from '../../common/errors';
import type { ScimTokensModuleOptions } from '../scim-tokens.options';
import { isRecord, port } from './option-kinds';
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

function readJwt(problems: OptionProblems, jwt: JwtOptions): AdminAuthentication | null {
  if (!isRecord(jwt) || !isRecord(jwt.key)) {
    problems.add('jwt.key', 'takes one of {secret}, {publicKey} and {jwksUri}');
    return null;
  }
  for (const [name, value] of Object.entries(jwt.key)) {
    if (typeof value === 'string') continue;
    problems.add(`jwt.key.${name}`, 'takes a string');
    return null;
  }
  try {
    return new JwtAdminAuthentication(jwt);
  } catch (error) {
    if (!(error instanceof JwtOptionsError)) throw error;
    problems.add(`jwt.${error.option}`, error.expectation);
    return null;
  }
}

/** Where no controller is mounted nobody is asked to authenticate. */
class NobodyIsAdmin extends AdminAuthentication {
  authenticate(): never {
    throw new NotAuthenticatedError();
  }
}
