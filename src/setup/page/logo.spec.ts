import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLogo } from './logo';

describe('readLogo', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'logo-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const read = (bytes: string | Buffer): string => {
    const path = join(folder, 'logo');
    writeFileSync(path, bytes);
    return readLogo(path).name;
  };

  it('knows a picture by its bytes, whatever its name', () => {
    expect(read('<svg xmlns="http://www.w3.org/2000/svg"/>')).toBe('logo.svg');
    const prolog = '\uFEFF<?xml version="1.0"?>\n<!-- Made by hand -->\n<!DOCTYPE svg>\n';
    expect(read(`${prolog}<svg\nwidth="1"/>`)).toBe('logo.svg');
    expect(read(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'))).toBe('logo.png');
  });

  it.each([
    ['a page', '<!DOCTYPE html><html><svg></svg></html>', /neither an SVG nor a PNG/],
    ['a photograph', Buffer.from('ffd8ffe000104a464946', 'hex'), /neither an SVG nor a PNG/],
    ['nothing', '', /neither an SVG nor a PNG/],
    ['too much', `<svg>${' '.repeat(64 * 1024)}</svg>`, /more than 64 kB/],
    ['what takes long to look through', '<!>'.repeat(20_000), /neither an SVG nor a PNG/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(message);
  });

  it('says why a file cannot be read', () => {
    expect(() => readLogo(folder)).toThrow('it cannot be read (EISDIR)');
  });
});
