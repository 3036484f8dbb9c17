import { InferenceError } from '../../errors.ts';

/**
 * Older repositories keep GPT-2's tokenizer as `vocab.json` and `merges.txt` only. This builds the `tokenizer.json` that
 * the tokenizers library would write for them: byte-level BPE, with nothing in front of a text. Added tokens are left
 * out: a person's "<|endoftext|>" is text.
 *
 * @throws InferenceError `CHECKPOINT_INVALID`, naming the file that is not what it should be
 */
export function buildTokenizerJson(vocabJson: string, mergesTxt: string, id: string): string {
  const vocab = parseVocabulary(vocabJson, id);
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      vocab,
      merges: parseMerges(mergesTxt, vocab, id),
    },
  });
}

function parseVocabulary(text: string, id: string): Record<string, number> {
  try {
    const vocab: unknown = JSON.parse(text);
    if (typeof vocab === 'object' && vocab !== null && Object.values(vocab).every(Number.isSafeInteger)) {
      return vocab as Record<string, number>;
    }
  } catch {
    // Said below.
  }
  throw new InferenceError(
    'CHECKPOINT_INVALID',
    `vocab.json of ${id} is not a table of tokens. Choose another checkpoint.`,
  );
}

/** The first line may be a comment (`#version: 0.2`); `# #` further down is a merge like others. */
function parseMerges(text: string, vocab: Readonly<Record<string, number>>, id: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const merges = lines.filter((line, index) => line !== '' && !(index === 0 && line.startsWith('#version')));
  for (const merge of merges) {
    const pair = merge.split(' ');
    if (pair.length === 2 && Object.hasOwn(vocab, pair.join(''))) continue;
    throw new InferenceError(
      'CHECKPOINT_INVALID',
      `merges.txt of ${id} has a line that does not fit vocab.json: ${JSON.stringify(merge.slice(0, 60))}. Choose another checkpoint.`,
    );
  }
  return merges;
}
