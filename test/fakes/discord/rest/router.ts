export interface Match<Name extends string> {
  readonly route: Name;
  readonly params: Readonly<Record<string, string>>;
  /** The path's top-level resource, by which rate limits are kept apart. */
  readonly majorParameter: string;
}

/** Finds routes by method and path. Fixed words go before parameters: `/users/@me` before `/users/:user`. */
export class Router<Name extends string> {
  readonly #routes: readonly { readonly name: Name; readonly words: readonly string[] }[];

  constructor(names: readonly Name[]) {
    this.#routes = names
      .map((name) => ({ name, words: split(name.replace(' ', '/')) }))
      .sort((a, b) => parameters(a.words) - parameters(b.words));
  }

  find(method: string, path: string): Match<Name> | undefined {
    const words = [method, ...split(path)];
    for (const route of this.#routes) {
      if (route.words.length !== words.length) continue;
      const params: Record<string, string> = {};
      const fits = route.words.every((word, index) => {
        const given = words[index] ?? '';
        if (!word.startsWith(':')) return word === given;
        params[word.slice(1)] = decodeURIComponent(given);
        return true;
      });
      if (fits) return { route: route.name, params, majorParameter: majorParameter(words.slice(1)) };
    }
    return undefined;
  }
}

function split(path: string): string[] {
  return path.split('/').filter((word) => word !== '');
}

function parameters(words: readonly string[]): number {
  return words.filter((word) => word.startsWith(':')).length;
}

function majorParameter([top, id, token]: readonly string[]): string {
  if (top === 'channels' || top === 'guilds') return `${top}/${id}`;
  return top === 'webhooks' ? `webhooks/${id}/${token}` : 'global';
}
