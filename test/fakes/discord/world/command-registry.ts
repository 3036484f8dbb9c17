import { type APIApplicationCommand, ApplicationCommandType } from 'discord.js';
import { ApiError } from '../rest/api-error.ts';
import type { CommandBody, CommandOption } from '../rest/command-body.ts';
import type { Snowflakes } from '../snowflakes.ts';

/** How many commands of one type fit into one scope. */
const limits: Readonly<Record<number, number>> = {
  [ApplicationCommandType.ChatInput]: 100,
  [ApplicationCommandType.User]: 15,
  [ApplicationCommandType.Message]: 15,
};

/**
 * The application's commands, global and by server. What comes back is not letter for letter what was sent, as on
 * Discord: `required: false` disappears, defaults are spelled out, ids and versions are added.
 */
export class CommandRegistry {
  readonly #scopes = new Map<string | undefined, Map<string, APIApplicationCommand>>();
  readonly #applicationId: string;
  readonly #ids: Snowflakes;

  constructor(applicationId: string, ids: Snowflakes) {
    this.#applicationId = applicationId;
    this.#ids = ids;
  }

  list(guildId: string | undefined): APIApplicationCommand[] {
    return [...this.#scope(guildId).values()];
  }

  /** @throws ApiError 10063 */
  get(guildId: string | undefined, id: string): APIApplicationCommand {
    const found = this.list(guildId).find((command) => command.id === id);
    if (!found) throw new ApiError('unknownCommand');
    return found;
  }

  /** The command that a person sees under this name: the server's own goes before the global one. */
  find(
    guildId: string | undefined,
    type: ApplicationCommandType,
    name: string,
  ): APIApplicationCommand | undefined {
    const own = guildId === undefined ? undefined : this.#scope(guildId).get(key(type, name));
    return own ?? this.#scope(undefined).get(key(type, name));
  }

  /** Adds the command, or overwrites the one of its name. */
  put(guildId: string | undefined, body: CommandBody): APIApplicationCommand {
    const scope = this.#scope(guildId);
    const before = scope.get(key(body.type, body.name));
    const command = this.#stored(guildId, body, before);
    scope.set(key(body.type, body.name), command);
    const ofType = [...scope.values()].filter((one) => one.type === body.type).length;
    if (ofType > (limits[body.type] ?? 0)) {
      scope.delete(key(body.type, body.name));
      throw new ApiError('invalidForm', [
        { path: [], code: 'APPLICATION_COMMAND_TOO_MANY', message: 'Too many application commands' },
      ]);
    }
    return command;
  }

  /** What is not in the list is gone afterwards; what keeps its name keeps its id. */
  replaceAll(guildId: string | undefined, bodies: readonly CommandBody[]): APIApplicationCommand[] {
    const before = this.#scope(guildId);
    this.#scopes.set(guildId, new Map());
    for (const [name, command] of before) {
      if (bodies.some((body) => key(body.type, body.name) === name)) this.#scope(guildId).set(name, command);
    }
    return bodies.map((body) => this.put(guildId, body));
  }

  delete(guildId: string | undefined, id: string): void {
    const { type, name } = this.get(guildId, id);
    this.#scope(guildId).delete(key(type, name));
  }

  #scope(guildId: string | undefined): Map<string, APIApplicationCommand> {
    const scope = this.#scopes.get(guildId) ?? new Map<string, APIApplicationCommand>();
    this.#scopes.set(guildId, scope);
    return scope;
  }

  #stored(
    guildId: string | undefined,
    body: CommandBody,
    before: APIApplicationCommand | undefined,
  ): APIApplicationCommand {
    const description = body.description ?? '';
    const options = 'options' in body && body.options?.length ? body.options.map(storedOption) : undefined;
    const command = {
      id: before?.id ?? this.#ids.next(),
      application_id: this.#applicationId,
      type: body.type,
      name: body.name,
      name_localizations: body.name_localizations ?? null,
      description,
      description_localizations: body.description_localizations ?? null,
      default_member_permissions: body.default_member_permissions ?? null,
      nsfw: body.nsfw ?? false,
      ...(options ? { options } : {}),
      ...(guildId
        ? { guild_id: guildId }
        : {
            dm_permission: body.dm_permission ?? true,
            contexts: body.contexts ?? null,
            integration_types: body.integration_types ?? [0],
          }),
    };
    const unchanged = before && sameButVersion(before, command);
    return plain({ ...command, version: unchanged ? before.version : this.#ids.next() });
  }
}

function key(type: ApplicationCommandType, name: string): string {
  return `${type}:${name}`;
}

/** Discord leaves out what is false or null. */
function storedOption({ options, required, autocomplete, ...rest }: CommandOption): object {
  const said = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  return {
    ...said,
    ...(required ? { required } : {}),
    ...(autocomplete ? { autocomplete } : {}),
    ...(options?.length ? { options: options.map(storedOption) } : {}),
  };
}

function sameButVersion({ version: _, ...before }: APIApplicationCommand, after: object): boolean {
  return JSON.stringify(plain(before)) === JSON.stringify(plain(after));
}

function plain<T extends object>(value: T): APIApplicationCommand {
  return JSON.parse(JSON.stringify(value)) as APIApplicationCommand;
}
