import { readFileSync, statSync } from 'node:fs';

/** Bytes of a logo: it comes with the first load. */
const MAX_BYTES = 64 * 1024;
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
/** The root element, behind what may stand before it: XML declaration, comments, document type. */
const SVG_START = /^\uFEFF?\s*(?:<[?!][^>]*>\s*){0,16}<svg[\s>]/i;

/** A picture as it is served. */
export interface Logo {
  readonly name: 'logo.svg' | 'logo.png';
  readonly bytes: Buffer;
}

/**
 * Reads a logo. What it is its bytes say, not its name.
 *
 * @throws Error that says what is wrong with the file
 */
export function readLogo(path: string): Logo {
  let bytes: Buffer;
  try {
    if (statSync(path).size > MAX_BYTES) throw new Error('it has more than 64 kB');
    bytes = readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(code === undefined ? message : `it cannot be read (${code})`);
  }
  if (bytes.subarray(0, PNG.length).equals(PNG)) return { name: 'logo.png', bytes };
  if (SVG_START.test(bytes.toString('utf8'))) return { name: 'logo.svg', bytes };
  throw new Error('it is neither an SVG nor a PNG');
}
