import { loadConfig, type AppConfig } from '../../service/config/config';
import { peekDevelopmentKey } from '../../service/config/data-folder';
import { checkDatabase, NEED_DATABASE } from './database.checks';
import { failed, ok, skipped, type Finding } from './finding';
import { checkJwks, checkKeys, checkNode, checkProxy, checkSetup } from './settings.checks';

/** Checks what the service needs, in the order in which it needs it. */
export async function diagnose(environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  const node = checkNode(process.versions.node);
  const config = configOf(environment);
  if (config instanceof Error) {
    return [
      node,
      failed('configuration', config.message, 'Set these variables as said; README has the table.'),
      ...['keys', 'jwks', 'proxy', 'setup', 'database', ...NEED_DATABASE].map((check) =>
        skipped(check, 'needs a sound configuration'),
      ),
    ];
  }
  return [
    node,
    ok('configuration', `for ${config.environment}`),
    checkKeys(config),
    await checkJwks(config),
    checkProxy(config),
    checkSetup(config),
    ...(await checkDatabase(config, environment)),
  ];
}

function configOf(environment: NodeJS.ProcessEnv): AppConfig | Error {
  try {
    return loadConfig(environment, peekDevelopmentKey);
  } catch (error) {
    return error as Error;
  }
}
