"""Byte-level BPE as GPT-2 has it: learning a vocabulary, encoding, and writing tokenizer.json. Needs python3 alone."""
import collections
import heapq
import re

END = '<|endoftext|>'

# GPT-2's pre-tokenisation, with classes that the standard library's re knows.
SPLIT = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def byte_to_unicode():
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    table, n = ({b: chr(b) for b in keep}, 0)
    for b in range(256):
        if b not in table:
            table[b] = chr(256 + n)
            n += 1
    return table

def train_bpe(texts, vocab_size):
    """Byte-level BPE as GPT-2's: 256 bytes, then merges by frequency, then the end mark."""
    table = byte_to_unicode()
    words = collections.Counter()
    for t in texts:
        words.update(SPLIT.findall(t))
    items = [([table[b] for b in w.encode()], c) for w, c in words.items() if c > 2]
    pairs = collections.Counter()
    where = collections.defaultdict(set)
    for i, (sym, c) in enumerate(items):
        for p in zip(sym, sym[1:]):
            pairs[p] += c
            where[p].add(i)
    heap = [(-c, p) for p, c in pairs.items()]
    heapq.heapify(heap)
    vocab = {table[b]: i for i, b in enumerate(sorted(table, key=lambda b: ord(table[b])))}
    merges = []
    while len(vocab) < vocab_size - 1 and heap:
        c, p = heapq.heappop(heap)
        if -c != pairs.get(p, 0):
            continue
        new = p[0] + p[1]
        merges.append(p)
        if new not in vocab:
            vocab[new] = len(vocab)
        changed = set()
        for i in where.pop(p):
            sym, k = items[i]
            j = 0
            for a in zip(sym, sym[1:]):
                pairs[a] -= k
                changed.add(a)
            out = []
            while j < len(sym):
                if j + 1 < len(sym) and sym[j] == p[0] and (sym[j + 1] == p[1]):
                    out.append(new)
                    j += 2
                else:
                    out.append(sym[j])
                    j += 1
            items[i] = (out, k)
            for a in zip(out, out[1:]):
                pairs[a] += k
                where[a].add(i)
                changed.add(a)
        pairs.pop(p, None)
        for a in changed:
            if pairs.get(a, 0) > 0:
                heapq.heappush(heap, (-pairs[a], a))
    vocab[END] = len(vocab)
    return (vocab, merges)

class Encoder:

    def __init__(self, vocab, merges):
        self.vocab, self.rank, self.table, self.cache = (vocab, {m: i for i, m in enumerate(merges)}, byte_to_unicode(), {})

    def word(self, w):
        if w in self.cache:
            return self.cache[w]
        sym = [self.table[b] for b in w.encode()]
        while len(sym) > 1:
            best = min(zip(sym, sym[1:]), key=lambda p: self.rank.get(p, 1 << 30))
            if best not in self.rank:
                break
            out, j = ([], 0)
            while j < len(sym):
                if j + 1 < len(sym) and (sym[j], sym[j + 1]) == best:
                    out.append(best[0] + best[1])
                    j += 2
                else:
                    out.append(sym[j])
                    j += 1
            sym = out
        ids = [self.vocab[s] for s in sym]
        if len(self.cache) < 2000000:
            self.cache[w] = ids
        return ids

    def encode(self, text):
        return [i for w in SPLIT.findall(text) for i in self.word(w)]

def tokenizer_json(vocab, merges):
    end = vocab[END]
    return {'version': '1.0', 'truncation': None, 'padding': None, 'added_tokens': [{'id': end, 'content': END, 'single_word': False, 'lstrip': False, 'rstrip': False, 'normalized': True, 'special': True}], 'normalizer': None, 'pre_tokenizer': {'type': 'ByteLevel', 'add_prefix_space': False, 'trim_offsets': True}, 'post_processor': {'type': 'ByteLevel', 'add_prefix_space': True, 'trim_offsets': False}, 'decoder': {'type': 'ByteLevel', 'add_prefix_space': True, 'trim_offsets': True}, 'model': {'type': 'BPE', 'dropout': None, 'unk_token': None, 'continuing_subword_prefix': '', 'end_of_word_suffix': '', 'fuse_unk': False, 'vocab': vocab, 'merges': [f'{a} {b}' for a, b in merges]}}
