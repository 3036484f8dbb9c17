import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EVENTS, SCOPES } from '../../adapters/slack/manifest.ts';
import { SlackAdapter } from '../../adapters/slack/slack-adapter.ts';
import { serve } from '../../bot/serve.ts';
import { MemoryStore } from '../../bot/store/memory-store.ts';
import { createLogger } from '../../config/logger.ts';
import type { Engine } from '../../inference/engine/engine.ts';
import { startEngine } from '../../inference/service.ts';
import { tasks } from '../../inference/tasks/tasks.ts';
import { transcript } from '../fakes/slack/driver/transcript.ts';
import { FakeSlack } from '../fakes/slack/fake-slack.ts';
import { PacedEngine } from './paced-engine.ts';
import { SCENES, type Scene, type Stage } from './slack-scenes.ts';

// A few people use the bot in a Slack workspace on loopback: the real Bolt, the whole bot, the model that ships with it.
// Prints what they see, edit by edit; with --write it goes to docs/slack-transcript.md instead.

const TRANSCRIPT = path.resolve(import.meta.dirname, '../../docs/slack-transcript.md');

/** About what GPT-2 writes on a small machine. The starter model is so fast that nobody would see its replies grow. */
const TOKENS_A_SECOND = 20;

const slack = await FakeSlack.start({
  scopes: Object.keys(SCOPES),
  botEvents: EVENTS,
  delivery: { keepsWhileOffline: () => false },
});
const { workspace } = slack;
const stage: Stage = {
  slack,
  ada: workspace.user('ada'),
  bob: workspace.user('bob'),
  mallory: workspace.user('mallory'),
};
const cache = await mkdtemp(path.join(tmpdir(), 'parley-tour-'));
const limits = { maxRows: 1, maxQueue: 64, kvBytes: 64 * 2 ** 20 };
const model = await startEngine({ model: 'starter', cache, weights: 'q8', threads: 0, limits });
const leave = await startBot(new PacedEngine(model, TOKENS_A_SECOND));

const chapters: string[] = [];
for (const scene of SCENES) chapters.push(await play(scene));
await leave();
await model.close();
await slack.stop();
await rm(cache, { recursive: true });

const page = `${preface()}\n${chapters.join('\n')}`;
if (process.argv.includes('--write')) await writeFile(TRANSCRIPT, page);
else process.stdout.write(page);

/** @returns ends it. */
async function startBot(engine: Engine): Promise<() => Promise<void>> {
  const logger = createLogger({ level: 'error', secrets: [slack.botToken, slack.appToken], format: 'human' });
  const none = { allow: [], deny: [] };
  const users = { allow: [], deny: [stage.mallory.id] };
  let end: (status: number) => void = () => undefined;
  let introduced: () => void = () => undefined;
  const there = new Promise<void>((resolve) => {
    introduced = resolve;
  });
  const served = serve({
    platforms: [
      new SlackAdapter({
        botToken: slack.botToken,
        apiUrl: slack.apiUrl,
        transport: { kind: 'socket', appToken: slack.appToken },
        inThreads: true,
        follow: true,
        commandPrefix: '',
        logger,
        clock: Date.now,
      }),
    ],
    engine: Promise.resolve(engine),
    tasks,
    access: { slack: { workspaces: none, channels: none, roles: none, users, directMessages: true } },
    requestsPerMinute: 60,
    store: new MemoryStore(),
    keeps: { feedback: 90, conversations: 90 },
    logger,
    say: introduced,
    end: new Promise((resolve) => {
      end = resolve;
    }),
  });
  await there;
  return async () => {
    end(0);
    await served;
  };
}

async function play({ title, explains, seenBy, play: act }: Scene): Promise<string> {
  const { channel, deeds } = await act(stage);
  const where = channel.record.kind === 'im' ? 'a direct message' : `#${channel.name}`;
  // The mark of a line beside an answer is seen by nobody; and backticks of code blocks are kept apart from ours.
  const seen = transcript(channel, seenBy, deeds).replaceAll('\u2060', '').replaceAll('```', "'''");
  return `## ${title}\n\n${explains} Seen by ${seenBy}, in ${where}:\n\n\`\`\`text\n${seen}\n\`\`\`\n`;
}

function preface(): string {
  return `# What people see in Slack

A few people use the bot, and this is what they see, edit by edit, with seconds since the first line of each channel.
Made by \`npm run tour:slack -- --write\`: the real Bolt and the whole bot, against the server of \`test/fakes/slack\`.
The model is the small one that ships with the project, slowed down to ${TOKENS_A_SECOND} tokens a second, about what GPT-2 writes on a
small machine; it shows the bot working and knows next to nothing, so mind the form and not the words. What stands in
brackets under a message are its buttons; \`_\` marks what Slack shows in italics.
`;
}
