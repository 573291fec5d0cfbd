import { InvalidArgumentError, Option, type Command } from 'commander';
import type { CliContext } from './cli-context';
import type { DevelopmentJwt } from './token';

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
      const { mintDevelopmentJwt } = await import('./token');
      process.stdout.write(`${mintDevelopmentJwt(jwt, context.environment)}\n`);
    });
}

function seconds(ttl: string): number {
  const [, digits, unit = ''] = /^(\d{1,6})([smhd])$/.exec(ttl) ?? [];
  const value = Number(digits) * (UNITS[unit] ?? NaN);
  if (!(value > 0)) throw new InvalidArgumentError('It takes a time such as 30s, 15m, 1h or 7d.');
  return value;
}
