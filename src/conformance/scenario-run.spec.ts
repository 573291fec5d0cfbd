import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MadeResources } from './made-resources';
import type { Step } from './scenario';
import { ScenarioRun } from './scenario-run';
import { ScimConnection } from './scim-connection';

describe('A scenario', () => {
  let server: Server;
  let base: string;
  let id: string;
  let seen: string[];

  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.writeHead(request.method === 'POST' ? 201 : 200);
      response.end(JSON.stringify({ id, Resources: [{ id: 'of-somebody-else' }] }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim`;
  });
  beforeEach(() => {
    seen = [];
    id = 'made';
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const run = async (...steps: Omit<Step, 'name' | 'expect'>[]): Promise<string[]> => {
    const connection = new ScimConnection(base, 'a-token');
    const scenario = new ScenarioRun({ connection, made: new MadeResources(connection, '1') });
    const statuses: string[] = [];
    for (const step of steps) {
      const expected = { status: [200, 201] };
      statuses.push((await scenario.step({ name: step.path, expect: expected, ...step })).status);
    }
    return statuses;
  };
  const create = { method: 'POST', path: '/Users', body: { userName: 'x' }, save: { id: 'id' } };
  const change = { method: 'DELETE', path: '/Users/{{id}}' };

  it('changes what it has made', async () => {
    expect(await run(create, change)).toEqual(['holds', 'holds']);
    expect(seen).toEqual(['POST /scim/Users', 'DELETE /scim/Users/made']);
  });

  it('sends no change for what it has only found', async () => {
    const find = { method: 'GET', path: '/Users', save: { id: 'Resources.0.id' } };
    expect(await run(create, find, change)).toEqual(['holds', 'holds', 'fails']);
    expect(seen).toEqual(['POST /scim/Users', 'GET /scim/Users']);
  });

  it.each(['..', '.', ''])('is led nowhere by the id "%s"', async (told) => {
    id = told;
    expect(await run(create, change)).toEqual(['holds', 'fails']);
    expect(seen).toEqual(['POST /scim/Users']);
  });

  it('sends an id as one part of a path, whatever is in it', async () => {
    id = '../../admin?x#y';
    expect(await run(create, change)).toEqual(['holds', 'holds']);
    expect(seen.at(-1)).toBe('DELETE /scim/Users/..%2F..%2Fadmin%3Fx%23y');
  });

  it('skips a step that lacks what an earlier one should have saved', async () => {
    expect(await run(change, { ...create, needs: 'refusedToken' })).toEqual(['skipped', 'skipped']);
    expect(seen).toEqual([]);
  });
});
