import { printableJson, visible } from './command-line';

const HOSTILE = 'a\u001b[2J\u0000\u007f\u009b31m\u202egpj.exe\u2066\u200b\ufeff\u{e0041}\ud800é😀';

describe('Text on a terminal', () => {
  it('shows characters that a terminal would obey or hide, and leaves others', () => {
    expect(visible(HOSTILE)).toMatch(/^a\\u\{1b\}\[2J\\u\{0\}[^\p{C}]*é😀$/u);
  });

  it.each([undefined, 2])('is the same JSON to a parser, without such characters', (indent) => {
    const value = { name: HOSTILE, list: ['two\nlines', 1, null] };
    const json = printableJson(value, indent);
    expect(json).not.toMatch(/[^\P{C}\n]/u);
    expect(json.includes('\n')).toBe(indent !== undefined);
    expect(JSON.parse(json)).toEqual(value);
    expect(json).toContain('é😀');
  });
});
