import { InvalidArgumentError, Option, type Command } from 'commander';
import { UsageError, type CliContext } from './command-line';

/** Whom a JWT is for. */
interface DevelopmentJwt {
  readonly role?: string;
  readonly tenant?: string;
  readonly partner?: string;
  readonly sub: string;
  readonly scope?: string;
  /** Lifetime in seconds. */
  readonly ttl: number;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `token`: an admin JWT, alone on standard output. */
export function addTokenCommand(program: Command, context: CliContext): void {
  program
    .command('token')
    .description(
      'Print an admin JWT for development, signed with JWT_SECRET or the development key.',
    )
    .addOption(
      new Option('--role <role>', 'what it may do').choices([
        'super_admin',
        'partner_admin',
        'tenant_admin',
      ]),
    )
    .option('--tenant <id>', 'tenant_id of a tenant_admin')
    .option('--partner <id>', 'partner_id of a partner_admin')
    .option('--sub <subject>', 'who it is for', 'dev@example.com')
    .option('--scope <scopes>', 'space-separated scopes')
    .addOption(
      new Option('--ttl <time>', 'lifetime such as 30s, 15m, 1h or 7d')
        .argParser(seconds)
        .default(3600, '1h'),
    )
    .action(async (jwt: DevelopmentJwt) => {
      process.stdout.write(`${await mintDevelopmentJwt(jwt, context.environment)}\n`);
    });
}

function seconds(ttl: string): number {
  const [, digits, unit = ''] = /^(\d{1,6})([smhd])$/.exec(ttl) ?? [];
  const value = Number(digits) * (UNITS[unit] ?? NaN);
  if (!(value > 0)) throw new InvalidArgumentError('It takes a time such as 30s, 15m, 1h or 7d.');
  return value;
}

/**
 * Signs an admin JWT as this environment's service will accept it.
 *
 * @throws UsageError where the role lacks what it needs, or only a public key is known
 * @throws ConfigError
 */
async function mintDevelopmentJwt(
  { role, tenant, partner, sub, scope, ttl }: DevelopmentJwt,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  if (role === 'tenant_admin' && !tenant) throw new UsageError('a tenant_admin needs --tenant');
  if (role === 'partner_admin' && !partner) throw new UsageError('a partner_admin needs --partner');
  const { sign } = await import('jsonwebtoken');
  const { loadConfig } = await import('../service/config/config');
  const { key, issuer, audience } = loadConfig(environment).jwt;
  if (!('secret' in key)) {
    throw new UsageError(
      'JWTs are verified with a public key here: whoever has the private one signs them',
    );
  }
  const claims = {
    sub,
    ...(role && { role }),
    ...(tenant && { tenant_id: tenant }),
    ...(partner && { partner_id: partner }),
    ...(scope && { scope }),
  };
  return sign(claims, key.secret, {
    expiresIn: ttl,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  });
}
