import { v7 as uuidV7 } from 'uuid';
import { Injectable } from '@nestjs/common';
import {
  NoScimTokenEventListener,
  toEvent,
  type SetupLinkEvent,
  type TokenEvent,
} from '../core/scim-token-event-listener';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import type { OutboxTarget } from '../database/entities/scim-token-outbox.entity';

/** Columns of a row of the outbox that is written. */
export const OUTBOX_COLUMNS = [
  'tenant_id',
  'event_id',
  'target',
  'type',
  'body',
  'created_at',
  'tries',
  'next_try_at',
] as const;

type OutboxRow = Readonly<Record<(typeof OUTBOX_COLUMNS)[number], unknown>>;

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

  /** The rows that queue events, for the transaction in which they come true: one for each who is told. */
  rowsOf(tenantId: string, events: readonly (TokenEvent | SetupLinkEvent)[]): OutboxRow[] {
    if (this.targets.length === 0) return [];
    return events.flatMap((event) => {
      const row = {
        tenant_id: tenantId,
        event_id: uuidV7({ msecs: event.at.getTime() }),
        type: event.type,
        body: JSON.stringify(toEvent(event)),
        created_at: event.at,
        tries: 0,
        next_try_at: event.at,
      };
      return this.targets.map((target) => ({ ...row, target }));
    });
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
