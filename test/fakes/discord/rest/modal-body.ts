import { type APIModalInteractionResponseCallbackData, ComponentType, TextInputStyle } from 'discord.js';
import * as z from 'zod';

const textInput = z.object({
  type: z.literal(ComponentType.TextInput),
  custom_id: z.string().min(1).max(100),
  style: z.enum(TextInputStyle),
  label: z.string().max(45).optional(),
  min_length: z.int().min(0).max(4000).optional(),
  max_length: z.int().min(1).max(4000).optional(),
  required: z.boolean().optional(),
  value: z.string().max(4000).optional(),
  placeholder: z.string().max(100).optional(),
});

const row = z.object({ type: z.literal(ComponentType.ActionRow), components: z.array(textInput).length(1) });
const label = z.object({
  type: z.literal(ComponentType.Label),
  label: z.string().min(1).max(45),
  description: z.string().max(100).optional(),
  component: textInput,
});

/** A form of text inputs, in labels or in the older action rows; the newer inputs are not modelled. */
export const modalBody = z
  .object({
    custom_id: z.string().min(1).max(100),
    title: z.string().min(1).max(45),
    components: z
      .array(z.union([row, label]))
      .min(1)
      .max(5),
  })
  .transform((modal) => modal as APIModalInteractionResponseCallbackData);
