import { ButtonStyle, ComponentType } from 'discord.js';
import * as z from 'zod';

const emoji = z.looseObject({
  id: z.string().nullish(),
  name: z.string().nullish(),
  animated: z.boolean().optional(),
});

const button = z
  .object({
    type: z.literal(ComponentType.Button),
    id: z.int().optional(),
    style: z.union([
      z.literal(ButtonStyle.Primary),
      z.literal(ButtonStyle.Secondary),
      z.literal(ButtonStyle.Success),
      z.literal(ButtonStyle.Danger),
      z.literal(ButtonStyle.Link),
    ]),
    label: z.string().max(80).optional(),
    emoji: emoji.optional(),
    custom_id: z.string().min(1).max(100).optional(),
    url: z.string().max(512).optional(),
    disabled: z.boolean().optional(),
  })
  .refine((one) => one.label !== undefined || one.emoji !== undefined, {
    message: 'A button needs a label or an emoji',
    path: ['label'],
  })
  .refine((one) => (one.style === ButtonStyle.Link) === (one.url !== undefined), {
    message: 'Link buttons have a url, others do not',
    path: ['url'],
  })
  .refine((one) => (one.style === ButtonStyle.Link) === (one.custom_id === undefined), {
    message: 'A custom id is required',
    path: ['custom_id'],
  });

const row = z.object({
  type: z.literal(ComponentType.ActionRow),
  id: z.int().optional(),
  components: z.array(button).min(1).max(5),
});

/** Rows of buttons. Other components (selects, containers, text displays) are refused: the fake does not model them. */
export const componentRows = z
  .array(row)
  .max(5)
  .superRefine((rows, context) => {
    const seen = new Set<string>();
    for (const [r, { components }] of rows.entries()) {
      for (const [c, { custom_id }] of components.entries()) {
        if (custom_id === undefined) continue;
        if (seen.has(custom_id)) {
          context.addIssue({
            code: 'custom',
            message: 'Component custom id cannot be duplicated',
            path: [r, 'components', c],
          });
        }
        seen.add(custom_id);
      }
    }
  });

export type ComponentRow = z.infer<typeof row>;
export type ButtonComponent = z.infer<typeof button>;

/** Discord numbers the components that it stores. */
export function numbered(rows: readonly ComponentRow[]): ComponentRow[] {
  let last = 0;
  return rows.map((one) => ({
    ...one,
    id: ++last,
    components: one.components.map((each) => ({ ...each, id: ++last })),
  }));
}
