import { type Block, blockTexts, pressableElements } from '../text/blocks.ts';
import { links, type Mentions, mentions, readable } from '../text/mrkdwn.ts';
import type { ChangeKind, MessageRecord, MessageVersion, StreamingState } from '../workspace/records.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** One state of a message, as people saw it. */
export interface SeenVersion {
  /** Milliseconds since the epoch, on the fake's clock. */
  readonly at: number;
  readonly how: ChangeKind;
  /** What a person reads: names for ids, no control characters. */
  readonly read: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** A message as plain data, with everything that tests ask about it. */
export interface SeenMessage {
  readonly ts: string;
  readonly channel: string;
  readonly threadTs: string | undefined;
  /** The author's user name. */
  readonly author: string;
  readonly read: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Ids of the buttons that are there now. */
  readonly actions: readonly string[];
  readonly versions: readonly SeenVersion[];
  /** Names of all whom any state of the message calls, `@channel` and its like spelled out; sorted. */
  readonly pings: readonly string[];
  /** Addresses that can be clicked. */
  readonly links: readonly string[];
  /** Addresses that Slack would show a preview of. */
  readonly unfurled: readonly string[];
  /** The one user who sees it, by name. */
  readonly ephemeralFor: string | undefined;
  readonly streaming: StreamingState | undefined;
  readonly edited: boolean;
  readonly deleted: boolean;
  /** Names of the files that came with it. */
  readonly files: readonly string[];
  readonly permalink: string;
}

export function seen(workspace: Workspace, message: MessageRecord): SeenMessage {
  const last = shown(message, message.versions.at(-1) ?? message);
  return {
    ts: message.ts,
    channel: message.channel.id,
    threadTs: message.threadTs,
    author: message.user.name,
    read: readable(last, workspace),
    text: message.text,
    blocks: message.blocks,
    actions: pressableElements(message.blocks).map((element) => element.actionId),
    versions: message.versions.map((version) => ({
      ...version,
      read: readable(shown(message, version), workspace),
    })),
    pings: pings(workspace, message),
    links: links(last),
    unfurled: unfurled(message),
    ephemeralFor: message.ephemeralFor && workspace.user(message.ephemeralFor),
    streaming: message.stream?.state,
    edited: message.edited !== undefined,
    deleted: message.deleted,
    files: message.files.map(({ name }) => name),
    permalink: workspace.permalink(message),
  };
}

/**
 * Blocks with text stand in for `text`, which is then only the notification. A stream's text stands, with the blocks
 * of its end below, until an update makes it a message like any other.
 */
function shown(
  message: MessageRecord,
  version: Pick<MessageVersion, 'text' | 'blocks'> & Partial<MessageVersion>,
): string {
  const blocks = blockTexts(version.blocks).map((part) => part.text);
  const streamed = message.stream !== undefined && version.how !== 'updated';
  if (streamed) return [version.text, ...blocks].join('\n').trim();
  return blocks.length === 0 ? version.text : blocks.join('\n');
}

/** Plain text objects call nobody; rich text was written by the composer and is counted as it is. */
function callingTexts(version: MessageVersion): string[] {
  const blocks = blockTexts(version.blocks).filter((part) => part.dialect !== 'plain');
  return [version.text, ...blocks.map((part) => part.text)];
}

function pings(workspace: Workspace, message: MessageRecord): string[] {
  const called = new Set<string>();
  for (const text of message.versions.flatMap(callingTexts)) {
    for (const id of calledBy(mentions(text), message)) called.add(workspace.user(id));
    if (message.namesLinked) for (const name of linkedNames(text, workspace)) called.add(name);
  }
  called.delete(message.user.name);
  return [...called].sort();
}

function calledBy(found: Mentions, message: MessageRecord): string[] {
  const everybody = found.broadcasts.length > 0 || found.groups.length > 0;
  return everybody ? [...message.channel.members, ...found.users] : [...found.users];
}

function linkedNames(text: string, workspace: Workspace): string[] {
  return [...text.matchAll(/@([\w.-]+)/g)].flatMap(([, name = '']) =>
    workspace.userId(name) === undefined && !/^(channel|here|everyone)$/.test(name) ? [] : [name],
  );
}

/**
 * Slack looks for previews once, when a message is posted, and decides by fetching whether an address is media: one
 * that may be either counts unless both kinds are switched off.
 */
function unfurled(message: MessageRecord): string[] {
  if (!message.unfurlLinks && !message.unfurlMedia) return [];
  const first = message.versions[0];
  return first === undefined ? [] : links(shown(message, first));
}
