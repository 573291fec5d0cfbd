import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { describeOrphans } from './orphaned-tenants';
import { TenantsRepository } from '../database/tenants.repository';

/** Names at start the tenants that are gone from the directory and whose tokens work on. */
@Injectable()
export class OrphansWarning implements OnApplicationBootstrap {
  private readonly logger = new Logger(OrphansWarning.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly options: ResolvedScimTokensOptions,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    try {
      const tenants = new TenantsRepository(this.dataSource);
      const orphans = await describeOrphans(tenants, this.options.tenantDirectory);
      if (orphans) this.logger.warn(`${orphans}. revoke-all ends them`);
    } catch (error) {
      this.logger.warn({ err: error }, 'The tenants could not be compared with the directory');
    }
  }
}
