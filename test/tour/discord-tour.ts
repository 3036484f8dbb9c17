import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DiscordAdapter } from '../../adapters/discord/discord-adapter.ts';
import { loadLine } from '../../bot/load-line.ts';
import { serve } from '../../bot/serve.ts';
import { MemoryStore } from '../../bot/store/memory-store.ts';
import { createLogger } from '../../config/logger.ts';
import type { Engine } from '../../inference/engine/engine.ts';
import { startEngine } from '../../inference/service.ts';
import { tasks } from '../../inference/tasks/tasks.ts';
import { FakeDiscord } from '../fakes/discord/fake-discord.ts';
import { SCENES, type Scene, type Stage } from './discord-scenes.ts';
import { PacedEngine } from './paced-engine.ts';

// A few people use the bot on a Discord server on loopback: the real discord.js, the whole bot, the model that ships
// with it. Prints what they see, edit by edit; with --write it goes to docs/discord-transcript.md instead.

const TRANSCRIPT = path.resolve(import.meta.dirname, '../../docs/discord-transcript.md');

/** About what GPT-2 writes on a small machine. The starter model is so fast that nobody would see its replies grow. */
const TOKENS_A_SECOND = 20;

const discord = await FakeDiscord.start({ privileged: { messageContent: true } });
const guild = discord.guild({ name: 'Reading Club' });
const stage: Stage = {
  discord,
  guild,
  ada: guild.person({ name: 'Ada' }),
  bob: guild.person({ name: 'Bob' }),
  mallory: guild.person({ name: 'Mallory' }),
};
const cache = await mkdtemp(path.join(tmpdir(), 'parley-tour-'));
const limits = { maxRows: 1, maxQueue: 64, kvBytes: 64 * 2 ** 20 };
const model = await startEngine({ model: 'starter', cache, weights: 'q8', threads: 0, limits });
const leave = startBot(new PacedEngine(model, TOKENS_A_SECOND));
await discord.waitFor(() => discord.gateway.presence?.activities[0]?.state, { timeoutMs: 30_000 });

const chapters: string[] = [];
for (const scene of SCENES) chapters.push(await play(scene));
await leave();
await model.close();
await discord.stop();
await rm(cache, { recursive: true });

const page = `${preface()}\n${chapters.join('\n')}`;
if (process.argv.includes('--write')) await writeFile(TRANSCRIPT, page);
else process.stdout.write(page);

/** @returns ends it. */
function startBot(engine: Engine): () => Promise<void> {
  const logger = createLogger({ level: 'warn', secrets: [discord.token], format: 'human' });
  const none = { allow: [], deny: [] };
  const users = { allow: [], deny: [stage.mallory.id] };
  let end: (status: number) => void = () => undefined;
  const served = serve({
    platforms: [
      new DiscordAdapter({
        token: discord.token,
        apiUrl: discord.apiUrl,
        messageContent: true,
        threads: 'auto',
        logger,
        presence: async () => loadLine(await engine.stats()),
        clock: Date.now,
      }),
    ],
    engine: Promise.resolve(engine),
    tasks,
    access: { discord: { workspaces: none, channels: none, roles: none, users, directMessages: true } },
    requestsPerMinute: 60,
    store: new MemoryStore(),
    keeps: { feedback: 90, conversations: 90 },
    logger,
    say: () => undefined,
    end: new Promise((resolve) => {
      end = resolve;
    }),
  });
  return async () => {
    end(0);
    await served;
  };
}

async function play(scene: Scene): Promise<string> {
  const channels = await scene.play(stage);
  const views = channels.map((channel) => {
    const where = channel.record.kind === 'dm' ? 'a direct message' : `#${channel.name}`;
    const seen = discord.transcript(channel, { as: stage[scene.seenBy] });
    return `In ${where}:\n\n\`\`\`text\n${readable(seen)}\n\`\`\`\n`;
  });
  return `## ${scene.title}\n\n${scene.explains} Seen by ${stage[scene.seenBy].name}.\n\n${views.join('\n')}`;
}

/** Without what nobody sees: ids behind buttons and forms; and with the backticks of code blocks kept apart from ours. */
function readable(transcript: string): string {
  return transcript
    .replace(/(presses \w+):\S+/gu, '$1')
    .replace(/(submits the form) \S+/gu, '$1')
    .replaceAll('```', "'''");
}

function preface(): string {
  return `# What people see in Discord

A few people use the bot, and this is what they see, edit by edit, with seconds since the first line of each channel.
Made by \`npm run tour:discord -- --write\`: the real discord.js and the whole bot, against the server of
\`test/fakes/discord\`. The model is the small one that ships with the project, slowed down to ${TOKENS_A_SECOND} tokens a second,
about what GPT-2 writes on a small machine; it shows the bot working and knows next to nothing, so mind the form and not
the words. What stands in brackets under a message are its buttons; \`-#\` makes a line small.
`;
}
