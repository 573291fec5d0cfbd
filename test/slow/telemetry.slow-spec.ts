import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TOKENS } from '../support/test-app';
import { PostgresServer } from './support/postgres-server';
import { Service } from './support/service';

const PACKAGES = ['@opentelemetry/api', '@opentelemetry/auto-instrumentations-node'];

describe('With OpenTelemetry set up by NODE_OPTIONS alone', () => {
  it('a request has spans of HTTP and of the database, without value or JWT', async () => {
    const folder = mkdtempSync('/var/tmp/scim-tokens-otel-');
    const install = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts'];
    execFileSync('npm', [...install, ...PACKAGES], { stdio: 'ignore' });
    const database = await PostgresServer.create();
    const service = await Service.start({
      DATABASE_URL: database.url,
      NODE_OPTIONS: `--require ${join(folder, 'node_modules', PACKAGES[1] ?? '', 'build/src/register.js')}`,
      OTEL_TRACES_EXPORTER: 'console',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    });
    const { body } = await service.create();
    const deadline = Date.now() + 20_000;
    const spans = (): string => service.output();
    const expected = ['instrumentation-http', 'instrumentation-pg', TOKENS.slice(0, -1)];
    while (!expected.every((text) => spans().includes(text))) {
      if (Date.now() > deadline) throw new Error(`No spans:\n${spans().slice(0, 2_000)}`);
      await delay(100);
    }
    expect(spans()).not.toContain(body.token);
    expect(await service.end()).toBe(0);
    await database.remove();
    rmSync(folder, { recursive: true, force: true });
  });
});
