import { Injectable } from '@nestjs/common';
import type { DataSource, QueryRunner } from 'typeorm';
import { inTransaction } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import { NOBODY } from '../database/entities/scim-token-auth-failure.entity';
import type { FailureCount, IpReport, Use } from './usage-buffer';
import { countForSetupLinks } from './setup-link-failures';
import { latestOfTokens, onlyTenant } from './write-batches';

/** What became of the uses that were to be written. */
export interface WrittenUses {
  /** Ids of those that are written. */
  readonly written: ReadonlySet<string>;
  /** Ids of those whose secret or token is no longer there. */
  readonly gone: ReadonlySet<string>;
}

/** Tokens that are just being removed are passed over: to wait for them with rows in hand could deadlock. */
const UNLESS_REMOVED = 'FOR KEY SHARE OF t SKIP LOCKED';

/** The SQL of uses and failures; each takes what `WriteBatches` says may be written at once. */
@Injectable()
export class UsageRepository {
  private readonly tables: QualifiedTables;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: DataSource) {
    this.tables = qualifiedTables(dataSource);
  }

  /**
   * Writes uses, never back in time. Rows that another transaction holds are skipped: two instances neither
   * wait for each other nor deadlock.
   */
  async writeUses(uses: readonly Use[]): Promise<WrittenUses> {
    const { secrets, tokens } = this.tables;
    const ofSecrets = uses.filter(({ secretId }) => secretId !== null);
    const ofTokens = uses.filter(({ secretId }) => secretId === null);
    const written = await inTransaction(this.dataSource, async (runner) => {
      const held = new Set([
        ...(await this.stampSecrets(runner, ofSecrets)),
        ...(await this.holdTokens(runner, ofTokens)),
      ]);
      await this.noteUses(runner, latestOfTokens(uses.filter(({ id }) => held.has(id))));
      return held;
    });
    const isLeft = ({ id }: Use): boolean => !written.has(id);
    const gone = [
      ...(await this.goneFrom(secrets, ofSecrets.filter(isLeft))),
      ...(await this.goneFrom(tokens, ofTokens.filter(isLeft))),
    ];
    return { written, gone: new Set(gone) };
  }

  /** Adds failures to their hour's counts, only for tenants that ever had a token. */
  writeFailures(failures: readonly FailureCount[]): Promise<void> {
    return inTransaction(this.dataSource, async (runner) => {
      const ofTokens = failures.filter(({ tokenId }) => tokenId !== null);
      await this.noteFailures(runner, latestOfTokens(ofTokens));
      await this.countFailures(runner, failures);
      await countForSetupLinks(runner, this.tables, failures);
    });
  }

  /** Adds what tokens in report mode let through. */
  async writeReports(reports: readonly IpReport[]): Promise<void> {
    const { tokens, usage } = this.tables;
    const only = onlyTenant(reports, 6);
    await this.dataSource.query(
      `INSERT INTO ${usage} AS n (tenant_id, token_id, ip_refused, ip_refused_last_at, ip_refused_last_ip)
       SELECT t.tenant_id, t.id, r.count, r.last_at, r.last_ip
       FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[])
         AS r (tenant_id, token_id, count, last_at, last_ip)
       JOIN ${tokens} t ON t.tenant_id = r.tenant_id AND t.id = r.token_id ${only.of('t')}
       ORDER BY t.id
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
        ...only.values,
      ],
    );
  }

  /** @returns the ids of those that were free; they and their tokens stay held until the transaction ends */
  private async stampSecrets(runner: QueryRunner, uses: readonly Use[]): Promise<string[]> {
    if (uses.length === 0) return [];
    const { secrets, tokens } = this.tables;
    const only = onlyTenant(uses, 5);
    const { records } = await runner.query(
      `WITH free AS MATERIALIZED (
         SELECT s.tenant_id, s.id, use.first_at, use.last_at
         FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::timestamptz[])
           AS use (tenant_id, secret_id, first_at, last_at)
         JOIN ${secrets} s ON s.tenant_id = use.tenant_id AND s.id = use.secret_id ${only.of('s')}
         JOIN ${tokens} t ON t.tenant_id = s.tenant_id AND t.id = s.token_id
         ORDER BY s.id FOR UPDATE OF s SKIP LOCKED ${UNLESS_REMOVED}
       )
       UPDATE ${secrets} s
       SET first_used_at = least(s.first_used_at, free.first_at),
           last_used_at = greatest(s.last_used_at, free.last_at)
       FROM free WHERE s.tenant_id = free.tenant_id AND s.id = free.id ${only.of('s')}
       RETURNING s.id`,
      [
        uses.map(({ tenantId }) => tenantId),
        uses.map(({ id }) => id),
        uses.map(({ firstAt }) => new Date(firstAt)),
        uses.map(({ lastAt }) => new Date(lastAt)),
        ...only.values,
      ],
      true,
    );
    return (records as { id: string }[]).map(({ id }) => id);
  }

  /** Of uses by access tokens: no secret's, which a rotation would take them for. */
  private async holdTokens(runner: QueryRunner, uses: readonly Use[]): Promise<string[]> {
    if (uses.length === 0) return [];
    const only = onlyTenant(uses, 3);
    const held = (await runner.query(
      `SELECT t.id FROM unnest($1::text[], $2::uuid[]) AS use (tenant_id, token_id)
       JOIN ${this.tables.tokens} t
         ON t.tenant_id = use.tenant_id AND t.id = use.token_id ${only.of('t')}
       ORDER BY t.id ${UNLESS_REMOVED}`,
      [uses.map(({ tenantId }) => tenantId), uses.map(({ id }) => id), ...only.values],
    )) as { id: string }[];
    return held.map(({ id }) => id);
  }

  private async noteUses(runner: QueryRunner, latest: readonly Use[]): Promise<void> {
    if (latest.length === 0) return;
    const { tokens, usage } = this.tables;
    const only = onlyTenant(latest, 7);
    await runner.query(
      `INSERT INTO ${usage} AS n
         (tenant_id, token_id, first_used_at, last_used_at, last_used_ip, last_used_user_agent)
       SELECT t.tenant_id, t.id, use.first_at, use.last_at, use.ip, use.user_agent
       FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[])
         AS use (tenant_id, token_id, first_at, last_at, ip, user_agent)
       JOIN ${tokens} t ON t.tenant_id = use.tenant_id AND t.id = use.token_id ${only.of('t')}
       ORDER BY t.id
       ON CONFLICT (tenant_id, token_id) DO UPDATE
       SET first_used_at = coalesce(n.first_used_at, excluded.first_used_at),
           last_used_at = excluded.last_used_at, last_used_ip = excluded.last_used_ip,
           last_used_user_agent = excluded.last_used_user_agent,
           failing_since = CASE WHEN n.failing_since > excluded.last_used_at THEN n.failing_since
                                WHEN n.last_failure_at > excluded.last_used_at THEN n.last_failure_at END
       WHERE n.last_used_at IS NULL OR n.last_used_at < excluded.last_used_at`,
      [
        latest.map(({ tenantId }) => tenantId),
        latest.map(({ tokenId }) => tokenId),
        latest.map(({ firstAt }) => new Date(firstAt)),
        latest.map(({ lastAt }) => new Date(lastAt)),
        latest.map(({ ip }) => ip),
        latest.map(({ userAgent }) => userAgent),
        ...only.values,
      ],
    );
  }

  /** @returns the ids of those whose row is not in the table */
  private async goneFrom(table: string, uses: readonly Use[]): Promise<Set<string>> {
    const gone = new Set(uses.map(({ id }) => id));
    if (gone.size === 0) return gone;
    const only = onlyTenant(uses, 3);
    const present = await this.dataSource.query<{ id: string }[]>(
      `SELECT n.id FROM unnest($1::text[], $2::uuid[]) AS use (tenant_id, id)
       JOIN ${table} n ON n.tenant_id = use.tenant_id AND n.id = use.id ${only.of('n')}`,
      [uses.map(({ tenantId }) => tenantId), [...gone], ...only.values],
    );
    for (const { id } of present) gone.delete(id);
    return gone;
  }

  private async noteFailures(runner: QueryRunner, latest: readonly FailureCount[]): Promise<void> {
    if (latest.length === 0) return;
    const { tokens, usage } = this.tables;
    const only = onlyTenant(latest, 6);
    // Refused while it was switched off, or before its last use, it does not fail.
    const good = 'greatest(o.last_used_at, t.live_since)';
    await runner.query(
      `INSERT INTO ${usage} AS n
         (tenant_id, token_id, last_failure_at, last_failure_reason, last_failure_hint, failing_since)
       SELECT t.tenant_id, t.id, f.last_at, f.reason, f.hint,
              CASE WHEN o.failing_since > ${good} THEN o.failing_since WHEN f.last_at > ${good} THEN f.last_at END
       FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[])
         AS f (tenant_id, token_id, last_at, reason, hint)
       JOIN ${tokens} t ON t.tenant_id = f.tenant_id AND t.id = f.token_id ${only.of('t')}
       LEFT JOIN ${usage} o ON o.tenant_id = t.tenant_id AND o.token_id = t.id
       ORDER BY t.id ${UNLESS_REMOVED}
       ON CONFLICT (tenant_id, token_id) DO UPDATE
       SET last_failure_at = excluded.last_failure_at, last_failure_reason = excluded.last_failure_reason,
           last_failure_hint = excluded.last_failure_hint, failing_since = excluded.failing_since
       WHERE n.last_failure_at IS NULL OR n.last_failure_at < excluded.last_failure_at`,
      [
        latest.map(({ tenantId }) => tenantId),
        latest.map(({ tokenId }) => tokenId),
        latest.map(({ lastAt }) => new Date(lastAt)),
        latest.map(({ reason }) => reason),
        latest.map(({ hint }) => hint),
        ...only.values,
      ],
    );
  }

  private async countFailures(
    runner: QueryRunner,
    failures: readonly FailureCount[],
  ): Promise<void> {
    const { failures: table, tenants } = this.tables;
    const only = onlyTenant(failures, 10);
    await runner.query(
      `INSERT INTO ${table} AS n (tenant_id, token_id, reason, hint, hour, count, last_at, last_ip, last_claims)
       SELECT t.tenant_id, f.token_id, f.reason, f.hint, f.hour, f.count, f.last_at, f.last_ip, f.last_claims
       FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[],
                   $7::timestamptz[], $8::text[], $9::jsonb[])
         AS f (tenant_id, token_id, reason, hint, hour, count, last_at, last_ip, last_claims)
       JOIN ${tenants} t ON t.tenant_id = f.tenant_id ${only.of('t')}
       ORDER BY f.tenant_id, f.hour, f.token_id, f.reason, f.hint
       ON CONFLICT (tenant_id, hour, token_id, reason, hint) DO UPDATE
       SET count = n.count + excluded.count, last_at = greatest(n.last_at, excluded.last_at),
           last_ip = CASE WHEN excluded.last_at >= n.last_at THEN excluded.last_ip ELSE n.last_ip END,
           last_claims = CASE WHEN excluded.last_at >= n.last_at THEN coalesce(excluded.last_claims, n.last_claims)
                              ELSE coalesce(n.last_claims, excluded.last_claims) END`,
      [
        failures.map(({ tenantId }) => tenantId),
        failures.map(({ tokenId }) => tokenId ?? NOBODY),
        failures.map(({ reason }) => reason),
        failures.map(({ hint }) => hint),
        failures.map(({ hour }) => new Date(hour)),
        failures.map(({ count }) => count),
        failures.map(({ lastAt }) => new Date(lastAt)),
        failures.map(({ lastIp }) => lastIp),
        failures.map(({ claims }) => (claims ? JSON.stringify(claims) : null)),
        ...only.values,
      ],
    );
  }
}
