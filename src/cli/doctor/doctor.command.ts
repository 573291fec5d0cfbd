import type { Command } from 'commander';
import { type CliContext, printableJson } from '../command-line';

/** `doctor`: what keeps the service from working, and how to mend it. */
export function addDoctorCommand(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description(
      'Check Node.js, configuration, keys, JWKS, proxy settings, database, prepared statements, migrations, tenants, clocks and listener, ' +
        'with the environment of the service and beside it. Exits with 1 if one fails.',
    )
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const { diagnose } = await import('./diagnose');
      const findings = await diagnose(context.environment);
      const failed = findings.filter(({ status }) => status === 'failed');
      context.exitCode = failed.length === 0 ? 0 : 1;
      if (json) {
        const report = { ok: failed.length === 0, checks: findings };
        process.stdout.write(`${printableJson(report, 2)}\n`);
        return;
      }
      for (const { check, status, message, mend } of findings) {
        const lines = mend === undefined ? [message] : [message, mend];
        const text = lines.join('\n').replaceAll('\n', `\n${' '.repeat(24)}`);
        process.stdout.write(`${status.padEnd(8)}${check.padEnd(16)}${text}\n`);
      }
      process.stdout.write(
        failed.length === 0 ? 'All is well.\n' : `${failed.length} of ${findings.length} failed.\n`,
      );
    });
}
