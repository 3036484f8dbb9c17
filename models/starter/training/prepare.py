#!/usr/bin/env python3
"""Turns a corpus (docs, books and qa as .jsonl.xz) into tokenizer.json, train.bin and val.bin.

Usage: prepare.py --corpus DIR OUT_DIR [--mix broad] [--vocab 8192] [--epochs 1] [--seed 1]
A tokenizer.json that lies in OUT_DIR already is kept, so that an existing model can be trained further. Needs numpy.
"""
import argparse
import json
import os
import random

import numpy as np

from bpe import END, Encoder, tokenizer_json, train_bpe
from samples import MIXES, samples


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('out')
    ap.add_argument('--vocab', type=int, default=8192)
    ap.add_argument('--epochs', type=int, default=1)
    ap.add_argument('--mix', choices=MIXES, default='broad')
    ap.add_argument('--seed', type=int, default=1)
    ap.add_argument('--corpus', required=True)
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    rng = random.Random(a.seed)
    path = os.path.join(a.out, 'tokenizer.json')
    if os.path.exists(path):
        t = json.load(open(path))
        vocab, merges = (t['model']['vocab'], [tuple(m.split(' ')) for m in t['model']['merges']])
    else:
        vocab, merges = train_bpe(samples(a.corpus, random.Random(0)), a.vocab)
        json.dump(tokenizer_json(vocab, merges), open(path, 'w'), ensure_ascii=False)
    print('vocabulary', len(vocab), flush=True)
    enc, end = (Encoder(vocab, merges), vocab[END])
    for name, epochs in (('val', 1), ('train', a.epochs)):
        docs = [np.array([end] + enc.encode(s), dtype=np.uint16) for _ in range(epochs) for s in samples(a.corpus, rng, MIXES[a.mix], validation=name == 'val')]
        random.Random(2).shuffle(docs)
        data = np.concatenate(docs)
        data.tofile(os.path.join(a.out, name + '.bin'))
        print(f'{name}: {len(docs)} documents, {len(data) / 1000000.0:.1f} M tokens', flush=True)

if __name__ == '__main__':
    main()
