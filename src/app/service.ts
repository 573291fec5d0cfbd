import { setTimeout as delay } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from 'pino';
import { loadConfig, type AppConfig } from '../config/config';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../database/embedded-postgres';
import { runMigrations } from '../database/migrate';
import { createApp } from './app.setup';
import { drain } from './http-server';
import { createLogger } from './logger';
import { startFailure } from './start-failure';

/** Milliseconds a stop may take before what still hangs is cut off. */
const STOP_TIMEOUT_MS = 9_000;

/** Starts the service and runs it until SIGTERM or SIGINT; a start that fails says why and exits with 1. */
export async function runService(environment: NodeJS.ProcessEnv): Promise<void> {
  const production = environment.NODE_ENV === 'production';
  let logger = createLogger('info', production);
  const running: Running = { app: null, embedded: null, stopping: null };
  const stop = (signal: string): void => {
    running.stopping ??= stopAll(running, logger, signal);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  try {
    const config = loadConfig(environment);
    logger = createLogger(config.logLevel, production);
    for (const warning of config.warnings) logger.warn(warning);
    await start(config, logger, running);
    if (isStopping(running)) return;
    announce(config, logger);
  } catch (error) {
    if (isStopping(running)) return;
    logger.fatal(startFailure(error));
    await running.embedded?.stop();
    process.exitCode = 1;
    await flush(logger);
    process.exit();
  }
}

interface Running {
  app: NestExpressApplication | null;
  embedded: EmbeddedPostgres | null;
  stopping: Promise<void> | null;
}

function isStopping({ stopping }: Running): boolean {
  return stopping !== null;
}

async function start(config: AppConfig, logger: Logger, running: Running): Promise<void> {
  const { database, dataDir, http } = config;
  let url = database.url;
  if (url === null) {
    running.embedded = await startEmbeddedPostgres({
      dataDir,
      log: (message) => {
        logger.info(message);
      },
    });
    url = running.embedded.url;
    void running.embedded.exited.then(() => {
      logger.fatal('The embedded PostgreSQL stopped by itself; see its log in DATA_DIR');
      process.exit(1);
    });
  }
  if (database.migrateOnStart) {
    const ran = await runMigrations(database.listenUrl ?? url, database.schema);
    if (ran.length > 0) logger.info(`Migrated: ${ran.join(', ')}`);
  }
  const { tenantDirectory } = config;
  running.app = await createApp({ config, databaseUrl: url, tenantDirectory }, logger);
  await running.app.listen(http.port, http.host);
}

function announce({ http, docsEnabled, jwtKeyIsDevelopment }: AppConfig, logger: Logger): void {
  logger.info(`Listening on http://${http.host}:${http.port}`);
  if (docsEnabled) logger.info(`Swagger UI: ${http.publicUrl}/docs`);
  if (jwtKeyIsDevelopment) {
    logger.info('For an admin JWT: npm run token -- --role super_admin');
  }
}

async function stopAll(running: Running, logger: Logger, signal: string): Promise<void> {
  logger.info(`${signal}: stopping`);
  const deadline = setTimeout(() => {
    logger.error('Stopping took too long; giving up');
    process.exit(1);
  }, STOP_TIMEOUT_MS);
  try {
    if (running.app) {
      await drain(running.app.getHttpServer());
      await running.app.close();
    }
    await running.embedded?.stop();
    logger.info('Stopped');
    process.exitCode = 0;
  } catch (error) {
    logger.error({ err: error }, 'Stopping failed');
    process.exitCode = 1;
  }
  clearTimeout(deadline);
  await flush(logger);
  process.exit();
}

async function flush(logger: Logger): Promise<void> {
  await Promise.race([
    new Promise<void>((resolve) => {
      logger.flush(() => {
        resolve();
      });
    }),
    delay(500),
  ]);
}
