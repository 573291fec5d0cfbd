import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import { NOBODY } from '../database/entities/scim-token-auth-failure.entity';
import type { FailureCount, IpReport, Use } from './usage-buffer';

/** What became of the uses that were to be written. */
export interface WrittenUses {
  /** Ids of those that are written. */
  readonly written: ReadonlySet<string>;
  /** Ids of those whose secret or token is no longer there. */
  readonly gone: ReadonlySet<string>;
}

interface UseRow {
  readonly id: string;
  readonly written: boolean;
}

/** The SQL of uses and failures. */
@Injectable()
export class UsageRepository {
  private readonly tables: QualifiedTables;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: DataSource) {
    this.tables = qualifiedTables(dataSource);
  }

  /**
   * Writes uses, never back in time. Rows that another transaction holds are skipped: two instances neither
   * wait for each other nor deadlock.
   *
   * @param uses in the order of their ids
   */
  async writeUses(uses: readonly Use[]): Promise<WrittenUses> {
    const ofSecrets = uses.filter(({ secretId }) => secretId !== null);
    const ofTokens = uses.filter(({ secretId }) => secretId === null);
    const rows = [
      ...(ofSecrets.length > 0 ? await this.writeSecretUses(ofSecrets) : []),
      ...(ofTokens.length > 0 ? await this.writeTokenUses(ofTokens) : []),
    ];
    const present = new Set(rows.map(({ id }) => id));
    return {
      written: new Set(rows.filter(({ written }) => written).map(({ id }) => id)),
      gone: new Set(uses.map(({ id }) => id).filter((id) => !present.has(id))),
    };
  }

  private async writeSecretUses(uses: readonly Use[]): Promise<UseRow[]> {
    const { secrets, tokens, usage } = this.tables;
    return this.dataSource.query<UseRow[]>(
      `WITH use AS (
         SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[])
           AS u (secret_id, first_at, last_at, ip, user_agent, tenant_id)
       ), free AS (
         SELECT s.tenant_id, s.id FROM use
         JOIN ${secrets} s ON s.tenant_id = use.tenant_id AND s.id = use.secret_id
         JOIN ${tokens} t ON t.tenant_id = s.tenant_id AND t.id = s.token_id ORDER BY s.id
         FOR UPDATE OF s SKIP LOCKED FOR KEY SHARE OF t SKIP LOCKED
       ), stamped AS (
         UPDATE ${secrets} s
         SET first_used_at = least(s.first_used_at, use.first_at),
             last_used_at = greatest(s.last_used_at, use.last_at)
         FROM use JOIN free ON free.id = use.secret_id WHERE s.tenant_id = free.tenant_id AND s.id = free.id
         RETURNING s.tenant_id, s.id, s.token_id
       ), latest AS (
         SELECT DISTINCT ON (stamped.token_id) stamped.tenant_id, stamped.token_id, use.last_at, use.ip, use.user_agent
         FROM stamped JOIN use ON use.secret_id = stamped.id
         ORDER BY stamped.token_id, use.last_at DESC
       ), noted AS (
         INSERT INTO ${usage} AS n (tenant_id, token_id, last_used_at, last_used_ip, last_used_user_agent)
         SELECT * FROM latest
         ON CONFLICT (tenant_id, token_id) DO UPDATE
         SET last_used_at = excluded.last_used_at, last_used_ip = excluded.last_used_ip,
             last_used_user_agent = excluded.last_used_user_agent
         WHERE n.last_used_at IS NULL OR n.last_used_at < excluded.last_used_at
       )
       SELECT s.id, stamped.id IS NOT NULL AS written
       FROM use JOIN ${secrets} s ON s.tenant_id = use.tenant_id AND s.id = use.secret_id
       LEFT JOIN stamped ON stamped.id = s.id`,
      [uses.map(({ id }) => id), uses.map(({ firstAt }) => new Date(firstAt)), ...latestOf(uses)],
    );
  }

  /** Uses by access tokens: no secret's, which a rotation would take them for. */
  private async writeTokenUses(uses: readonly Use[]): Promise<UseRow[]> {
    const { tokens, usage } = this.tables;
    return this.dataSource.query<UseRow[]>(
      `WITH use AS (
         SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[])
           AS u (token_id, last_at, ip, user_agent, tenant_id)
       ), free AS (
         SELECT t.tenant_id, t.id FROM use
         JOIN ${tokens} t ON t.tenant_id = use.tenant_id AND t.id = use.token_id ORDER BY t.id
         FOR KEY SHARE OF t SKIP LOCKED
       ), noted AS (
         INSERT INTO ${usage} AS n (tenant_id, token_id, last_used_at, last_used_ip, last_used_user_agent)
         SELECT free.tenant_id, free.id, use.last_at, use.ip, use.user_agent
         FROM use JOIN free ON free.tenant_id = use.tenant_id AND free.id = use.token_id ORDER BY free.id
         ON CONFLICT (tenant_id, token_id) DO UPDATE
         SET last_used_at = excluded.last_used_at, last_used_ip = excluded.last_used_ip,
             last_used_user_agent = excluded.last_used_user_agent
         WHERE n.last_used_at IS NULL OR n.last_used_at < excluded.last_used_at
       )
       SELECT t.id, free.id IS NOT NULL AS written
       FROM use JOIN ${tokens} t ON t.tenant_id = use.tenant_id AND t.id = use.token_id
       LEFT JOIN free ON free.id = t.id`,
      [uses.map(({ id }) => id), ...latestOf(uses)],
    );
  }

  /** Adds failures to their hour's counts, only for tenants that ever had a token: a flood of names adds no row. */
  async writeFailures(failures: readonly FailureCount[]): Promise<void> {
    const { failures: table, tenants, tokens, usage } = this.tables;
    await this.dataSource.query(
      `WITH failure AS (
         SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[],
                              $7::timestamptz[], $8::text[])
           AS f (tenant_id, token_id, reason, hint, hour, count, last_at, last_ip)
       ), latest AS (
         SELECT DISTINCT ON (f.token_id) f.tenant_id, f.token_id, f.last_at, f.reason
         FROM failure f JOIN (
           SELECT t.tenant_id, t.id FROM (SELECT DISTINCT tenant_id, token_id FROM failure) f
           JOIN ${tokens} t ON t.tenant_id = f.tenant_id AND t.id = f.token_id
           ORDER BY t.id FOR KEY SHARE OF t SKIP LOCKED
         ) t ON t.tenant_id = f.tenant_id AND t.id = f.token_id
         ORDER BY f.token_id, f.last_at DESC
       ), noted AS (
         INSERT INTO ${usage} AS n (tenant_id, token_id, last_failure_at, last_failure_reason)
         SELECT * FROM latest ORDER BY token_id
         ON CONFLICT (tenant_id, token_id) DO UPDATE
         SET last_failure_at = excluded.last_failure_at, last_failure_reason = excluded.last_failure_reason
         WHERE n.last_failure_at IS NULL OR n.last_failure_at < excluded.last_failure_at
       )
       INSERT INTO ${table} AS n (tenant_id, token_id, reason, hint, hour, count, last_at, last_ip)
       SELECT f.* FROM failure f JOIN ${tenants} t ON t.tenant_id = f.tenant_id
       ORDER BY f.tenant_id, f.hour, f.token_id, f.reason, f.hint
       ON CONFLICT (tenant_id, hour, token_id, reason, hint) DO UPDATE
       SET count = n.count + excluded.count, last_at = greatest(n.last_at, excluded.last_at),
           last_ip = CASE WHEN excluded.last_at >= n.last_at THEN excluded.last_ip ELSE n.last_ip END`,
      [
        failures.map(({ tenantId }) => tenantId),
        failures.map(({ tokenId }) => tokenId ?? NOBODY),
        failures.map(({ reason }) => reason),
        failures.map(({ hint }) => hint),
        failures.map(({ hour }) => new Date(hour)),
        failures.map(({ count }) => count),
        failures.map(({ lastAt }) => new Date(lastAt)),
        failures.map(({ lastIp }) => lastIp),
      ],
    );
  }

  /** Adds what tokens in report mode let through. */
  async writeReports(reports: readonly IpReport[]): Promise<void> {
    const { tokens, usage } = this.tables;
    await this.dataSource.query(
      `INSERT INTO ${usage} AS n (tenant_id, token_id, ip_refused, ip_refused_last_at, ip_refused_last_ip)
       SELECT r.* FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[])
         AS r (tenant_id, token_id, count, last_at, last_ip)
       JOIN ${tokens} t ON t.tenant_id = r.tenant_id AND t.id = r.token_id
       ORDER BY r.token_id
       ON CONFLICT (tenant_id, token_id) DO UPDATE
       SET ip_refused = coalesce(n.ip_refused, 0) + excluded.ip_refused,
           ip_refused_last_at = greatest(n.ip_refused_last_at, excluded.ip_refused_last_at),
           ip_refused_last_ip = CASE WHEN n.ip_refused_last_at > excluded.ip_refused_last_at
             THEN n.ip_refused_last_ip ELSE excluded.ip_refused_last_ip END`,
      [
        reports.map(({ tenantId }) => tenantId),
        reports.map(({ tokenId }) => tokenId),
        reports.map(({ count }) => count),
        reports.map(({ lastAt }) => new Date(lastAt)),
        reports.map(({ lastIp }) => lastIp),
      ],
    );
  }
}

function latestOf(uses: readonly Use[]): unknown[][] {
  return [
    uses.map(({ lastAt }) => new Date(lastAt)),
    uses.map(({ ip }) => ip),
    uses.map(({ userAgent }) => userAgent),
    uses.map(({ tenantId }) => tenantId),
  ];
}
