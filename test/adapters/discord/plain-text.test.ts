import { expect, test } from 'vitest';
import { shownText, writtenText } from '../../../adapters/discord/plain-text.ts';

test.each([
  ['<@123456789012345678>', '\\<@123456789012345678>'],
  ['</ask:1> <#1> <t:1>', '\\</ask:1> \\<#1> \\<t:1>'],
  ['a < b', 'a < b'],
  ['`<@1>`', '`<@1>`'],
  ['```\n<@1>\n```', '```\n<@1>\n```'],
])('%j is shown as %j', (written, shown) => {
  expect(shownText(written)).toBe(shown);
});

test('a backslash in front takes no escape away', () => {
  expect(shownText('\\<@1>')).toBe('\\<@1>');
  expect(shownText('\\\\<@1>')).toBe('\\\\\\<@1>');
});

test('what only looks like code is escaped', () => {
  expect(shownText('\\`<@1>`')).toBe('\\`\\<@1>`');
  expect(shownText('```\n<@1>')).toBe('```\n\\<@1>');
});

test('what was escaped is read back as it was written', () => {
  expect(writtenText(shownText('ask <@1> [here](https://a.example)'))).toBe(
    'ask <@1> [here](https://a.example)',
  );
});
