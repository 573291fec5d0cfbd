import { isDistributed, obstacleIn, type TableLayout } from './citus';

const local = (name: string, bytes = 8192): TableLayout => ({
  name,
  bytes,
  column: null,
  group: null,
  shards: 0,
});
const distributed = (name: string, column = 'tenant_id', group = 7): TableLayout => ({
  name,
  bytes: 0,
  column,
  group,
  shards: 32,
});

describe('Tables that are to be distributed', () => {
  it('may be local, distributed by tenant side by side, or some of each', () => {
    expect(obstacleIn([local('a'), local('b')])).toBeNull();
    expect(obstacleIn([distributed('a'), local('b')])).toBeNull();
    expect(obstacleIn([distributed('a'), distributed('b')])).toBeNull();
  });

  it('are distributed when none is local', () => {
    expect(isDistributed([distributed('a'), local('b')])).toBe(false);
    expect(isDistributed([distributed('a'), distributed('b')])).toBe(true);
  });

  it('hold no more than is copied under one lock', () => {
    expect(obstacleIn([local('a'), local('b', 2 ** 30)])).toBeNull();
    expect(obstacleIn([local('a'), local('b', 3.5 * 2 ** 30)])).toMatch(
      /^b holds 3\.5 GiB, more than the 1 GiB that is copied under one lock: remove what is old/,
    );
  });

  it('are by no other column, and in one group', () => {
    expect(obstacleIn([distributed('a', 'id')])).toMatch(/^a is distributed by id, and not by/);
    const apart = [distributed('a'), distributed('b', 'tenant_id', 8)];
    expect(obstacleIn(apart)).toMatch(/^The tables lie in 2 groups/);
    expect(isDistributed(apart)).toBe(false);
  });
});
