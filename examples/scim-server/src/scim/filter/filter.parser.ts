import {
  COMPARE_OPERATORS,
  type AttributePath,
  type Filter,
  type FilterValue,
  type PatchPath,
} from './filter.ast';
import { FilterCursor, FilterSyntaxError } from './filter.cursor';

/** Characters of a filter or path. */
export const MAX_FILTER_LENGTH = 8_192;
/** Brackets and negations inside each other. */
export const MAX_FILTER_DEPTH = 20;
/** Comparisons in one filter. */
export const MAX_FILTER_TERMS = 200;

const URN = /^urn:/i;
const NAME = /^[A-Za-z$][\w$-]*$/;
const LITERALS = { true: true, false: false, null: null } as const;

/**
 * Parses a filter of RFC 7644 §3.4.2.2. Words are read whatever their case; a value filter may be
 * followed by a comparison of a sub-attribute (`emails[type eq "work"].value eq "…"`), which Entra sends.
 *
 * @throws FilterSyntaxError for anything else, and for more than the limits allow
 */
export function parseFilter(text: string): Filter {
  return new FilterParser(text).wholeFilter();
}

/**
 * Parses a path of RFC 7644 §3.5.2.
 *
 * @throws FilterSyntaxError for anything else, and for more than the limits allow
 */
export function parsePath(text: string): PatchPath {
  return new FilterParser(text).wholePath();
}

class FilterParser {
  private readonly cursor: FilterCursor;
  private depth = 0;
  private terms = 0;

  constructor(text: string) {
    if (text.length > MAX_FILTER_LENGTH) {
      throw new FilterSyntaxError(`longer than ${MAX_FILTER_LENGTH} characters`);
    }
    this.cursor = new FilterCursor(text);
  }

  wholeFilter(): Filter {
    const filter = this.disjunction();
    this.end();
    return filter;
  }

  wholePath(): PatchPath {
    this.cursor.spaces();
    const path = this.attributePath();
    let result: PatchPath = { path, filter: null };
    if (this.cursor.character('[')) {
      if (path.sub !== null)
        throw this.cursor.error('a sub-attribute has no values to choose from');
      const filter = this.valueFilter();
      result = { path: { ...path, sub: this.cursor.subAttribute() }, filter };
    }
    this.end();
    return result;
  }

  private disjunction(): Filter {
    return this.junction('or', () => this.junction('and', () => this.term()));
  }

  private junction(kind: 'and' | 'or', operand: () => Filter): Filter {
    const first = operand();
    const filters = [first];
    while (this.cursor.keyword([kind]) !== null) filters.push(operand());
    return filters.length === 1 ? first : { kind, filters };
  }

  /** Reads one operand, and the spaces on both sides of it. */
  private term(): Filter {
    this.cursor.spaces();
    const term = this.cursor.character('(') ? this.group() : (this.negation() ?? this.comparison());
    this.cursor.spaces();
    return term;
  }

  private group(): Filter {
    const filter = this.nested(() => this.disjunction());
    this.cursor.expect(')');
    return filter;
  }

  private negation(): Filter | null {
    if (this.cursor.keyword(['not']) === null) return null;
    this.cursor.spaces();
    this.cursor.expect('(');
    return { kind: 'not', filter: this.group() };
  }

  private comparison(): Filter {
    const path = this.attributePath();
    if (this.cursor.character('[')) return this.valuesOf(path);
    return this.comparisonOf(path);
  }

  private valuesOf(path: AttributePath): Filter {
    if (path.sub !== null) throw this.cursor.error('a sub-attribute has no values to choose from');
    const filter = this.valueFilter();
    const sub = this.cursor.subAttribute();
    if (sub === null) return { kind: 'values', path, filter };
    const further = this.comparisonOf({ schema: null, name: sub, sub: null });
    return { kind: 'values', path, filter: { kind: 'and', filters: [filter, further] } };
  }

  private valueFilter(): Filter {
    const filter = this.nested(() => this.disjunction());
    this.cursor.expect(']');
    return filter;
  }

  private comparisonOf(path: AttributePath): Filter {
    this.terms += 1;
    if (this.terms > MAX_FILTER_TERMS) {
      throw new FilterSyntaxError(`more than ${MAX_FILTER_TERMS} comparisons`);
    }
    if (!this.cursor.spaces()) throw this.cursor.error('operator expected');
    if (this.cursor.keyword(['pr']) !== null) return { kind: 'present', path };
    const operator = this.cursor.keyword(COMPARE_OPERATORS);
    if (operator === null) throw this.cursor.error('operator expected');
    if (!this.cursor.spaces()) throw this.cursor.error('value expected');
    return { kind: 'compare', path, operator, value: this.value() };
  }

  private value(): FilterValue {
    const value = this.cursor.string() ?? this.cursor.number();
    if (value !== null) return value;
    const literal = this.cursor.keyword(['true', 'false', 'null']);
    if (literal === null) throw this.cursor.error('value expected');
    return LITERALS[literal];
  }

  /** A URN ends at its last colon: names have none. */
  private attributePath(): AttributePath {
    const word = this.cursor.word();
    if (word === null) throw this.cursor.error('attribute expected');
    const colon = URN.test(word) ? word.lastIndexOf(':') : -1;
    const [name = '', sub = null, ...rest] = word.slice(colon + 1).split('.');
    if (!NAME.test(name) || (sub !== null && !NAME.test(sub)) || rest.length > 0) {
      throw this.cursor.error('attribute expected');
    }
    return { schema: colon === -1 ? null : word.slice(0, colon), name, sub };
  }

  private nested(read: () => Filter): Filter {
    this.depth += 1;
    if (this.depth > MAX_FILTER_DEPTH) {
      throw new FilterSyntaxError(`more than ${MAX_FILTER_DEPTH} levels deep`);
    }
    const filter = read();
    this.depth -= 1;
    return filter;
  }

  private end(): void {
    this.cursor.spaces();
    if (!this.cursor.atEnd) throw this.cursor.error('unexpected text');
  }
}
