import { createHash } from 'node:crypto';
import { AuditChain, hashEntry } from './audit-chain';

describe('AuditChain', () => {
  const event = {
    type: 'scim_token.updated',
    tokenId: '019ab3f2-c1d0-7a4e-8f20-b1c2d3e4f506',
    at: new Date('2026-11-24T09:30:00.000Z'),
    actor: 'admin',
    ip: null,
    userAgent: null,
    requestId: 'r1',
    changes: { name: { from: 'é', to: 'b' } },
  } as const;

  it('hashes the former hash and the canonical JSON of the event, as RFC 8785 has it', () => {
    const chain = new AuditChain('tnt_a', 0, AuditChain.START);
    chain.append(event);
    const id = String(chain.appended[0]?.id).replaceAll('-', '');
    const canonical =
      `{"actor":"admin","at":"2026-11-24T09:30:00.000Z","changes":{"name":{"from":"é","to":"b"}},` +
      `"id":"evt_${id}","ip":null,"request_id":"r1","seq":1,"tenant_id":"tnt_a",` +
      `"token_id":"sct_019ab3f2c1d07a4e8f20b1c2d3e4f506","type":"scim_token.updated","user_agent":null}`;
    expect(chain.headHash).toBe(
      createHash('sha256').update('0'.repeat(64)).update(canonical, 'utf8').digest('hex'),
    );
  });

  it('links each event to the one before', () => {
    const chain = new AuditChain('tnt_a', 41, 'f'.repeat(64));
    chain.append(event);
    const first = chain.headHash;
    chain.append(event);
    expect(chain.appended.map(({ seq, prev_hash, hash }) => [seq, prev_hash, hash])).toEqual([
      ['42', 'f'.repeat(64), first],
      ['43', first, chain.headHash],
    ]);
  });

  it('changes its hash with any member of an event', () => {
    const base = { seq: 1, at: 'x', changes: {} };
    const hash = hashEntry(AuditChain.START, base);
    expect(hashEntry(AuditChain.START, { ...base, seq: 2 })).not.toBe(hash);
    expect(hashEntry('1'.repeat(64), base)).not.toBe(hash);
    expect(hashEntry(AuditChain.START, { changes: {}, at: 'x', seq: 1 })).toBe(hash);
  });
});
