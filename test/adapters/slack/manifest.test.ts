import { expect, test } from 'vitest';
import { plainName, slackName } from '../../../adapters/slack/command-name.ts';
import { creationLink, EVENTS, SCOPES, slackManifest } from '../../../adapters/slack/manifest.ts';
import { SHORTCUTS } from '../../../adapters/slack/shortcuts.ts';
import { commandsFor } from '../../../bot/commands.ts';

const manifest = slackManifest({ prefix: '' });

// That these scopes and events are enough is shown by the other tests here, which give the bot no others.

test('every command of the table is in the manifest, by a name that Slack takes', () => {
  const inManifest = manifest.features.slash_commands;

  expect(inManifest.map(({ command }) => plainName(command, ''))).toEqual(
    commandsFor('slack').map(({ name }) => name),
  );
  expect(inManifest.map(({ description }) => description)).toEqual(
    commandsFor('slack').map(({ description }) => description),
  );
  for (const { command } of inManifest) expect(command).toMatch(/^\/[a-z0-9-]{1,31}$/u);
});

test.each(['', 'parley-', 'gpt-'])(
  'a command that is named with the prefix "%s" is known again',
  (prefix) => {
    for (const { name } of commandsFor('slack'))
      expect(plainName(slackName(name, prefix), prefix)).toBe(name);
  },
);

test("Slack's own commands are left to Slack", () => {
  expect(slackName('status', '')).toBe('/parley-status');
  expect(slackName('status', 'gpt-')).toBe('/gpt-status');
  expect(slackName('ask', '')).toBe('/ask');
});

test('the hints show options and text as they are typed, and no files, which commands cannot carry', () => {
  const hints = Object.fromEntries(
    manifest.features.slash_commands.map(({ command, usage_hint }) => [command, usage_hint]),
  );

  expect(hints['/ask']).toBe('[private:] QUESTION');
  expect(hints['/summarize']).toBe('[messages: …] [since: …] [private:] [TEXT]');
  expect(hints['/reset']).toBe('[private:]');
});

test('both shortcuts are in it, within the lengths that Slack allows', () => {
  expect(manifest.features.shortcuts.map(({ callback_id }) => callback_id)).toEqual(
    SHORTCUTS.map(({ id }) => id),
  );
  for (const { name, description } of manifest.features.shortcuts) {
    expect(name.length).toBeLessThanOrEqual(24);
    expect(description.length).toBeLessThanOrEqual(150);
  }
  expect(manifest.display_information.description.length).toBeLessThanOrEqual(140);
});

test('every scope is there for a reason, and for every kind of message both its scope and its event', () => {
  for (const reason of Object.values(SCOPES)) expect(reason).toMatch(/^(to|the same) /u);
  const kinds = { channels: 'channels', groups: 'groups', im: 'im', mpim: 'mpim' };
  for (const kind of Object.keys(kinds)) {
    expect(EVENTS).toContain(`message.${kind}`);
    expect(SCOPES).toHaveProperty([`${kind}:history`]);
    expect(SCOPES).toHaveProperty([`${kind}:read`]);
  }
});

test('over HTTP everything is sent to one address, and Socket Mode is off', () => {
  const requestUrl = 'https://parley.example/slack/events';
  const { features, settings } = slackManifest({ prefix: '', requestUrl });

  expect(new Set(features.slash_commands.map((command) => 'url' in command && command.url))).toEqual(
    new Set([requestUrl]),
  );
  expect(settings).toMatchObject({
    socket_mode_enabled: false,
    event_subscriptions: { request_url: requestUrl },
    interactivity: { request_url: requestUrl },
  });
  expect(manifest.settings.socket_mode_enabled).toBe(true);
});

test('the link carries the manifest', () => {
  const link = new URL(creationLink(manifest));

  expect(link.origin).toBe('https://api.slack.com');
  expect(JSON.parse(link.searchParams.get('manifest_json') ?? '')).toEqual(
    JSON.parse(JSON.stringify(manifest)),
  );
  // Browsers and servers take addresses of eight thousand characters.
  expect(link.href.length).toBeLessThan(8_000);
});
