/** One measurement, declared once: registration, `/metrics` and the table in the docs come from here. */
export interface MetricRow {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  /** One sentence; units are in the name, as Prometheus has it. */
  readonly help: string;
  /** Few values each, and nothing about a person: no id, no name, no text. */
  readonly labels: readonly string[];
  /** Upper borders, of histograms. */
  readonly buckets?: readonly number[];
}

/** From what feels immediate to what nobody waits for; a rate-limited channel or a long queue reaches the last ones. */
const WAITS_S = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120];

/** All that the bot counts and measures; what Node itself tells about its process is added by prom-client. */
export const METRICS = {
  requests: {
    kind: 'counter',
    name: 'parley_requests_total',
    help: 'Requests that have ended, by what came of them: answered, stopped, refused or failed.',
    labels: ['platform', 'task', 'outcome'],
  },
  open: {
    kind: 'gauge',
    name: 'parley_requests_open',
    help: 'Requests that are waiting or being answered.',
    labels: ['platform'],
  },
  replies: {
    kind: 'counter',
    name: 'parley_replies_total',
    help: 'Replies by how they were shown: whole, gone (their place is no more) or given up.',
    labels: ['platform', 'state'],
  },
  firstToken: {
    kind: 'histogram',
    name: 'parley_first_token_seconds',
    help: 'From the arrival of a request to the first words that the model wrote for it.',
    labels: ['platform', 'task'],
    buckets: WAITS_S,
  },
  firstMessage: {
    kind: 'histogram',
    name: 'parley_first_message_seconds',
    help: 'From the arrival of a request to the first words that people can read.',
    labels: ['platform'],
    buckets: WAITS_S,
  },
  reply: {
    kind: 'histogram',
    name: 'parley_reply_seconds',
    help: 'From the arrival of a request to the final edit of its reply.',
    labels: ['platform', 'task'],
    buckets: WAITS_S,
  },
  calls: {
    kind: 'counter',
    name: 'parley_calls_total',
    help: 'Posts and edits, by what the platform said: done, limited (too many calls for now) or failed.',
    labels: ['platform', 'call', 'result'],
  },
  rateLimited: {
    kind: 'counter',
    name: 'parley_rate_limited_total',
    help: 'Answers 429 of a platform, to calls of any kind; none is the aim.',
    labels: ['platform'],
  },
  connected: {
    kind: 'gauge',
    name: 'parley_platform_connected',
    help: 'Whether people on the platform can be heard: 1 or 0.',
    labels: ['platform'],
  },
  engineUp: {
    kind: 'gauge',
    name: 'parley_engine_up',
    help: 'Whether the model answers: 1 or 0; while it is 0, its gauges are absent.',
    labels: [],
  },
  restarts: {
    kind: 'counter',
    name: 'parley_engine_restarts_total',
    help: "How often the engine's process was lost and started again.",
    labels: [],
  },
  running: {
    kind: 'gauge',
    name: 'parley_engine_running',
    help: 'Replies that the model is writing.',
    labels: [],
  },
  queued: {
    kind: 'gauge',
    name: 'parley_engine_queued',
    help: 'Requests that wait for the model.',
    labels: [],
  },
  generatedTokens: {
    kind: 'counter',
    name: 'parley_generated_tokens_total',
    help: 'Tokens that the model has written; begins anew with every process of the engine.',
    labels: [],
  },
  tokensPerSecond: {
    kind: 'gauge',
    name: 'parley_tokens_per_second',
    help: 'How fast the model wrote its last replies, all together.',
    labels: [],
  },
  promptTokensPerSecond: {
    kind: 'gauge',
    name: 'parley_prompt_tokens_per_second',
    help: 'How fast the model read its last prompts.',
    labels: [],
  },
  reused: {
    kind: 'gauge',
    name: 'parley_prompt_reuse_ratio',
    help: 'The share of all prompt tokens that had been computed before, from 0 to 1.',
    labels: [],
  },
  kvBytes: {
    kind: 'gauge',
    name: 'parley_kv_bytes',
    help: 'Keys and values of running replies: in use, and allowed (KV_MB).',
    labels: ['state'],
  },
  memory: {
    kind: 'gauge',
    name: 'parley_memory_bytes',
    help: 'Resident memory of the two processes, bot and engine.',
    labels: ['process'],
  },
  journal: {
    kind: 'gauge',
    name: 'parley_journal_turns',
    help: 'Turns whose end is not recorded; at rest it is 0.',
    labels: [],
  },
  lasting: {
    kind: 'gauge',
    name: 'parley_store_lasting',
    help: 'Whether what is to survive a restart is kept: 1 or 0 (a full disk, say).',
    labels: [],
  },
  info: {
    kind: 'gauge',
    name: 'parley_info',
    help: 'Always 1; the labels say which Parley runs which model.',
    labels: ['version', 'model', 'weights'],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

export type MetricName = keyof typeof METRICS;
