import { Readable } from 'node:stream';
import { Logger, StreamableFile } from '@nestjs/common';
import { LogEntry } from '../core/log-entry';

const logger = new Logger('NdjsonExport');

/**
 * Sends objects as one JSON text a line. Batches are taken only as fast as the client reads. A failure
 * in between cuts the connection: an answer that just ended would look complete.
 */
export function ndjson(
  batches: AsyncIterable<readonly object[]>,
  filename: string,
): StreamableFile {
  const stream = Readable.from(chunks(batches), { highWaterMark: 1 });
  const file = new StreamableFile(stream, {
    type: 'application/x-ndjson',
    disposition: `attachment; filename="${filename}"`,
  });
  return file.setErrorHandler((error, response) => {
    logger.error(new LogEntry('An export broke off', { err: error }));
    response.destroy?.(error);
  });
}

async function* chunks(batches: AsyncIterable<readonly object[]>): AsyncGenerator<Buffer> {
  for await (const batch of batches) {
    yield Buffer.from(batch.map((item) => `${JSON.stringify(item)}\n`).join(''), 'utf8');
  }
}
