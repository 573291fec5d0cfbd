import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { OpenTenantDirectory, type TenantDirectory } from '../core/tenant-directory';
import { TenantsRepository, type HeldTenant } from '../database/tenants.repository';

/** Tenants that are looked at with one statement. */
const PAGE = 1_000;
/** Most tenants that are named. */
const MAX_NAMED = 20;

/**
 * Says which tenants the directory no longer knows, though tokens of theirs are not revoked: identity
 * providers go on with those. Null where there are none.
 */
export async function describeOrphans(
  tenants: TenantsRepository,
  directory: TenantDirectory,
): Promise<string | null> {
  if (directory instanceof OpenTenantDirectory) return null;
  const named: HeldTenant[] = [];
  let found = 0;
  for await (const tenant of orphans(tenants, directory)) {
    found += 1;
    if (named.length < MAX_NAMED) named.push(tenant);
  }
  if (found === 0) return null;
  const names = named.map(({ id, tokens }) => `${printable(id)} (${tokens})`);
  const others = found > named.length ? [`${found - named.length} more`] : [];
  return `Tenants that the directory does not know have tokens that are not revoked: ${[...names, ...others].join(', ')}`;
}

async function* orphans(
  tenants: TenantsRepository,
  directory: TenantDirectory,
): AsyncGenerator<HeldTenant> {
  let page: HeldTenant[];
  let after = '';
  do {
    page = await tenants.withTokensAfter(after, PAGE);
    for (const tenant of page) {
      if ((await directory.find(tenant.id)) === null) yield tenant;
    }
    after = page.at(-1)?.id ?? after;
  } while (page.length === PAGE);
}

/** An id as it can be shown on a terminal, whatever is in it. */
function printable(id: string): string {
  return id.replace(/[^\x21-\x7e]+/gu, encodeURIComponent);
}

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
      this.logger.warn(
        { err: error },
        'The tenants could not be compared with the directory: run doctor to try again',
      );
    }
  }
}
