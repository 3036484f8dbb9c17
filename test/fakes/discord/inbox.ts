import type { Client, Message } from 'discord.js';

/** What reached the client, which is later than the server sent it: tests wait for it here. */
export interface Inbox {
  readonly messages: readonly Message[];
  /** Resolves once the client has the message. */
  has(sent: { readonly id: string }): Promise<Message>;
}

export function inboxOf(client: Client): Inbox {
  const messages: Message[] = [];
  const waiting = new Map<string, (message: Message) => void>();
  client.on('messageCreate', (message) => {
    messages.push(message);
    waiting.get(message.id)?.(message);
  });
  return {
    messages,
    has: ({ id }) => {
      const here = messages.find((message) => message.id === id);
      return here ? Promise.resolve(here) : new Promise((resolve) => waiting.set(id, resolve));
    },
  };
}
