import { v7 as uuidV7 } from 'uuid';
import type { NoticeTarget } from '../database/entities/scim-token-outbox.entity';
import { toNotice, type Notice } from '../core/notice';

/** A statement and its parameters. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Where writes leave their notices, in their own transaction. */
export class Outbox {
  private listener: () => void = () => undefined;

  /** @param targets who is told; with none, nothing is queued */
  constructor(readonly targets: readonly NoticeTarget[]) {}

  /** The statement that queues notices, for the transaction in which they come true; null for none. */
  queueing(table: string, tenantId: string, notices: readonly Notice[]): Statement | null {
    if (this.targets.length === 0 || notices.length === 0) return null;
    return {
      sql: `INSERT INTO ${table} (tenant_id, notice_id, target, type, body, created_at, tries, next_try_at)
            SELECT $6, n.id, t.target, n.type, n.body, n.at, 0, n.at
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS n (id, type, body, at)
            CROSS JOIN unnest($5::text[]) AS t (target)`,
      parameters: [
        notices.map(({ at }) => uuidV7({ msecs: at.getTime() })),
        notices.map(({ type }) => type),
        notices.map((notice) => JSON.stringify(toNotice(notice))),
        notices.map(({ at }) => at),
        this.targets,
        tenantId,
      ],
    };
  }

  /** Called once queued notices are committed. */
  queued(): void {
    this.listener();
  }

  /** Sets who is told that notices were queued in this process. */
  onQueued(listener: () => void): void {
    this.listener = listener;
  }
}
