import type { ChatRequest, Platform } from './request.ts';

/** One string for a person on whichever platform. */
export function personKey(platform: Platform, { id }: { readonly id: string }): string {
  return `${platform}:${id}`;
}

/** Who asked. */
export function askerOf({ conversation, author }: ChatRequest): string {
  return personKey(conversation.platform, author);
}
