import { Logger } from '@nestjs/common';
import { createApp } from './app.setup';
import { loadConfig } from './config';

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const app = await createApp(config);
  await app.listen(config.port, config.host);
  new Logger('ScimServer').log(`Listening on ${config.host}:${config.port}`);
}

main().catch((error: unknown) => {
  new Logger('ScimServer').fatal(error instanceof Error ? error.message : error);
  process.exit(1);
});
