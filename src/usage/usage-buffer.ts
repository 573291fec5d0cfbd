import { toIpAddress } from '../core/ip-address';
import { HOUR_MS } from '../core/time';
import type { FailureHint, RefusalReason, TokenOwner } from '../core/refusal';

/** Where a value was presented. */
export interface Presentation {
  readonly ip?: string | null | undefined;
  readonly userAgent?: string | null | undefined;
}

/** The uses of a secret that are not written yet. */
export interface SecretUse extends TokenOwner {
  readonly secretId: string;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** Failures of one kind within one hour that are not written yet. */
export interface FailureCount {
  /** Whose administrators may know. */
  readonly tenantId: string;
  /** UUID; null where the value is nobody's, or another tenant's. */
  readonly tokenId: string | null;
  readonly reason: RefusalReason;
  readonly hint: FailureHint;
  /** Start of the hour. */
  readonly hour: number;
  readonly count: number;
  readonly lastAt: number;
  readonly lastIp: string | null;
}

/** Requests from elsewhere that a token in report mode let through, and that are not written yet. */
export interface IpReport extends TokenOwner {
  readonly count: number;
  readonly lastAt: number;
  readonly lastIp: string | null;
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** Milliseconds between two writes of one secret's use. */
const WRITE_EVERY_MS = 60_000;
/** Most secrets, and most kinds of failures, that are kept: beyond them a flood counts for nothing. */
const MAX_USES = 200_000;
const MAX_FAILURES = 10_000;
const USER_AGENT_MAX = 512;

/** Holds uses and failures between two flushes: bounded, in memory, no I/O. */
export class UsageBuffer {
  private readonly uses = new Map<string, Mutable<SecretUse>>();
  /** When this process last wrote a secret's use, for a minute: little, as there are many. */
  private readonly writtenAt = new Map<string, number>();
  private readonly failures = new Map<string, Mutable<FailureCount>>();
  private readonly reports = new Map<string, Mutable<IpReport>>();

  /** Whether all is written. */
  get isEmpty(): boolean {
    return this.uses.size + this.failures.size + this.reports.size === 0;
  }

  /** Notes a use. */
  use(
    { secretId, tokenId, tenantId }: TokenOwner & { readonly secretId: string },
    at: number,
    { ip, userAgent }: Presentation,
  ): void {
    const known = this.uses.get(secretId);
    if (known) {
      if (at < known.lastAt) return;
      known.lastAt = at;
      known.ip = ip ?? null;
      known.userAgent = userAgent ?? null;
      return;
    }
    if (this.uses.size >= MAX_USES) return;
    this.uses.set(secretId, {
      secretId,
      tokenId,
      tenantId,
      firstAt: at,
      lastAt: at,
      ip: ip ?? null,
      userAgent: userAgent ?? null,
    });
  }

  /** Notes a failure for the administrators of one tenant. */
  fail(
    tenantId: string,
    tokenId: TokenOwner['tokenId'] | null,
    { reason, hint }: { readonly reason: RefusalReason; readonly hint: FailureHint },
    at: number,
    { ip }: Presentation,
  ): void {
    const hour = Math.floor(at / HOUR_MS) * HOUR_MS;
    const key = [hour, reason, hint, tokenId ?? '', tenantId].join(' ');
    const known = this.failures.get(key);
    const lastIp = toIpAddress(ip);
    if (known) {
      known.count += 1;
      known.lastAt = Math.max(known.lastAt, at);
      known.lastIp = lastIp;
    } else if (this.failures.size < MAX_FAILURES) {
      this.failures.set(key, {
        tenantId,
        tokenId,
        reason,
        hint,
        hour,
        count: 1,
        lastAt: at,
        lastIp,
      });
    }
  }

  /** Notes a request from elsewhere that was let through. */
  letThrough({ tokenId, tenantId }: TokenOwner, at: number, { ip }: Presentation): void {
    this.addReport({ tokenId, tenantId, count: 1, lastAt: at, lastIp: toIpAddress(ip) });
  }

  /** Takes the reports out. */
  takeReports(): IpReport[] {
    const reports = [...this.reports.values()];
    this.reports.clear();
    return reports;
  }

  /** Puts reports back that could not be written. */
  returnReports(reports: readonly IpReport[]): void {
    for (const report of reports) this.addReport(report);
  }

  private addReport(report: IpReport): void {
    const known = this.reports.get(report.tokenId);
    if (!known) {
      if (this.reports.size < MAX_USES) this.reports.set(report.tokenId, { ...report });
      return;
    }
    known.count += report.count;
    if (report.lastAt < known.lastAt) return;
    known.lastAt = report.lastAt;
    known.lastIp = report.lastIp;
  }

  /**
   * Up to `most` uses whose minute is over, in the order of their secrets' ids. They stay in the buffer
   * until they are known to be written.
   *
   * @param all also those whose minute is not over
   */
  dueUses(now: number, most: number, all: boolean): SecretUse[] {
    const isOver = (at: number): boolean => now - at >= WRITE_EVERY_MS || now < at;
    for (const [secretId, at] of this.writtenAt) if (isOver(at)) this.writtenAt.delete(secretId);
    const due: SecretUse[] = [];
    for (const use of this.uses.values()) {
      if (!all && this.writtenAt.has(use.secretId)) continue;
      due.push({ ...use, ip: toIpAddress(use.ip), userAgent: storable(use.userAgent) });
      if (due.length === most) break;
    }
    return due.sort((a, b) => (a.secretId < b.secretId ? -1 : 1));
  }

  /** Marks uses as written; one that was used meanwhile stays pending. */
  wroteUses(written: readonly SecretUse[], now: number): void {
    for (const { secretId, lastAt } of written) {
      this.writtenAt.set(secretId, now);
      if (this.uses.get(secretId)?.lastAt === lastAt) this.uses.delete(secretId);
    }
  }

  /** Drops uses of secrets that are no longer there. */
  dropUses(secretIds: Iterable<string>): void {
    for (const id of secretIds) this.uses.delete(id);
  }

  /** Takes the failures out. */
  takeFailures(): FailureCount[] {
    const failures = [...this.failures.values()];
    this.failures.clear();
    return failures;
  }

  /** Puts failures back that could not be written. */
  returnFailures(failures: readonly FailureCount[]): void {
    for (const failure of failures) {
      const { hour, reason, hint, tokenId, tenantId } = failure;
      const key = [hour, reason, hint, tokenId ?? '', tenantId].join(' ');
      const known = this.failures.get(key);
      if (known) known.count += failure.count;
      else if (this.failures.size < MAX_FAILURES) this.failures.set(key, { ...failure });
    }
  }
}

/** What PostgreSQL can hold of a text from outside. */
function storable(text: string | null): string | null {
  return text?.slice(0, USER_AGENT_MAX).toWellFormed().replaceAll('\0', '') ?? null;
}
