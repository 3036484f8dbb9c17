import { z } from 'zod';
import type {
  AttachmentRef,
  Author,
  ChatRequest,
  ConversationRef,
  HistoryMessage,
  MessageRef,
  Origin,
} from '../request.ts';
import type { Draft, Piece, PostedMessage } from './store.ts';

/** Every field of `T`, so that one that is new there is not forgotten here. */
type Fields<T> = Readonly<Record<keyof T, z.ZodType>>;

// What the journal holds, as it has to be when it is read again. Fields that are not named here are left out and do no
// harm: what a request or a prompt is made of may bring more than its type tells, and so may another version of the bot.

const address = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const conversation: z.ZodType<ConversationRef> = z.object({
  platform: z.enum(['discord', 'slack', 'terminal']),
  id: z.string(),
} satisfies Fields<ConversationRef>);

const author: z.ZodType<Author> = z.object({
  id: z.string(),
  name: z.string(),
} satisfies Fields<Author>);

const origin: z.ZodType<Origin> = z.object({
  direct: z.boolean(),
  workspace: z.string().exactOptional(),
  channels: z.array(z.string()),
  roles: z.array(z.string()),
} satisfies Fields<Origin>);

const attachment: z.ZodType<AttachmentRef> = z.object({
  name: z.string(),
  location: z.string(),
  size: z.number().exactOptional(),
  charset: z.string().exactOptional(),
} satisfies Fields<AttachmentRef>);

const historyMessage: z.ZodType<HistoryMessage> = z.object({
  id: z.string(),
  author,
  text: z.string(),
  own: z.boolean(),
  at: z.number(),
} satisfies Fields<HistoryMessage>);

export const REQUEST: z.ZodType<ChatRequest> = z.object({
  id: z.string(),
  trigger: z.enum(['line', 'mention', 'dm', 'command', 'menu']),
  command: z.string().exactOptional(),
  options: address,
  text: z.string(),
  author,
  conversation,
  talk: conversation.exactOptional(),
  origin: origin.exactOptional(),
  replyAddress: address.exactOptional(),
  attachments: z.array(attachment),
  repliedTo: historyMessage.exactOptional(),
  at: z.number(),
} satisfies Fields<ChatRequest>);

type Decoding = Draft['prompt']['decoding'];

const decoding: z.ZodType<Decoding> = z.object({
  sampling: z.object({
    temperature: z.number(),
    topK: z.number(),
    topP: z.number(),
    minP: z.number(),
    repetitionPenalty: z.number(),
    noRepeatNgram: z.number(),
  } satisfies Fields<Decoding['sampling']>),
  maxNewTokens: z.number(),
  stop: z.array(z.string()),
  form: z.object({
    sentences: z.number().exactOptional(),
    unlike: z.string().exactOptional(),
    mayQuote: z.boolean().exactOptional(),
  } satisfies Fields<Decoding['form']>),
} satisfies Fields<Decoding>);

export const DRAFT: z.ZodType<Draft> = z.object({
  task: z.enum(['ask', 'summarize', 'translate', 'write', 'chat', 'fill', 'choose']),
  prompt: z.object({
    text: z.string(),
    tokens: z.number(),
    decoding,
    note: z.string().exactOptional(),
    steps: z.number().exactOptional(),
  } satisfies Fields<Draft['prompt']>),
  seed: z.number(),
  model: z.string(),
  notes: z.array(z.string()),
  writing: z.object({ opening: z.string(), before: z.string() }).exactOptional(),
} satisfies Fields<Draft>);

export const PIECE: z.ZodType<Piece> = z.object({
  text: z.string(),
  tokens: z.array(z.number()),
  written: z.string(),
} satisfies Fields<Piece>);

const messageRef: z.ZodType<MessageRef> = z.object({
  conversation,
  id: z.string(),
  address: address.exactOptional(),
} satisfies Fields<MessageRef>);

export const POSTED: z.ZodType<PostedMessage> = z.object({
  message: messageRef,
  shows: z.number(),
} satisfies Fields<PostedMessage>);
