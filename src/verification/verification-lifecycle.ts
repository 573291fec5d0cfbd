import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ImportedSecrets } from './imported-secrets';
import { RevocationChannel } from './revocation-channel';
import { UsageWriter } from '../usage/usage-writer';

/** Starts what runs beside the checks with the app, and ends it when the last request is answered. */
@Injectable()
export class VerificationLifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly channel: RevocationChannel,
    private readonly usage: UsageWriter,
    private readonly imported: ImportedSecrets,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.usage.start();
    await this.channel.start();
    // Where the database is away, the first value that needs it asks again.
    await this.imported.check().catch(() => undefined);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.usage.stop();
    await this.channel.stop();
  }
}
