/**
 * Name and value of each pair of a form or a query, as the URL standard reads them (§5.1). Pair by pair:
 * `URLSearchParams` of the whole costs the square of its length on Node 24.
 */
export function formPairs(text: string): (readonly [name: string, value: string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (const piece of text.split('&')) {
    if (piece === '') continue;
    if (piece.includes('%') || piece.includes('+')) {
      // The constructor would drop a leading question mark, which belongs to the name.
      pairs.push(...new URLSearchParams(`&${piece}`));
      continue;
    }
    const end = piece.indexOf('=');
    pairs.push(end === -1 ? [piece, ''] : [piece.slice(0, end), piece.slice(end + 1)]);
  }
  return pairs;
}
