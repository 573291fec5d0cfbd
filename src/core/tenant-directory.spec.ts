import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileTenantDirectory, OpenTenantDirectory } from './tenant-directory';

describe('FileTenantDirectory', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenants-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const load = (content: string): FileTenantDirectory => {
    const file = join(folder, 'tenants.json');
    writeFileSync(file, content);
    return FileTenantDirectory.load(file);
  };

  it('knows the tenants of the file and whose they are', () => {
    const directory = load(
      '{"tenants":[{"id":"a","name":"A","partner_id":"p"},{"id":"b","partner_id":"p"},{"id":"c"}]}',
    );
    expect(directory.find('a')).toEqual({ id: 'a', name: 'A', partner_id: 'p' });
    expect(directory.find('nobody')).toBeNull();
    expect(directory.tenantIdsOfPartner('p')).toEqual(['a', 'b']);
    expect(directory.tenantIdsOfPartner('nobody')).toEqual([]);
  });

  it.each([
    ['{', 'cannot be read as JSON'],
    ['[]', 'takes {"tenants"'],
    ['{"tenants":[5]}', 'tenants[0] takes an object'],
    ['{"tenants":[{}]}', 'tenants[0].id takes'],
    ['{"tenants":[{"id":"a"},{"id":"a"}]}', 'tenants[1].id stands there twice'],
    ['{"tenants":[{"id":"a","name":5}]}', 'tenants[0].name takes'],
    ['{"tenants":[{"id":"a","partner_id":""}]}', 'tenants[0].partner_id takes'],
    ['{"tenants":[{"id":"a","partnerid":"p"}]}', 'tenants[0].partnerid is not known'],
  ])('refuses %s and says where', (content, message) => {
    expect(() => load(content)).toThrow(message);
  });

  it('says which file is missing', () => {
    expect(() => FileTenantDirectory.load(join(folder, 'none.json'))).toThrow('none.json');
  });
});

describe('OpenTenantDirectory', () => {
  it('knows every tenant, and gives no partner any', () => {
    const directory = new OpenTenantDirectory();
    expect(directory.find('anyone')).toEqual({ id: 'anyone' });
    expect(directory.tenantIdsOfPartner()).toEqual([]);
  });
});
