import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  mentionedUsers,
  readText,
  subduedLine,
  toMrkdwn,
  toStreamMarkdown,
  writtenText,
} from '../../../adapters/slack/mrkdwn.ts';
import { mentions } from '../../fakes/slack/text/mrkdwn.ts';

const names = { user: (id: string) => (id === 'U1' ? 'ann' : undefined) };

describe('Markdown as mrkdwn', () => {
  test.each([
    ['**bold**, *italic*, _italic_ and ~~gone~~', '*bold*, _italic_, _italic_ and ~gone~'],
    ['__bold__ and ***both***', '*bold* and *_both_*'],
    ['**bold with *italic* in it**', '*bold with _italic_ in it*'],
    ['## A **heading** ##', '*A heading*'],
    ['- one\n  * two\n1. three', '• one\n  • two\n1. three'],
    ['> a quote', '&gt; a quote'],
    ['2 * 3 * 4, a*b*c, snake_case_name', '2 * 3 * 4, a*b*c, snake_case_name'],
    ['\\*not italic\\*', '*not italic*'],
    ['`a < b` and ``c ` d``', '`a &lt; b` and ``c ` d``'],
    [
      '[label](https://a.example) and ![image](https://b.example)',
      'label (https://a.example) and image (https://b.example)',
    ],
    ['[https://a.example](https://a.example)', 'https://a.example'],
    ['```js\nif (a < b) **x**\n```\n**y**', '```\nif (a &lt; b) **x**\n```\n*y*'],
    ['~~~\ncode\n~~~', '```\ncode\n```'],
  ])('%j', (markdown, mrkdwn) => {
    expect(toMrkdwn(markdown)).toBe(mrkdwn);
  });

  test('whatever is written calls nobody and has no angle brackets left', () => {
    const piece = fc.constantFrom(
      '<!channel>',
      '<@U1>',
      '<#C1>',
      '<!subteam^S1>',
      '<https://a.example|b>',
      '**',
      '`',
      '[',
      '](',
      ')',
      '\n',
      '```',
      'x',
      ' ',
      '&lt;',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
        const text = pieces.join('');
        for (const shown of [toMrkdwn(text), toStreamMarkdown(text)]) {
          expect(shown).not.toMatch(/[<>]/u);
          expect(mentions(shown)).toEqual({ users: [], groups: [], broadcasts: [] });
        }
      }),
    );
  });

  test('hostile texts take no long time', () => {
    for (const piece of ['[', '*a ', '`', '**a', '~~', '![](', '\\', '_*']) {
      expect(toMrkdwn(piece.repeat(4_000)).length).toBeGreaterThan(0);
    }
  });
});

describe('Markdown for a stream', () => {
  test('grows at its end only, as the text does', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (beginning, more) => {
        expect(toStreamMarkdown(beginning + more).startsWith(toStreamMarkdown(beginning))).toBe(true);
      }),
    );
  });

  test('shows where a link leads', () => {
    expect(toStreamMarkdown('[label](https://a.example)')).not.toContain('](');
  });
});

describe('reading', () => {
  test.each([
    ['<@U1>, <@U2>, <@U3|cleo>', '@ann, @U2, @cleo'],
    ['<#C1|general> and <#C2>', '#general and #C2'],
    ['<!here> <!subteam^S1|@team> <!date^1^x|today>', '@here @team today'],
    [
      '<https://a.example> <https://a.example|a.example> <https://a.example|here>',
      'https://a.example https://a.example here (https://a.example)',
    ],
    ['<mailto:a@b.example|a@b.example>', 'a@b.example'],
    ['a &lt; b &amp;&amp; c &gt; d, &amp;lt;', 'a < b && c > d, &lt;'],
  ])('%j', (text, read) => {
    expect(readText(text, names)).toBe(read);
  });

  test('names those whom a text mentions', () => {
    expect(mentionedUsers('<@U1> and <@W2|ben> &lt;@U3&gt; <!here>')).toEqual(['U1', 'W2']);
  });

  test('leaves out what the bot said beside its answer, and keeps what the model wrote in italics', () => {
    const shown = toMrkdwn(`An answer.\n\n${subduedLine('Stopped.')}`);
    expect(writtenText(shown, names)).toBe('An answer.');
    expect(writtenText(toStreamMarkdown('[a](b) _so_'), names)).toBe('[a](b) _so_');
  });
});
