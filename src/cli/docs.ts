import { docsCommand } from './docs.command';

void docsCommand(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
