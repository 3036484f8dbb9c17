import type { webApi } from '@slack/bolt';
import type { Author } from '../../bot/request.ts';
import { Recent } from '../recent.ts';

export interface Person extends Author {
  /** Administers the workspace. */
  readonly admin: boolean;
  /** A guest, or somebody from another workspace: sees only the channels that they are in. */
  readonly guest: boolean;
}

/** A workspace of more people talks to the bot less often than it would have to ask again. */
const REMEMBERED = 2_000;
/** Names change seldom, and a stale one does no harm. */
const FRESH_MS = 3_600_000;

/** Who is behind an id; asked once an hour for each. */
export class People {
  readonly #client: webApi.WebClient;
  readonly #clock: () => number;
  readonly #known = new Recent<string, { readonly person: Promise<Person>; readonly until: number }>(
    REMEMBERED,
  );

  /** @param clock milliseconds since the epoch. */
  constructor(client: webApi.WebClient, clock: () => number) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Never rejects: whoever cannot be looked up is called by their id, and is trusted with nothing. */
  person(id: string): Promise<Person> {
    const known = this.#known.get(id);
    if (known && known.until > this.#clock()) return known.person;
    const person = this.#ask(id).catch((): Person => {
      this.#known.delete(id);
      return { id, name: id, admin: false, guest: true };
    });
    this.#known.set(id, { person, until: this.#clock() + FRESH_MS });
    return person;
  }

  async author(id: string): Promise<Author> {
    const { name } = await this.person(id);
    return { id, name };
  }

  /** Names for the ids, all at once. */
  async names(ids: Iterable<string>): Promise<{ user(id: string): string | undefined }> {
    const people = await Promise.all([...new Set(ids)].map((id) => this.person(id)));
    const names = new Map(people.map(({ id, name }) => [id, name]));
    return { user: (id) => names.get(id) };
  }

  async #ask(id: string): Promise<Person> {
    const { user = {} } = await this.#client.users.info({ user: id });
    const { profile = {} } = user;
    const name = profile.display_name || profile.real_name || user.real_name || user.name || id;
    return {
      id,
      name,
      admin: user.is_admin === true || user.is_owner === true,
      guest: user.is_restricted === true || user.is_ultra_restricted === true || user.is_stranger === true,
    };
  }
}
