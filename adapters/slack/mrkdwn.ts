/**
 * Slack's two dialects. Posts and edits are written in mrkdwn, whose escaping is documented; streams take Markdown.
 * In both, `&`, `<` and `>` are escaped, so that nothing of a generated text can become a mention or a link, and a
 * link's label never stands without its address: made up by a model, it would be trusted too easily.
 */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** A fence, and the text behind it that names the language, which mrkdwn would show as code. */
const FENCE = /^ {0,3}(`{3,}|~{3,})([^`]*)$/;
const HEADING = /^ {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/;
const BULLET = /^(\s*)[-*+][ \t]+(?=\S)/;

/**
 * What changes within a line: escaped characters, inline code, links and images, bold, strikethrough and italic.
 * Emphasis with `_` is the same in both dialects. The lengths are bounded so that no text takes long to read.
 */
const INLINE = new RegExp(
  [
    String.raw`\\(?<literal>[\\\x60*_{}\[\]()#+\-.!~>|])`,
    String.raw`(?<ticks>\x60+)(?<code>[^\x60]{1,1000}?)\k<ticks>(?!\x60)`,
    String.raw`!?\[(?<label>[^\]\n]{0,500})\]\((?<target>[^()\s]{1,2000})(?:\s[^()\n]{0,200})?\)`,
    String.raw`\*\*\*(?=\S)(?<both>.{1,1000}?)(?<=\S)\*\*\*`,
    String.raw`(?<two>\*\*|(?<!\w)__)(?=\S)(?<bold>.{1,1000}?)(?<=\S)\k<two>`,
    String.raw`~~(?=\S)(?<strike>.{1,1000}?)(?<=\S)~~`,
    String.raw`(?<![\w*])\*(?=[^\s*])(?<italic>.{0,1000}?[^\s*])\*(?![\w*])`,
  ].join('|'),
  'gu',
);

/** Markdown as mrkdwn. What the one has and the other lacks (headings, lists, tables) becomes what looks nearest. */
export function toMrkdwn(markdown: string): string {
  let fence = '';
  const lines = markdown.split('\n').map((line) => {
    const [, mark = '', info = ''] = FENCE.exec(line) ?? [];
    if (fence !== '') {
      const closes = mark.startsWith(fence) && info.trim() === '';
      if (closes) fence = '';
      return closes ? '```' : escapeText(line);
    }
    fence = mark;
    return mark === '' ? textLine(line) : '```';
  });
  return lines.join('\n');
}

function textLine(line: string): string {
  const heading = HEADING.exec(line)?.[1];
  if (heading) return `*${inline(heading).replaceAll('*', '')}*`;
  const bullet = BULLET.exec(line);
  return bullet ? `${bullet[1]}• ${inline(line.slice(bullet[0].length))}` : inline(line);
}

function inline(text: string): string {
  let converted = '';
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    converted += escapeText(text.slice(end, match.index)) + marked(match.groups ?? {});
    end = match.index + match[0].length;
  }
  return converted + escapeText(text.slice(end));
}

function marked(found: Readonly<Record<string, string | undefined>>): string {
  const { literal, code, label, target, both, bold, strike, italic } = found;
  if (literal !== undefined) return escapeText(literal);
  if (code !== undefined) return `\`${escapeText(code)}\``;
  if (target !== undefined) return linkText(label ?? '', target);
  if (both !== undefined) return `*_${inline(both)}_*`;
  if (bold !== undefined) return `*${inline(bold)}*`;
  if (strike !== undefined) return `~${inline(strike)}~`;
  return `_${inline(italic ?? '')}_`;
}

function linkText(label: string, target: string): string {
  return label === '' || label === target ? escapeText(target) : `${inline(label)} (${escapeText(target)})`;
}

/** Parts a link's label from its address; unlike a backslash it is seen nowhere, not even in code. */
const UNLINKED = ']\u200b(';

/**
 * Markdown for a stream, converted character by character: a longer text begins with what its beginning becomes, so that
 * the difference can be appended.
 */
export function toStreamMarkdown(markdown: string): string {
  return escapeText(markdown).replaceAll('](', UNLINKED);
}

/** A line that the bot adds beside an answer; the mark, which is not seen, tells it from the model's own italics. */
export function subduedLine(line: string): string {
  return `_\u2060${line}_`;
}

const SUBDUED = /^_\u2060.*_$/gmu;

/** What ids stand for in texts that are read. */
export interface Names {
  /** A person's name; undefined when it is not known. */
  user(id: string): string | undefined;
}

/** Ids of the people whom a text mentions. */
export function mentionedUsers(text: string): readonly string[] {
  return [...text.matchAll(/<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>/g)].map(([, id = '']) => id);
}

/** Without the mention of somebody: the bot's own says only whom a message is for. */
export function withoutMention(text: string, user: string): string {
  return text.replace(/<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>/g, (mention, id: string) =>
    id === user ? ' ' : mention,
  );
}

/** A message's text as people read it: names for ids, addresses without brackets, `<` for `&lt;`. */
export function readText(text: string, names: Names): string {
  const read = text.replace(/<([^<>\n]+)>/g, (_, inside: string) => {
    const [target = '', label] = inside.split('|', 2);
    if (/^@[UW]/.test(target)) return `@${label || names.user(target.slice(1)) || target.slice(1)}`;
    if (target.startsWith('#')) return `#${label || target.slice(1)}`;
    if (target.startsWith('!subteam^')) return label || '@group';
    if (target.startsWith('!')) return label || `@${target.slice(1)}`;
    return label === undefined || target.includes(label)
      ? target.replace(/^(?:mailto|tel):/, '')
      : `${label} (${target})`;
  });
  return unescapeText(read);
}

/** What the model had written of a message of the bot: without the lines beside it. */
export function writtenText(text: string, names: Names): string {
  return readText(text, names).replace(SUBDUED, '').replaceAll(UNLINKED, '](').trim();
}
