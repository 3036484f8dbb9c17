import { isBlank } from '../inference/tasks/delimiters.ts';
import type { TaskInput } from '../inference/tasks/task.ts';
import { type Conversations, MEMORY_LIMITS, withName } from './conversation.ts';
import type { Surroundings } from './ports.ts';
import type { AttachmentRef, ChatRequest } from './request.ts';
import type { Material, Route } from './router.ts';
import { decodeTextFile } from './text-file.ts';

type TaskRoute = Extract<Route, { kind: 'task' }>;

/**
 * Reads what a task works on: files, the conversation, the message replied to.
 *
 * @throws AttachmentError when a file cannot be read or holds no text.
 */
export async function gather(
  route: TaskRoute,
  request: ChatRequest,
  conversations: Conversations,
  surroundings: Surroundings,
): Promise<TaskInput> {
  const { conversation } = request;
  const material = await read(route.material, request, conversations, surroundings);
  switch (route.task) {
    case 'chat': {
      const memory = await conversations.memory(conversation, request, surroundings);
      const text = memory.severalSpeakers ? withName(request.author.name, route.text) : route.text;
      return { text, history: memory.exchanges };
    }
    case 'ask': {
      if (material === undefined) return { text: route.text };
      const memory = await conversations.memory(conversation, request, surroundings);
      return { text: route.text, context: material, history: memory.exchanges };
    }
    case 'summarize':
      return { text: material ?? route.text };
    case 'translate':
    case 'write':
    case 'fill':
    case 'choose':
      return { text: isBlank(route.text) ? (material ?? '') : route.text, ...route.options };
  }
}

async function read(
  material: Material,
  request: ChatRequest,
  conversations: Conversations,
  surroundings: Surroundings,
): Promise<string | undefined> {
  switch (material.kind) {
    case 'none':
      return undefined;
    case 'message':
      return material.message.text;
    case 'attachments':
      return readAll(material.attachments, surroundings);
    case 'talk':
      return conversations.talk(request.talk ?? request.conversation, request, surroundings, material);
  }
}

/** Files of which no size is announced: what adapters take at most. */
const UNKNOWN_SIZE = 2 ** 20;

/** How much text may come of it; what a message holds counts for nothing, because platforms keep it short. */
export function mostCharacters(material: Material): number {
  switch (material.kind) {
    case 'none':
    case 'message':
      return 0;
    case 'attachments':
      return material.attachments.reduce((sum, { size = UNKNOWN_SIZE }) => sum + size, 0);
    case 'talk':
      return MEMORY_LIMITS.talkCharacters;
  }
}

/** One after the other: several large files at once would be several large files in memory. */
async function readAll(attachments: readonly AttachmentRef[], surroundings: Surroundings): Promise<string> {
  const texts: string[] = [];
  for (const attachment of attachments) {
    const { name, charset } = attachment;
    texts.push(decodeTextFile(await surroundings.attachment(attachment), name, charset));
  }
  return texts.join('\n\n');
}
