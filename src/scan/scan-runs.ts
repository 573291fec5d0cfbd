import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { NO_TENANT } from '../database/entities/scim-token-scan.entity';
import { runUnlogged } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables } from '../database/table-names';

/** Intervals of the scan that may pass between two runs before it counts as having stood still. */
const INTERVALS_OF_A_GAP = 5;

/** Since when the scan has run, whichever instances did. */
@Injectable()
export class ScanRuns {
  /** Milliseconds between two runs, in either direction of the clock, that are a gap. */
  readonly gapMs: number;
  private readonly table: string;

  constructor(
    @InjectScimTokensDataSource() private readonly dataSource: DataSource,
    { expiryScanSeconds }: ResolvedScimTokensOptions,
  ) {
    this.gapMs = expiryScanSeconds * INTERVALS_OF_A_GAP * 1000;
    this.table = qualifiedTables(dataSource).scan;
  }

  /**
   * Notes that the scan runs.
   *
   * @returns since when it has, without a gap: an outage of ours or a jump of the clock
   */
  async note(now: Date): Promise<Date> {
    const isGap = `abs(extract(epoch FROM excluded.last_run_at - s.last_run_at)) * 1000 > $3`;
    const [row] = await runUnlogged<{ running_since: Date }>(
      this.dataSource,
      `INSERT INTO ${this.table} AS s (tenant_id, running_since, last_run_at) VALUES ($1, $2, $2)
       ON CONFLICT (tenant_id) DO UPDATE
       SET running_since = CASE WHEN ${isGap} THEN excluded.running_since ELSE s.running_since END,
           last_run_at = CASE WHEN ${isGap} THEN excluded.last_run_at
                              ELSE greatest(s.last_run_at, excluded.last_run_at) END
       RETURNING running_since`,
      [NO_TENANT, now, this.gapMs],
    );
    return row?.running_since ?? now;
  }
}
