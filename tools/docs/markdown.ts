/** Text in one line. */
export function inline(text: string): string {
  return text.trim().replace(/\s+/g, (space) => (/[\r\n]/.test(space) ? ' ' : space));
}

/** Text that stays within its table cell. */
export function cell(text: string): string {
  return inline(text).replaceAll('|', '\\|');
}

/** A code span that may stand in a table. Longer fences hold text that has backticks itself. */
export function code(text: string): string {
  const content = cell(text);
  const runs = content.match(/`+/g) ?? [];
  if (runs.length === 0) return `\`${content}\``;
  const fence = '`'.repeat(Math.max(...runs.map((run) => run.length)) + 1);
  return `${fence} ${content} ${fence}`;
}

/** A table of cells that are Markdown already. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}

/** A scalar of the front matter, quoted where YAML would read something else. */
export function yamlScalar(text: string): string {
  return /^[\p{L}\p{N}][\p{L}\p{N} ./()_-]*$/u.test(text) ? text : JSON.stringify(text);
}
