import { ApplicationCommandOptionType, ApplicationCommandType } from 'discord.js';
import * as z from 'zod';

const chatInputName = z
  .string()
  .regex(/^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u, { error: 'Command name is invalid' })
  .refine((name) => name === name.toLowerCase(), { message: 'Command name is invalid' });

const choice = z.looseObject({
  name: z.string().min(1).max(100),
  value: z.union([z.string().max(100), z.number()]),
});

const optionShape = {
  type: z.enum(ApplicationCommandOptionType),
  name: chatInputName,
  description: z.string().min(1).max(100),
  required: z.boolean().optional(),
  choices: z.array(choice).max(25).nullish(),
  min_length: z.int().min(0).max(6000).nullish(),
  max_length: z.int().min(1).max(6000).nullish(),
  min_value: z.number().nullish(),
  max_value: z.number().nullish(),
  autocomplete: z.boolean().optional(),
  channel_types: z.array(z.int()).nullish(),
};

/** A parameter; subcommands and their groups are options that have options. */
export interface CommandOption extends z.infer<z.ZodObject<typeof optionShape>> {
  readonly options?: readonly CommandOption[] | null | undefined;
}

const option: z.ZodType<CommandOption> = z.object({
  ...optionShape,
  get options() {
    return options.nullish();
  },
});

const options = z
  .array(option)
  .max(25)
  .superRefine((all, context) => {
    const names = new Set<string>();
    let optional = false;
    for (const [index, { name, required }] of all.entries()) {
      if (names.has(name)) {
        context.addIssue({ code: 'custom', path: [index, 'name'], message: 'Option names must be unique' });
      }
      if (required && optional) {
        context.addIssue({
          code: 'custom',
          path: [index],
          message: 'Required options must be placed before non-required options',
        });
      }
      names.add(name);
      optional ||= !required;
    }
  });

const shared = {
  name_localizations: z.record(z.string(), z.string()).nullish(),
  description_localizations: z.record(z.string(), z.string()).nullish(),
  default_member_permissions: z.string().nullish(),
  dm_permission: z.boolean().nullish(),
  nsfw: z.boolean().optional(),
  contexts: z.array(z.literal([0, 1, 2])).nullish(),
  integration_types: z.array(z.literal([0, 1])).nullish(),
};

const chatInput = z.object({
  ...shared,
  type: z.literal(ApplicationCommandType.ChatInput).default(ApplicationCommandType.ChatInput),
  name: chatInputName,
  description: z.string().min(1).max(100),
  options: options.nullish(),
});

const contextMenu = z.object({
  ...shared,
  type: z.literal([ApplicationCommandType.User, ApplicationCommandType.Message]),
  name: z.string().min(1).max(32),
  description: z.literal('', { error: 'Context menu commands cannot have description' }).optional(),
});

/** One command as the bot registers it. */
export const commandBody = z.union([contextMenu, chatInput]);
export type CommandBody = z.infer<typeof commandBody>;

/** All of them at once: at most 100 slash commands and 15 of each context menu. */
export const commandBodies = z.array(commandBody).max(130);
