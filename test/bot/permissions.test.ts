import { describe, expect, it } from 'vitest';
import { type AccessRules, denial } from '../../bot/permissions.ts';
import type { Origin } from '../../bot/request.ts';
import { ANN } from './requests.ts';

const ANY = { allow: [], deny: [] };
const OPEN: AccessRules = { workspaces: ANY, channels: ANY, roles: ANY, users: ANY, directMessages: true };
const CHANNEL: Origin = {
  direct: false,
  workspace: 'w1',
  channels: ['thread', 'channel', 'category'],
  roles: ['r1'],
};
const DIRECT: Origin = { direct: true, channels: ['dm'], roles: [] };

function verdict(rules: Partial<AccessRules>, origin: Origin = CHANNEL): string {
  return denial(ANN, origin, { ...OPEN, ...rules })?.code ?? 'allowed';
}

describe('allow and deny lists', () => {
  it('let everybody in everywhere when they are empty', () => {
    expect(verdict({})).toBe('allowed');
    expect(verdict({}, DIRECT)).toBe('allowed');
  });

  it('of servers', () => {
    expect(verdict({ workspaces: { allow: ['w1'], deny: [] } })).toBe('allowed');
    expect(verdict({ workspaces: { allow: ['w2'], deny: [] } })).toBe('PLACE_NOT_ALLOWED');
    expect(verdict({ workspaces: { allow: [], deny: ['w1'] } })).toBe('PLACE_NOT_ALLOWED');
  });

  it.each(['thread', 'channel', 'category'])(
    'of channels: a %s is named by itself or by what it lies in',
    (id) => {
      expect(verdict({ channels: { allow: [id], deny: [] } })).toBe('allowed');
      expect(verdict({ channels: { allow: [], deny: [id] } })).toBe('PLACE_NOT_ALLOWED');
    },
  );

  it('of people: a role or a name is enough to be allowed', () => {
    const others = { allow: ['somebody else'], deny: [] };
    expect(verdict({ users: others })).toBe('PERSON_NOT_ALLOWED');
    expect(verdict({ roles: others })).toBe('PERSON_NOT_ALLOWED');
    expect(verdict({ users: others, roles: { allow: ['r1'], deny: [] } })).toBe('allowed');
    expect(verdict({ roles: others, users: { allow: [ANN.id], deny: [] } })).toBe('allowed');
  });

  it('deny what they also allow', () => {
    expect(verdict({ channels: { allow: ['channel'], deny: ['thread'] } })).toBe('PLACE_NOT_ALLOWED');
    expect(verdict({ users: { allow: [ANN.id], deny: [] }, roles: { allow: [], deny: ['r1'] } })).toBe(
      'PERSON_NOT_ALLOWED',
    );
    expect(verdict({ users: { allow: [], deny: [ANN.id] }, roles: { allow: ['r1'], deny: [] } })).toBe(
      'PERSON_NOT_ALLOWED',
    );
  });

  it('of servers and channels do not speak of direct messages, which have a switch of their own', () => {
    const elsewhere = { workspaces: { allow: ['w2'], deny: [] }, channels: { allow: ['c2'], deny: [] } };
    expect(verdict(elsewhere, DIRECT)).toBe('allowed');
    expect(verdict({ directMessages: false }, DIRECT)).toBe('DIRECT_MESSAGES_OFF');
    expect(verdict({ directMessages: false }, CHANNEL)).toBe('allowed');
  });

  it('of roles keep out of direct messages whoever is not allowed by name: nobody has a role there', () => {
    const members = { roles: { allow: ['r1'], deny: [] } };
    expect(verdict(members, DIRECT)).toBe('PERSON_NOT_ALLOWED');
    expect(verdict({ ...members, users: { allow: [ANN.id], deny: [] } }, DIRECT)).toBe('allowed');
  });
});
