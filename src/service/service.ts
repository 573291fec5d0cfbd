import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { loadConfig, type AppConfig } from './config/config';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from './embedded-postgres/embedded-postgres';
import { runMigrations } from '../database/migrate';
import { createApp, type ServiceApp } from './app.setup';
import { createLogger } from './logger';
import { startFailure } from './start-failure';
import type { StopSignals } from './stop-signals';

/** Milliseconds a stop may take before what still hangs is cut off. */
const STOP_TIMEOUT_MS = 8_500;
/** Milliseconds that a start which is no longer wanted has to come to an end. */
const START_END_MS = 5_000;
/** Milliseconds the embedded server has to end where all is ended at once, and we wait for it. */
const HURRY_MS = 400;
const HURRY_WAIT_MS = 1_000;
/** Milliseconds that the last log lines have. */
const FLUSH_MS = 500;

/** What a start has got to so far. */
interface Running {
  logger: Logger;
  service: ServiceApp | null;
  embedded: EmbeddedPostgres | null;
  /** Whether the process is ending, for good or ill: the first to end it decides. */
  ending: boolean;
}

/**
 * Starts the service and runs it until it is told to stop, which is done to the end whatever else is sent
 * meanwhile. A start that fails says why and exits with 1.
 */
export async function runService(
  environment: NodeJS.ProcessEnv,
  signals: StopSignals,
): Promise<void> {
  const logger = createLogger('info', environment.NODE_ENV === 'production');
  const running: Running = { logger, service: null, embedded: null, ending: false };
  const { stop, hurry } = signals;
  const told = aborted(stop);
  const started = start(environment, running, stop).catch((error: unknown) => {
    // Whatever became of a start that is no longer wanted.
    if (!stop.aborted) throw error;
  });
  void told.then(async () => {
    running.logger.info(
      `${String(stop.reason)}: stopping; press Ctrl-C again after 2 seconds to end at once`,
    );
    await Promise.race([aborted(hurry), delay(STOP_TIMEOUT_MS)]);
    await endAtOnce(running, started);
  });
  try {
    await Promise.race([started, told]);
    await told;
    await Promise.race([started, delay(START_END_MS)]);
    await stopAll(running);
    await end(running, 0);
  } catch (error) {
    if (stop.aborted) running.logger.error({ err: error }, 'Stopping failed');
    else running.logger.fatal(startFailure(error));
    await running.embedded?.stop();
    await end(running, 1);
  }
}

/** @throws where the service cannot start, or is told to stop before it has */
async function start(
  environment: NodeJS.ProcessEnv,
  running: Running,
  stop: AbortSignal,
): Promise<void> {
  const config = loadConfig(environment);
  const { database, dataDir, http, tenantDirectory, tokens } = config;
  const logger = createLogger(config.logLevel, config.environment === 'production');
  running.logger = logger;
  for (const warning of config.warnings) logger.warn(warning);
  let { url } = database;
  if (url === null) {
    running.embedded = await startEmbeddedPostgres({
      dataDir,
      signal: stop,
      log: (message) => {
        logger.info(message);
      },
    });
    url = running.embedded.url;
    void running.embedded.exited.then(() => {
      if (stop.aborted) return;
      logger.fatal('The embedded PostgreSQL stopped by itself; see its log in DATA_DIR');
      process.exit(1);
    });
  }
  stop.throwIfAborted();
  if (database.migrateOnStart) {
    const ran = await runMigrations(tokens.listenUrl ?? url, database.schema);
    if (ran.length > 0) logger.info(`Migrated: ${ran.join(', ')}`);
  }
  stop.throwIfAborted();
  running.service = await createApp({ config, databaseUrl: url, tenantDirectory }, logger);
  stop.throwIfAborted();
  await running.service.app.listen(http.port, http.host);
  if (!stop.aborted) announce(config, logger);
}

function announce({ http, docsEnabled, jwtKeyIsDevelopment }: AppConfig, logger: Logger): void {
  logger.info(`Listening on http://${http.host}:${http.port}`);
  if (docsEnabled) logger.info(`Swagger UI: ${http.publicUrl}/docs`);
  if (jwtKeyIsDevelopment) {
    logger.info('For an admin JWT: npm run token -- --role super_admin');
  }
}

async function stopAll({ service, embedded, logger }: Running): Promise<void> {
  if (service) {
    await service.connections.drain();
    await service.app.close();
  }
  await embedded?.stop();
  logger.info('Stopped');
}

/** Drops what is under way, and still leaves no server behind. */
async function endAtOnce(running: Running, started: Promise<void>): Promise<void> {
  if (running.ending) return;
  running.logger.error('Ending at once: what is not answered or written yet is lost');
  const serverEnded = running.embedded?.stop(HURRY_MS) ?? started.catch(() => undefined);
  await end(running, 1, Promise.race([serverEnded, delay(HURRY_WAIT_MS)]));
}

async function end(running: Running, code: number, after?: Promise<unknown>): Promise<void> {
  if (running.ending) return;
  running.ending = true;
  await after;
  process.exitCode = code;
  await Promise.race([
    new Promise<void>((resolve) => {
      running.logger.flush(() => {
        resolve();
      });
    }),
    delay(FLUSH_MS),
  ]);
  process.exit();
}

/** Resolves when the signal aborts. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
