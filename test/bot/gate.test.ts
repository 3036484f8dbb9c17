import { describe, expect, it } from 'vitest';
import { Bot } from '../../bot/bot.ts';
import { Gate, type Visit } from '../../bot/gate.ts';
import type { AccessRules } from '../../bot/permissions.ts';
import type { ChatRequest, Origin } from '../../bot/request.ts';
import { createLogger } from '../../config/logger.ts';
import { ScriptedEngine } from '../fixtures/scripted-engine.ts';
import { ANN, BOB, BOT, request } from './requests.ts';

const ANY = { allow: [], deny: [] };
const OPEN: AccessRules = { workspaces: ANY, channels: ANY, roles: ANY, users: ANY, directMessages: true };
const CHANNEL: Origin = { direct: false, workspace: 'w1', channels: ['c1'], roles: [] };

function gateAt(rules: Partial<AccessRules>, requestsPerMinute = 0) {
  const clock = { at: 0, now: () => clock.at, after: () => () => undefined };
  const gate = new Gate({ rules: { discord: { ...OPEN, ...rules } }, requestsPerMinute, clock });
  const visit = (over: Partial<Visit> = {}) => {
    const verdict = gate.admit({
      platform: 'discord',
      author: ANN,
      origin: CHANNEL,
      privately: false,
      ...over,
    });
    return typeof verdict === 'string' ? verdict : verdict.code;
  };
  return { clock, gate, visit };
}

describe('the gate', () => {
  it('tells a person who is refused aloud once a minute, and then says nothing', () => {
    const { clock, visit } = gateAt({ users: { allow: [], deny: [ANN.id, BOB.id] } });
    expect([visit(), visit(), visit({ author: BOB }), visit()]).toEqual([
      'PERSON_NOT_ALLOWED',
      'silence',
      'PERSON_NOT_ALLOWED',
      'silence',
    ]);
    clock.at = 60_000;
    expect(visit()).toBe('PERSON_NOT_ALLOWED');
  });

  it('tells it every time where only this person sees it', () => {
    const { visit } = gateAt({ users: { allow: [], deny: [ANN.id] } });
    for (let i = 0; i < 3; i++) expect(visit({ privately: true })).toBe('PERSON_NOT_ALLOWED');
  });

  it('counts the requests of a person over all places, and says how long to wait', () => {
    const { clock, gate, visit } = gateAt({}, 2);
    const direct: Origin = { direct: true, channels: ['dm'], roles: [] };
    expect([visit(), visit({ origin: direct }), visit()]).toEqual(['in', 'in', 'TOO_MANY_REQUESTS']);
    clock.at = 20_500;
    const visitor = { platform: 'discord', author: ANN, origin: CHANNEL, privately: true } as const;
    expect(gate.admit(visitor)).toMatchObject({
      message: 'I answer 2 requests a minute for each person. Ask again in 40 s.',
    });
    expect(visit({ author: BOB })).toBe('in');
  });

  it('does not count what the lists refuse', () => {
    const { visit } = gateAt({ channels: { allow: [], deny: ['c2'] } }, 1);
    visit({ origin: { ...CHANNEL, channels: ['c2'] }, privately: true });
    expect(visit()).toBe('in');
  });

  it('stands open on platforms without rules', () => {
    const { visit } = gateAt({}, 1);
    for (let i = 0; i < 5; i++) expect(visit({ platform: 'terminal' })).toBe('in');
  });
});

describe('a bot with a gate', () => {
  const SILENT = createLogger({ level: 'silent', secrets: [], format: 'json' });

  function botAt(rules: Partial<AccessRules>) {
    const { gate } = gateAt(rules);
    const bot = new Bot({ engine: Promise.resolve(new ScriptedEngine()), logger: SILENT, gate });
    const surroundings = { self: BOT, history: async () => [], attachment: async () => new Uint8Array() };
    let ids = 0;
    return (over: Partial<ChatRequest>) =>
      bot.handle(request({ id: `m${++ids}`, text: 'Hello?', origin: CHANNEL, ...over }), surroundings);
  }

  it('ends a refused turn at once, before anything is read or computed, and says that it was refused', async () => {
    const ask = botAt({ users: { allow: [], deny: [ANN.id] } });
    const turn = ask({ trigger: 'command', command: 'ask' });
    expect(turn).toMatchObject({ refused: true });
    expect(turn?.task).toBeUndefined();
    const events = [];
    for await (const event of turn?.events ?? []) events.push(event);
    expect(events).toMatchObject([{ type: 'failed', code: 'PERSON_NOT_ALLOWED', text: '' }]);
  });

  it('answers a person who was told a moment ago with nothing', () => {
    const ask = botAt({ users: { allow: [], deny: [ANN.id] } });
    expect(ask({})?.refused).toBe(true);
    expect(ask({})).toBeUndefined();
    expect(ask({ author: BOB })?.refused).toBe(false);
  });

  it('keeps nobody out who comes from nowhere in particular', () => {
    const refusing = { discord: { ...OPEN, users: { allow: [], deny: [ANN.id] } } };
    const gate = new Gate({
      rules: refusing,
      requestsPerMinute: 1,
      clock: { now: () => 0, after: () => () => {} },
    });
    const bot = new Bot({ engine: Promise.resolve(new ScriptedEngine()), logger: SILENT, gate });
    const surroundings = { self: BOT, history: async () => [], attachment: async () => new Uint8Array() };
    expect(bot.handle(request({ text: 'Hello?' }), surroundings)?.refused).toBe(false);
  });
});
