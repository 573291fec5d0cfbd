import { HOUR_MS } from './clock';
import { SetupLinkNotFoundError } from './errors';
import { hasEnded, setupActor, statusOf, toLinkId } from './setup-link';
import { linkUuidOf } from './token-id';

const UUID = '019ab3f2-c1d0-7a4e-8f20-b1c2d3e4f506';
const NOW = new Date('2026-11-24T09:30:00.000Z');
const at = (hours: number): Date => new Date(NOW.getTime() + hours * HOUR_MS);
const OPEN = { revoked_at: null, completed_at: null, used_at: null, expires_at: at(1) };

describe('A setup link', () => {
  it('is revoked before it is completed, completed before expired, expired before used', () => {
    const used = { ...OPEN, used_at: NOW };
    const expired = { ...used, expires_at: NOW };
    const completed = { ...expired, completed_at: NOW };
    const revoked = { ...completed, revoked_at: NOW };
    expect([OPEN, used, expired, completed, revoked].map((link) => statusOf(link, NOW))).toEqual([
      'open',
      'used',
      'expired',
      'completed',
      'revoked',
    ]);
  });

  it('ends at its time, a day after it synced, or where it is revoked, whichever comes first', () => {
    const long = { ...OPEN, expires_at: at(100) };
    expect([
      hasEnded(OPEN, at(0.99)),
      hasEnded(OPEN, at(1)),
      hasEnded({ ...OPEN, completed_at: NOW }, at(1)),
      hasEnded({ ...long, completed_at: NOW }, at(23.99)),
      hasEnded({ ...long, completed_at: NOW }, at(24)),
      hasEnded({ ...long, revoked_at: NOW }, NOW),
    ]).toEqual([false, true, true, false, true, true]);
  });

  it('has an id of its own kind, by which the trail names its holder', () => {
    const id = 'sul_019ab3f2c1d07a4e8f20b1c2d3e4f506';
    expect([toLinkId(UUID), linkUuidOf(id), setupActor({ id: UUID })]).toEqual([
      id,
      UUID,
      `setup:${id}`,
    ]);
    for (const other of [
      id.replace('sul', 'sct'),
      `x${id}`,
      `${id}0`,
      id.toUpperCase(),
      UUID,
      '',
    ]) {
      expect(() => linkUuidOf(other)).toThrow(SetupLinkNotFoundError);
    }
  });
});
