/** What a control sequence in angle brackets means: `<@U1>`, `<#C1|general>`, `<!here>`, `<https://…|label>`. */
export type Token =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'user' | 'channel' | 'broadcast' | 'group';
      readonly id: string;
      readonly label?: string;
    }
  | { readonly kind: 'link'; readonly url: string; readonly label?: string };

export interface Names {
  user(id: string): string;
  channel(id: string): string;
}

/** Who or what a text calls: user ids, group ids, and `channel`, `here` or `everyone`. */
export interface Mentions {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly broadcasts: readonly string[];
}

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(/<([^<>\n]+)>/g)) {
    if (match.index > end) found.push({ kind: 'text', text: text.slice(end, match.index) });
    found.push(token(match[1] ?? '') ?? { kind: 'text', text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ kind: 'text', text: text.slice(end) });
  return found;
}

function token(inside: string): Token | undefined {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? {} : { label: inside.slice(bar + 1) };
  if (/^@[UW][A-Z0-9]+$/.test(target)) return { kind: 'user', id: target.slice(1), ...label };
  if (/^#C[A-Z0-9]+$/.test(target)) return { kind: 'channel', id: target.slice(1), ...label };
  if (/^!subteam\^[A-Z0-9]+$/.test(target)) return { kind: 'group', id: target.slice(9), ...label };
  if (/^!(channel|here|everyone|group)$/.test(target)) {
    return { kind: 'broadcast', id: target.slice(1), ...label };
  }
  if (/^(https?:\/\/|mailto:|tel:)/.test(target)) return { kind: 'link', url: target, ...label };
  return undefined;
}

/** The text as a person reads it: names for ids, labels for links, `<` for `&lt;`. */
export function readable(text: string, names: Names): string {
  return tokens(text)
    .map((part) => {
      switch (part.kind) {
        case 'text':
          return unescapeText(part.text);
        case 'link':
          return unescapeText(part.label ?? part.url);
        case 'user':
          return `@${names.user(part.id)}`;
        case 'channel':
          return `#${part.label || names.channel(part.id)}`;
        default:
          return `@${part.label ?? part.id}`;
      }
    })
    .join('');
}

export function mentions(text: string): Mentions {
  const found = tokens(text);
  const ids = (kind: Token['kind']) =>
    found.flatMap((part) => (part.kind === kind && 'id' in part ? [part.id] : []));
  return { users: ids('user'), groups: ids('group'), broadcasts: ids('broadcast') };
}

/** Addresses that become links: in brackets, bare, as a bare domain, and, in Markdown, `[label](address)`. */
export function links(text: string): string[] {
  return tokens(text).flatMap((part) => {
    if (part.kind === 'link') return [part.url];
    if (part.kind !== 'text') return [];
    const plain = unescapeText(part.text);
    const bare =
      /https?:\/\/[^\s<>|)\]]+|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|ai|co|gov|edu)\b(?:\/[^\s<>|)\]]*)?/gi;
    return [...plain.matchAll(bare)].map((match) => match[0]);
  });
}
