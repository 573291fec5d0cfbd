import { parse } from 'libpg-query';

/** A node of PostgreSQL's parse tree, or a list of such: JSON by the names that PostgreSQL gives. */
type Tree = Readonly<Record<string, unknown>>;

/** Our tables by their names; whatever a host puts before them, and not the history of migrations. */
const OURS =
  /scim_(?:tokens|token_(?:secrets|access_tokens|tenants|events|usage|outbox|auth_failures|setup_links|setup_failures|scan))$/i;
const TENANT = 'tenant_id';

const LEVELS = ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'];

/** What an alias of ours is held to: a value, or another alias whose tenant it shares. */
type Held = { readonly by: 'value' } | { readonly by: 'alias'; readonly alias: string };

/**
 * Where a statement touches one of our tables without its tenant: as `<table> <alias>` for each that is
 * held neither to a value (`tenant_id = $1`, `= ANY($1)`) nor, by joins, to one that is; `INSERT INTO
 * <table>` for an insert that does not carry it. Our statements name a table with its schema, by which they
 * are told from those of the tests. What defines tables or shows a plan is not looked at.
 *
 * @param free what may go without, as it is told here
 * @throws Error for what PostgreSQL cannot parse
 */
export async function touchedWithoutTenant(
  sql: string,
  free: readonly string[] = [],
): Promise<string[]> {
  const { stmts = [] } = (await parse(sql)) as { stmts?: readonly { stmt?: Tree }[] };
  return findIn(stmts, new Level(null, free));
}

function findIn(node: unknown, outer: Level): string[] {
  if (Array.isArray(node)) return node.flatMap((child) => findIn(child, outer));
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, child]) => {
    if (name === 'ExplainStmt') return [];
    return LEVELS.includes(name) ? findInLevel(name, child as Tree, outer) : findIn(child, outer);
  });
}

/** One query with its own FROM, and what is nested in it. */
function findInLevel(kind: string, statement: Tree, outer: Level): string[] {
  const { larg, rarg, ...own } = statement;
  if (larg && rarg) {
    const branches = [larg, rarg] as Tree[];
    return [...branches.flatMap((one) => findInLevel(kind, one, outer)), ...findIn(own, outer)];
  }
  const level = new Level(outer, outer.free);
  const target = own.relation as Tree | undefined;
  if (target && kind !== 'InsertStmt') level.addRelation(target);
  for (const item of list(own.fromClause ?? own.usingClause)) level.addItem(item);
  level.hold(own.whereClause, null);
  const written = target && kind === 'InsertStmt' ? withoutTenantIn(target, own) : [];
  const merged = kind === 'MergeStmt' && target && ourTable(target) ? ['MERGE'] : [];
  return [...written, ...merged, ...level.loose(), ...findIn(own, level)];
}

function withoutTenantIn(target: Tree, { cols, onConflictClause }: Tree): string[] {
  const table = ourTable(target);
  if (table === null) return [];
  const names = (columns: unknown): unknown[] =>
    list(columns).map((column) => (Object.values(column)[0] as Tree).name);
  const conflict = (onConflictClause as Tree | undefined)?.infer as Tree | undefined;
  return [
    ...(names(cols).includes(TENANT) ? [] : [`INSERT INTO ${table}`]),
    ...(!conflict || names(conflict.indexElems).includes(TENANT)
      ? []
      : [`ON CONFLICT of ${table}`]),
  ];
}

/** The relations of one FROM, and what holds the tenants of ours. */
class Level {
  /** By alias: our table as it is told, or null for whatever else. */
  private readonly relations = new Map<string, string | null>();
  private readonly held = new Map<string, Held[]>();

  constructor(
    private readonly outer: Level | null,
    readonly free: readonly string[],
  ) {}

  addRelation(relation: Tree): string[] {
    const name = (relation.alias as Tree | undefined)?.aliasname;
    const alias = String(name ?? relation.relname);
    const table = ourTable(relation);
    this.relations.set(alias, table === null || name === undefined ? table : `${table} ${alias}`);
    return [alias];
  }

  /** @returns the aliases of an item of FROM */
  addItem(item: Tree): string[] {
    const [[kind, node] = []] = Object.entries(item) as [string, Tree][];
    if (kind === undefined || node === undefined) return [];
    if (kind === 'RangeVar') return this.addRelation(node);
    if (kind === 'JoinExpr') return this.addJoin(node);
    const { aliasname: alias } = (node.alias ?? {}) as { readonly aliasname?: string };
    if (alias === undefined) return [];
    this.relations.set(alias, null);
    return [alias];
  }

  /** A condition of an outer join narrows the side that may be missing, and of a full one neither. */
  private addJoin({ jointype, larg, rarg, quals, usingClause }: Tree): string[] {
    const left = this.addItem(larg as Tree);
    const right = this.addItem(rarg as Tree);
    const narrowed = {
      JOIN_INNER: [...left, ...right],
      JOIN_LEFT: right,
      JOIN_RIGHT: left,
    }[String(jointype)];
    this.hold(quals, narrowed ?? []);
    if (list(usingClause).some((name) => textOf(name) === TENANT)) {
      for (const one of left) {
        for (const other of right) {
          this.holdTo(one, this.sourceOf(other), narrowed ?? []);
          this.holdTo(other, this.sourceOf(one), narrowed ?? []);
        }
      }
    }
    return [...left, ...right];
  }

