import { v7 as uuidV7 } from 'uuid';
import { Injectable } from '@nestjs/common';
import {
  NoScimTokenEventListener,
  toScimTokenEvent,
  type TokenEvent,
} from '../core/scim-token-event-listener';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import type { OutboxTarget } from '../database/entities/scim-token-outbox.entity';

/** A statement and its parameters. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Where writes leave their events, in their own transaction. */
@Injectable()
export class Outbox {
  /** Who is told; with none, nothing is queued. */
  readonly targets: readonly OutboxTarget[];
  private listener: () => void = () => undefined;

  constructor({ webhook, eventListener }: ResolvedScimTokensOptions) {
    const targets: OutboxTarget[] = webhook ? ['webhook'] : [];
    if (!(eventListener instanceof NoScimTokenEventListener)) targets.push('listener');
    this.targets = targets;
  }

  /** The statement that queues events, for the transaction in which they come true; null for none. */
  queueing(table: string, tenantId: string, events: readonly TokenEvent[]): Statement | null {
    if (this.targets.length === 0 || events.length === 0) return null;
    return {
      sql: `INSERT INTO ${table} (tenant_id, event_id, target, type, body, created_at, tries, next_try_at)
            SELECT $6, n.id, t.target, n.type, n.body, n.at, 0, n.at
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS n (id, type, body, at)
            CROSS JOIN unnest($5::text[]) AS t (target)`,
      parameters: [
        events.map(({ at }) => uuidV7({ msecs: at.getTime() })),
        events.map(({ type }) => type),
        events.map((event) => JSON.stringify(toScimTokenEvent(event))),
        events.map(({ at }) => at),
        this.targets,
        tenantId,
      ],
    };
  }

  /** Called once queued events are committed. */
  queued(): void {
    this.listener();
  }

  /** Sets who is told that events were queued in this process. */
  onQueued(listener: () => void): void {
    this.listener = listener;
  }
}
