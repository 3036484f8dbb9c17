import * as z from 'zod';

/** What a client sends: an operation and its data. */
export const clientPayload = z.object({ op: z.int(), d: z.unknown() });

export const identifyData = z.object({
  token: z.string(),
  intents: z.int().min(0),
  properties: z.record(z.string(), z.unknown()),
  shard: z.tuple([z.int().min(0), z.int().min(1)]).optional(),
  presence: z.unknown().optional(),
});
export type IdentifyData = z.infer<typeof identifyData>;

export const resumeData = z.object({ token: z.string(), session_id: z.string(), seq: z.int().min(0) });
export type ResumeData = z.infer<typeof resumeData>;

export const presenceData = z.object({
  status: z.string(),
  afk: z.boolean().optional(),
  since: z.number().nullish(),
  activities: z.array(z.looseObject({ name: z.string(), type: z.int(), state: z.string().nullish() })),
});

/** What people see beside the bot's name. */
export type Presence = z.infer<typeof presenceData>;
