import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { RevocationChannel } from './revocation-channel';
import { UsageWriter } from './usage-writer';

/** Starts what runs beside the checks with the app, and ends it when the last request is answered. */
@Injectable()
export class VerificationLifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly channel: RevocationChannel,
    private readonly usage: UsageWriter,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.usage.start();
    await this.channel.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.usage.stop();
    await this.channel.stop();
  }
}
