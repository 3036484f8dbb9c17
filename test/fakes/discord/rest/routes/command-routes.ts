import type { APIApplicationCommand } from 'discord.js';
import { ApiError } from '../api-error.ts';
import { commandBodies, commandBody } from '../command-body.ts';
import { readForm } from '../form.ts';
import { noContent, ok, type RestContext, type RestRequest, type RouteTable } from '../route.ts';

const all = (context: RestContext, request: RestRequest) =>
  ok(
    context.world.commands
      .list(scope(context, request))
      .map((command) => localized(command, request.query.get('with_localizations') === 'true')),
  );

const one = (context: RestContext, request: RestRequest) =>
  ok(context.world.commands.get(scope(context, request), request.params.command ?? ''));

const create = (context: RestContext, request: RestRequest) => {
  const { commands } = context.world;
  const guildId = scope(context, request);
  const body = readForm(commandBody, request.body);
  const isNew = !commands.list(guildId).some(({ type, name }) => type === body.type && name === body.name);
  return { status: isNew ? 201 : 200, body: commands.put(guildId, body) };
};

const edit = (context: RestContext, request: RestRequest) => {
  const { commands } = context.world;
  const guildId = scope(context, request);
  const before = commands.get(guildId, request.params.command ?? '');
  const changes = typeof request.body === 'object' ? request.body : {};
  return ok(commands.put(guildId, readForm(commandBody, { ...before, ...changes })));
};

const replaceAll = (context: RestContext, request: RestRequest) =>
  ok(context.world.commands.replaceAll(scope(context, request), readForm(commandBodies, request.body ?? [])));

const remove = (context: RestContext, request: RestRequest) => {
  context.world.commands.delete(scope(context, request), request.params.command ?? '');
  return noContent;
};

/** The application's commands, global and in one server. */
export const commandRoutes = {
  'GET /applications/:application/commands': all,
  'PUT /applications/:application/commands': replaceAll,
  'POST /applications/:application/commands': create,
  'GET /applications/:application/commands/:command': one,
  'PATCH /applications/:application/commands/:command': edit,
  'DELETE /applications/:application/commands/:command': remove,
  'GET /applications/:application/guilds/:guild/commands': all,
  'PUT /applications/:application/guilds/:guild/commands': replaceAll,
  'POST /applications/:application/guilds/:guild/commands': create,
  'GET /applications/:application/guilds/:guild/commands/:command': one,
  'PATCH /applications/:application/guilds/:guild/commands/:command': edit,
  'DELETE /applications/:application/guilds/:guild/commands/:command': remove,
} satisfies RouteTable;

/** Commands belong to their application, and to servers that it is in. */
function scope({ world }: RestContext, { params }: RestRequest): string | undefined {
  if (params.application !== world.application.id) throw new ApiError('missingAccess');
  if (params.guild === undefined) return undefined;
  if (!world.guilds.get(params.guild)?.members.has(world.botId)) throw new ApiError('missingAccess');
  return params.guild;
}

/** The dictionaries come only when asked for. */
function localized(command: APIApplicationCommand, dictionaries: boolean): object {
  if (dictionaries) return command;
  const { name_localizations: _, description_localizations: __, ...rest } = command;
  return rest;
}
