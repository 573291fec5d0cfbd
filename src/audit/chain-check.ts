import { AuditChain, hashEntry, type Changes } from '../ledger/audit-chain';
import { hashedMembers, type AuditEntryRow } from '../ledger/audit-chain';

/** What can be wrong with a chain at one of its places. */
export type BreakKind = 'altered' | 'missing' | 'inserted' | 'reordered' | 'cut';

/** The first place at which a tenant's chain is broken. */
export interface ChainBreak {
  readonly kind: BreakKind;
  readonly seq: number;
}

/** A point of a chain: the number and hash of an entry. */
export interface ChainPoint {
  readonly seq: number;
  readonly hash: string;
}

/** Before a tenant's first entry. */
export const CHAIN_START: ChainPoint = { seq: 0, hash: AuditChain.START };

/** An entry as the check reads it: its changes as the text that the database holds. */
export interface CheckedRow extends Omit<AuditEntryRow, 'changes'> {
  readonly changes: string;
}

/** Looks for rows of the chain under check, where its order is broken. */
export interface ChainRows {
  /** Rows that name this hash as the one before theirs. */
  after(hash: string): Promise<readonly CheckedRow[]>;
  /** The row with this number. */
  at(seq: number): Promise<CheckedRow | undefined>;
}

/**
 * Follows one tenant's chain, row after row in the order of `seq`, and says what is wrong at the first
 * place where it does not hold.
 */
export class ChainCheck {
  private previous: ChainPoint;

  /**
   * @param start the checkpoint up to which entries have been removed, or {@link CHAIN_START}
   * @param head the end of the chain, as the tenant's row says
   */
  constructor(
    private readonly start: ChainPoint,
    private readonly head: ChainPoint,
    private readonly rows: ChainRows,
  ) {
    this.previous = start;
  }

  /** The last entry that held. */
  get reached(): ChainPoint {
    return this.previous;
  }

  /** Looks at the next row; answers null while all is well. */
  async next(row: CheckedRow): Promise<ChainBreak | null> {
    const seq = this.previous.seq + 1;
    const own = Number(row.seq);
    if (own < seq || own > this.head.seq) return { kind: 'inserted', seq: own };
    if (own > seq) return this.gap(seq);
    if (!isSound(row, seq)) return this.displaced(row, seq);
    if (row.prev_hash !== this.previous.hash) return this.unlinked(row, seq);
    this.previous = { seq, hash: row.hash };
    return null;
  }

  /** To be asked when there are no more rows: whether the chain ends where the tenant's row says. */
  async end(): Promise<ChainBreak | null> {
    const { seq, hash } = this.previous;
    if (seq < this.head.seq) {
      return (await this.successor(seq + 1)) ? { kind: 'reordered', seq: seq + 1 } : cut(seq + 1);
    }
    if (hash === this.head.hash) return null;
    return seq > this.start.seq ? { kind: 'altered', seq } : cut(seq + 1);
  }

  /** No row has the number that is due. */
  private async gap(seq: number): Promise<ChainBreak> {
    return { kind: (await this.successor(seq)) ? 'reordered' : 'missing', seq };
  }

  /** The row in this place does not have the hash it should have here. */
  private async displaced(row: CheckedRow, seq: number): Promise<ChainBreak> {
    const home = this.homeOf(row);
    // What stood in the row's own place has passed, so it is a forgery that pushed the others on.
    if (home !== null && home < seq) return { kind: 'inserted', seq: home };
    const successor = await this.successor(seq);
    if (home !== null) return { kind: successor ? 'reordered' : 'missing', seq };
    return { kind: successor ? 'inserted' : 'altered', seq };
  }

  /** The row is sound in itself but names another one before it: one of the two was made anew. */
  private async unlinked(row: CheckedRow, seq: number): Promise<ChainBreak> {
    const next = await this.rows.at(seq + 1);
    const linked = (next ? next.prev_hash : this.head.hash) === row.hash;
    const isFirst = seq === this.start.seq + 1;
    return { kind: 'altered', seq: linked && !isFirst ? seq - 1 : seq };
  }

  /** The row that belongs here, wherever it stands. */
  private async successor(seq: number): Promise<CheckedRow | undefined> {
    const candidates = await this.rows.after(this.previous.hash);
    return candidates.find((row) => isSound(row, seq));
  }

  /** The place in which the row would be sound. */
  private homeOf(row: CheckedRow): number | null {
    for (let seq = this.start.seq + 1; seq <= this.head.seq; seq++) {
      if (isSound(row, seq)) return seq;
    }
    return null;
  }
}

function cut(seq: number): ChainBreak {
  return { kind: 'cut', seq };
}

/** Whether a row has the hash that its members have in this place. */
function isSound(row: CheckedRow, seq: number): boolean {
  const changes = changesOf(row.changes);
  if (changes === null) return false;
  const members = hashedMembers({ ...row, seq: String(seq), changes });
  return hashEntry(row.prev_hash, members) === row.hash;
}

const TEXTS = /"(?:[^"\\]|\\.)*"/g;
const NUMBERS = /-?\d[\d.]*/g;

/**
 * Reads the changes. The database holds numbers to any precision, JSON.parse rounds them: what it would
 * round was not written by us, and the hash would not show it.
 */
function changesOf(text: string): Changes | null {
  const numbers = text.replace(TEXTS, '""').match(NUMBERS) ?? [];
  const exact = numbers.every((number) => {
    const read = String(Number(number));
    return read === number || read.includes('e');
  });
  return exact ? (JSON.parse(text) as Changes) : null;
}
