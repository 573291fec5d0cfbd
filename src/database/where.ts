import type { HealthState } from '../core/health';
import type { TokenStatus } from '../core/token';
import type { TenantScope } from '../core/request-context';
import { endOf } from './token-columns';
import { isOfHealth } from './token-health';

/** Builds a WHERE clause and its parameters together; values never enter the text. */
export class Where {
  private readonly conditions: string[] = [];

  /** @param parameters list to go on with, where the clause is part of a larger statement */
  constructor(readonly parameters: unknown[] = []) {}

  /** The clause, with its keyword. */
  get text(): string {
    return this.conditions.length === 0 ? '' : `WHERE ${this.conditions.join(' AND ')}`;
  }

  /** Adds a parameter and returns its placeholder. */
  use(value: unknown): string {
    this.parameters.push(value);
    return `$${this.parameters.length}`;
  }

  /** Adds `<left> <placeholder>`. */
  add(left: string, value: unknown): this {
    this.conditions.push(`${left} ${this.use(value)}`);
    return this;
  }

  /** Narrows to rows that have something in a column. */
  set(column: string): this {
    this.conditions.push(`${column} IS NOT NULL`);
    return this;
  }

  /** Narrows to rows that have nothing in a column. */
  unset(column: string): this {
    this.conditions.push(`${column} IS NULL`);
    return this;
  }

  /** Narrows to texts that contain another, in whatever case. */
  contains(column: string, text: string): this {
    this.conditions.push(`strpos(lower(${column}), lower(${this.use(text)})) > 0`);
    return this;
  }

  /** Narrows to what follows a position, in the order of the columns. */
  after(columns: readonly string[], position: readonly unknown[], descending: boolean): this {
    const values = position.map((value) => this.use(value));
    const sign = descending ? '<' : '>';
    this.conditions.push(`(${columns.join(', ')}) ${sign} (${values.join(', ')})`);
    return this;
  }

  /** Narrows to the scope's tenants; an empty list matches nothing. */
  scope(column: string, scope: TenantScope): this {
    if (scope.kind === 'all') return this;
    const [only] = scope.tenantIds;
    return scope.tenantIds.length === 1
      ? this.add(`${column} =`, only)
      : this.anyOf(column, scope.tenantIds);
  }

  /** Narrows to a status as of `now`; without one to all that are not revoked. */
  status({ status, now }: { readonly status?: TokenStatus | undefined; readonly now: Date }): this {
    this.conditions.push(`t.revoked_at IS ${status === 'revoked' ? 'NOT NULL' : 'NULL'}`);
    if (status === 'expired') return this.add('t.expires_at <=', now);
    if (status === 'active' || status === 'disabled') {
      this.conditions.push(status === 'active' ? 't.enabled' : 'NOT t.enabled');
      return this.add(`${endOf('t')} >`, now);
    }
    return this;
  }

  /** Narrows tokens `t` with their usage `u` to a state of health as of `now`. */
  health(state: HealthState, now: Date): this {
    this.conditions.push(`(${isOfHealth(state, this.use(now))})`);
    return this;
  }

  private anyOf(column: string, values: readonly string[]): this {
    this.conditions.push(`${column} = ANY(${this.use(values)})`);
    return this;
  }
}