  /**
   * Takes in a condition that every row meets.
   *
   * @param narrowed the aliases whose rows it narrows; null for all
   */
  hold(condition: unknown, narrowed: readonly string[] | null): void {
    const [[kind, node] = []] = Object.entries((condition ?? {}) as Tree) as [string, Tree][];
    if (kind === 'BoolExpr' && node?.boolop === 'AND_EXPR') {
      for (const part of list(node.args)) this.hold(part, narrowed);
    } else if (kind === 'A_Expr' && list(node?.name).map(textOf).join() === '=') {
      this.holdEqual(String(node?.kind), node?.lexpr as Tree, node?.rexpr, narrowed);
    } else if (kind === 'SubLink' && node?.subLinkType === 'ANY_SUBLINK' && !node.operName) {
      for (const column of partsOf(node.testexpr as Tree)) {
        for (const alias of this.tenantOf(column)) this.holdTo(alias, { by: 'value' }, narrowed);
      }
    }
  }

  private holdEqual(
    kind: string,
    left: Tree,
    right: unknown,
    narrowed: readonly string[] | null,
  ): void {
    if (kind === 'AEXPR_IN') {
      const all = list((right as { List?: Tree }).List?.items);
      const are = all.every((value) => this.heldBy(value)?.by === 'value');
      if (are)
        for (const alias of this.tenantOf(left)) this.holdTo(alias, { by: 'value' }, narrowed);
      return;
    }
    const [ones, others] = [partsOf(left), partsOf(right as Tree)];
    if (ones.length !== others.length) return;
    for (const [index, one] of ones.entries()) {
      const other = others[index] ?? {};
      for (const alias of this.tenantOf(one)) this.holdTo(alias, this.heldBy(other), narrowed);
      if (kind !== 'AEXPR_OP') continue;
      for (const alias of this.tenantOf(other)) this.holdTo(alias, this.heldBy(one), narrowed);
    }
  }

  private holdTo(alias: string, held: Held | null, narrowed: readonly string[] | null): void {
    if (!held || narrowed?.includes(alias) === false) return;
    this.held.set(alias, [...(this.held.get(alias) ?? []), held]);
  }

  /** What an expression says of the tenant that is compared with it; null for nothing. */
  private heldBy(expression: Tree): Held | null {
    const [[kind, node] = []] = Object.entries(expression) as [string, Tree][];
    if (kind === 'TypeCast') return this.heldBy(node?.arg as Tree);
    if (kind === 'ParamRef' || kind === 'SubLink') return { by: 'value' };
    if (kind === 'A_Const') return node?.isnull === true ? null : { by: 'value' };
    const [alias] = this.tenantOf(expression, true);
    return alias === undefined ? null : this.sourceOf(alias);
  }

  /** Another relation's tenant is a value: what it is read from is looked at by itself. */
  private sourceOf(alias: string): Held | null {
    if (this.relations.has(alias)) {
      return this.relations.get(alias) === null ? { by: 'value' } : { by: 'alias', alias };
    }
    return this.outer?.isHeld(alias) ? { by: 'value' } : null;
  }

  /** The aliases whose tenant a column is; without a name before it, that of ours. */
  private tenantOf(expression: Tree, anywhere = false): string[] {
    const names = list((expression.ColumnRef as Tree | undefined)?.fields).map(textOf);
    if (names.at(-1) !== TENANT) return [];
    const [alias] = names.length > 1 ? names.slice(-2) : [];
    if (alias !== undefined) return anywhere || this.relations.has(alias) ? [alias] : [];
    const ours = [...this.relations].filter(([, table]) => table !== null);
    return (ours.length > 0 ? ours : [...this.relations]).map(([name]) => name);
  }

  /** Our tables whose tenant nothing holds. */
  loose(): string[] {
    return [...this.relations].flatMap(([alias, table]) =>
      table === null || this.isHeld(alias) ? [] : [table],
    );
  }

  private isHeld(alias: string, seen: readonly string[] = []): boolean {
    if (!this.relations.has(alias)) return this.outer?.isHeld(alias) ?? false;
    const table = this.relations.get(alias) ?? null;
    if (table === null || this.free.includes(table)) return true;
    return (this.held.get(alias) ?? []).some(
      (held) =>
        held.by === 'value' ||
        (!seen.includes(held.alias) && this.isHeld(held.alias, [...seen, alias])),
    );
  }
}

/** The name of a relation that is one of our tables, as our statements name them. */
function ourTable({ schemaname, relname }: Tree): string | null {
  return schemaname === undefined ? null : (OURS.exec(String(relname))?.[0] ?? null);
}

function partsOf(expression: Tree): readonly Tree[] {
  return 'RowExpr' in expression ? list((expression.RowExpr as Tree).args) : [expression];
}

function list(nodes: unknown): readonly Tree[] {
  return (nodes ?? []) as readonly Tree[];
}

function textOf(node: Tree): string {
  return String((node.String as Tree | undefined)?.sval);
}
