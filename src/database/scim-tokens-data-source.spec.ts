import { getRepositoryToken } from '@nestjs/typeorm';
import { requireTypeOrm } from './scim-tokens-data-source';

describe('The start', () => {
  it('goes on with the TypeORM of this tree', () => {
    expect(() => {
      requireTypeOrm();
    }).not.toThrow();
  });

  it('says what to install where TypeORM is older than 0.3', () => {
    const older = { Connection: Object };
    expect(() => {
      requireTypeOrm(older);
    }).toThrow(/takes TypeORM 0\.3 or 1, .+: npm install typeorm@0\.3 /);
  });

  it('says what to install where @nestjs/typeorm cannot run this TypeORM', () => {
    const abstractRepository: unknown = undefined;
    const tokenOf = (entity: ObjectConstructor): unknown =>
      entity.prototype instanceof (abstractRepository as typeof Object) ||
      getRepositoryToken(entity);
    expect(() => {
      requireTypeOrm({ DataSource: Object }, tokenOf);
    }).toThrow(/npm install @nestjs\/typeorm@\^11\.0\.1 /);
  });
});
