import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { requireServicePackages } from './service-packages';

/** `openapi`: the document that the service answers with at /openapi.json. */
export function addOpenApiCommand(program: Command): void {
  program
    .command('openapi')
    .description('Print the OpenAPI 3.1 document of the service, without starting it.')
    .option('--out <file>', 'write it to this file instead')
    .action(async ({ out }: { out?: string }) => {
      requireServicePackages();
      const { liveDocument } = await import('../service/openapi/live-document');
      const text = `${JSON.stringify(await liveDocument(), null, 2)}\n`;
      if (out === undefined) process.stdout.write(text);
      else await writeFile(out, text);
    });
}
