import type { APIEmbed } from 'discord.js';
import * as z from 'zod';

/** All text of all embeds of one message together. */
const maxCharacters = 6000;

const embed = z.object({
  title: z.string().max(256).optional(),
  description: z.string().max(4096).optional(),
  url: z.string().optional(),
  timestamp: z.string().optional(),
  color: z.int().min(0).max(0xffffff).optional(),
  footer: z.object({ text: z.string().max(2048), icon_url: z.string().optional() }).optional(),
  author: z
    .object({ name: z.string().max(256), url: z.string().optional(), icon_url: z.string().optional() })
    .optional(),
  fields: z
    .array(
      z.object({
        name: z.string().min(1).max(256),
        value: z.string().min(1).max(1024),
        inline: z.boolean().optional(),
      }),
    )
    .max(25)
    .optional(),
});

/** Up to ten rich embeds within Discord's limits; images and videos are not modelled. */
export const embeds = z
  .array(embed)
  .max(10)
  .refine((all) => all.reduce((sum, one) => sum + characters(one), 0) <= maxCharacters, {
    message: `Embed size exceeds maximum size of ${maxCharacters}`,
  })
  .transform((all) => all.map((one) => JSON.parse(JSON.stringify({ type: 'rich', ...one })) as APIEmbed));

function characters(one: z.infer<typeof embed>): number {
  const fields = one.fields?.flatMap(({ name, value }) => [name, value]) ?? [];
  return [one.title, one.description, one.footer?.text, one.author?.name, ...fields].join('').length;
}
