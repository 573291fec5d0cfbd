import { isInNetworks, toIpAddress } from './ip-address';

describe('An address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['203.0.113.7:0', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:CB00:7107', '203.0.113.7'],
    ['[::ffff:cb00:7107]:443', '203.0.113.7'],
    ['[::ffff:203.0.113.7%eth0]:443', '203.0.113.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['2001:db8::1:443', '2001:db8::1:443'],
    ['fe80::1%eth0', 'fe80::1'],
    ['fe80::1%eth0.100', 'fe80::1'],
    ['[fe80::1%25en0]:8080', 'fe80::1'],
    ['::', '::'],
    ['::1', '::1'],
  ])('is read out of %s', (text, address) => {
    expect(toIpAddress(text)).toBe(address);
    // What it answers is its own answer.
    expect(toIpAddress(address)).toBe(address);
  });

  it.each(
    [
      '',
      ' ',
      'unknown',
      '_hidden',
      '_SEVKISEK',
      'localhost',
      'null',
      '"203.0.113.7"',
      "'::1'",
    ].concat(
      ['127.1', '0x7f.0.0.1', '0x7f000001', '2130706433', '010.0.0.1', '1.2.3', '1.2.3.4.5'],
      ['256.0.0.1', '1.2.3.4%eth0', '1.2.3.4:', '1.2.3.4:x', '1.2.3.4:65536', '1.2.3.4:123456'],
      ['1.2.3.4:80:80', '1.2.3.4, 5.6.7.8', '1.2.3.4/32', '::1/128', ' 1.2.3.4', '1.2.3.4\n'],
      ['[', ']', '[]', '[::1', '::1]', '[::1]443', '[::1]:', '[::1]:_x', '[[::1]]', '[unknown]:80'],
      ['::ffff:127.1', '::ffff:0x7f.0.0.1', '::ffff:1.2.3.04', '12345::', '1::2::3', ':::', '::1%'],
      ['1.2.3.4\0', '::1\0', 'g::1', 'x'.repeat(80), '1'.repeat(80), `fe80::1%${'e'.repeat(200)}`],
      ['١٢٧.0.0.1'],
    ),
  )('is not read out of %j', (text) => {
    expect(toIpAddress(text)).toBeNull();
  });

  it.each([undefined, null, 5, {}, ['1.2.3.4'], ['1.2.3.4', '::1']])('is not %j', (value) => {
    expect(toIpAddress(value)).toBeNull();
  });
});

describe('A network', () => {
  it('holds its addresses, however they are written, and no other family', () => {
    const networks = ['203.0.113.0/24', '2001:db8::/32'];
    for (const inside of ['203.0.113.7:51234', '::ffff:cb00:7107', '[2001:db8::1]:443']) {
      expect([inside, isInNetworks(inside, networks)]).toEqual([inside, true]);
    }
    for (const outside of ['203.0.114.7', '2001:db9::1', 'unknown', '', null, undefined]) {
      expect([outside, isInNetworks(outside, networks)]).toEqual([outside, false]);
    }
    expect(isInNetworks('0.0.0.1', ['::/0'])).toBe(false);
    expect(isInNetworks('::1', ['0.0.0.0/0'])).toBe(false);
    expect(isInNetworks('::1', [])).toBe(false);
  });
});
