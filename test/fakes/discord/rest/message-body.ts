import { MessageFlags } from 'discord.js';
import * as z from 'zod';
import { componentRows } from './component-body.ts';
import { embeds } from './embed-body.ts';

const snowflake = z.string().regex(/^\d{17,19}$/);

const allowedMentions = z
  .object({
    parse: z.array(z.enum(['users', 'roles', 'everyone'])).optional(),
    users: z.array(snowflake).max(100).optional(),
    roles: z.array(snowflake).max(100).optional(),
    replied_user: z.boolean().optional(),
  })
  .superRefine((allowed, context) => {
    for (const kind of ['users', 'roles'] as const) {
      if (!allowed.parse?.includes(kind) || !allowed[kind]?.length) continue;
      context.addIssue({
        code: 'custom',
        path: [kind],
        message: `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
      });
    }
  });

/**
 * Counted in UTF-16 units: Discord's documentation says only "characters", and this is the stricter reading.
 */
const content = z.string().max(2000).nullish();

const flags = z
  .int()
  .nullish()
  .refine((value) => ((value ?? 0) & MessageFlags.IsComponentsV2) === 0, {
    message: 'The fake server does not model components V2',
  });

/** What posting and editing have in common, for bots, interactions and webhooks. */
export const messageEdit = z.object({
  content,
  embeds: embeds.nullish(),
  components: componentRows.nullish(),
  allowed_mentions: allowedMentions.nullish(),
  attachments: z.array(z.never({ error: 'The fake server does not model uploads' })).nullish(),
  flags,
});
export type MessageEdit = z.infer<typeof messageEdit>;

export const messagePost = messageEdit.extend({
  tts: z.boolean().optional(),
  nonce: z.union([z.string().max(25), z.int()]).nullish(),
  enforce_nonce: z.boolean().optional(),
  message_reference: z
    .object({
      type: z.literal(0).optional(),
      message_id: snowflake,
      channel_id: snowflake.optional(),
      guild_id: snowflake.optional(),
      fail_if_not_exists: z.boolean().optional(),
    })
    .nullish(),
});
export type MessagePost = z.infer<typeof messagePost>;
