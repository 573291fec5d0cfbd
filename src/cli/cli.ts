import { runCli } from './program';

// Whoever reads our output may have enough of it, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

void runCli(process.argv.slice(2), process.env).then((exitCode) => {
  // A service that runs on sets its own, and may have done so already.
  if (exitCode !== 0) process.exitCode = exitCode;
});
