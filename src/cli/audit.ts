import { auditCommand } from './audit.command';

void auditCommand(process.argv.slice(2), process.env).then((exitCode) => {
  process.exitCode = exitCode;
});
