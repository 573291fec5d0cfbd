import { parseArgs } from 'node:util';
import { sign } from 'jsonwebtoken';
import { loadConfig, type AppConfig } from '../config/config';

const USAGE = `Prints an admin JWT for development.

  npm run token -- --role super_admin
  npm run token -- --role tenant_admin --tenant tnt_a
  npm run token -- --role partner_admin --partner prt_1

  --role     super_admin, partner_admin or tenant_admin
  --tenant   tenant_id of a tenant_admin
  --partner  partner_id of a partner_admin
  --sub      who it is for (default: dev@example.com)
  --scope    space-separated scopes
  --ttl      lifetime such as 30s, 15m, 1h or 7d (default: 1h)
`;

const ROLES = ['super_admin', 'partner_admin', 'tenant_admin'];
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A wrong command line; the message says what it takes. */
class UsageError extends Error {}

function run(argv: string[]): string {
  const { values } = parseArgs({
    args: argv,
    options: {
      role: { type: 'string' },
      tenant: { type: 'string' },
      partner: { type: 'string' },
      sub: { type: 'string', default: 'dev@example.com' },
      scope: { type: 'string' },
      ttl: { type: 'string', default: '1h' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return USAGE;
  const { role, tenant, partner, sub, scope } = values;
  if (role !== undefined && !ROLES.includes(role)) {
    throw new UsageError(`--role takes one of ${ROLES.join(', ')}`);
  }
  if (role === 'tenant_admin' && !tenant) throw new UsageError('a tenant_admin needs --tenant');
  if (role === 'partner_admin' && !partner) throw new UsageError('a partner_admin needs --partner');
  const claims = {
    sub,
    ...(role && { role }),
    ...(tenant && { tenant_id: tenant }),
    ...(partner && { partner_id: partner }),
    ...(scope && { scope }),
  };
  return `${mint(claims, seconds(values.ttl), loadConfig(process.env))}\n`;
}

function mint(claims: object, expiresIn: number, { jwt }: AppConfig): string {
  if (!('secret' in jwt.key)) {
    throw new UsageError(
      'JWTs are verified with a public key here: whoever has the private one signs them',
    );
  }
  const { issuer, audience } = jwt;
  return sign(claims, jwt.key.secret, {
    expiresIn,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  });
}

function seconds(ttl: string): number {
  const [, digits, unit = ''] = /^(\d{1,6})([smhd])$/.exec(ttl) ?? [];
  const value = Number(digits) * (UNITS[unit] ?? NaN);
  if (!(value > 0)) throw new UsageError('--ttl takes a lifetime such as 30s, 15m, 1h or 7d');
  return value;
}

try {
  process.stdout.write(run(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError || error instanceof TypeError ? 2 : 1;
}
