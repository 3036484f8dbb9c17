#!/usr/bin/env python3
"""Writes the held-out sections that `npm run eval` reads, from the pages that training never sees.

Usage: held_out.py --corpus DIR OUT_FILE
One JSON object a line: id, kind (docs, books or qa), source, title, heading, text. The same corpus gives the same file.
"""
import argparse
import json
import re
import zlib
from collections import Counter

from corpus import SENTENCE, documents, held_back, turns

# Whole sections, short enough for a context of 512 tokens with a question and an answer behind them.
SHORTEST, LONGEST = 280, 1200
FEWEST_SENTENCES = 3
# No page may weigh more than the others.
MOST_OF_A_PAGE = {'docs': 8, 'books': 2}
MOST_PAIRS, MOST_DIALOGUES = 80, 40
# Two copies of a text begin with the same letters, however their blanks and marks differ.
BEGINNING = 60


def beginning(text):
    return re.sub('[^a-z0-9]', '', text.lower())[:BEGINNING]


def paragraphs(text):
    return [p for p in text.split('\n') if len(beginning(p)) == BEGINNING]


def dialogue(row):
    """A conversation in the form of the bot's prompts, as many of its turns as there is room for."""
    text = ''
    for i, turn in enumerate(turns(row)):
        line = f"{'Q' if i % 2 == 0 else 'A'}: {turn}"
        if len(text) + len(line) > LONGEST:
            break
        text += ('\n' if text else '') + line
    return text


def sections(kind, row):
    """(heading, text) of each part of a record that can stand alone."""
    if kind == 'docs':
        return [(s['heading'], s['text'].strip()) for s in row['sections']]
    if kind == 'books':
        # Narrative, for in a dialogue one must know who speaks.
        return [('', p.strip()) for p in row['text'].split('\n') if p.count('"') + p.count('“') < 2]
    if 'turns' in row:
        return [('', dialogue(row))]
    return [('', f"Q: {row['question']}\nA: {row['answer'].strip()}")]


def is_readable(kind, text):
    if len(text) > LONGEST:
        return False
    if kind == 'qa':
        return True
    if len(text) < SHORTEST:
        return False
    return kind == 'books' or len(SENTENCE.split(text.replace('\n', ' '))) >= FEWEST_SENTENCES


def held_out(corpus):
    """The sections in the corpus's order, without those of which a paragraph begins as one on the training side does."""
    trained = set()
    for kind, row in documents(corpus):
        if not held_back(row):
            for _, text in sections(kind, row):
                trained.update(beginning(p) for p in paragraphs(text))
    taken = Counter()
    for kind, row in documents(corpus):
        if not held_back(row):
            continue
        for heading, text in sections(kind, row):
            if not is_readable(kind, text) or any(beginning(p) in trained for p in paragraphs(text)):
                continue
            page, most = row.get('title'), MOST_OF_A_PAGE.get(kind)
            if kind == 'qa':
                page, most = ('dialogues', MOST_DIALOGUES) if 'turns' in row else ('pairs', MOST_PAIRS)
            # Chunks of one chapter are pages of their own.
            key = (kind, page, row['text'][:BEGINNING] if kind == 'books' else '')
            taken[key] += 1
            if taken[key] <= most:
                yield {
                    'id': f'{zlib.crc32(text.encode()):08x}',
                    'kind': kind,
                    'source': row['source'],
                    'title': row.get('title') or '',
                    'heading': heading,
                    'text': text,
                }


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('out')
    ap.add_argument('--corpus', required=True)
    a = ap.parse_args()
    found = list(held_out(a.corpus))
    with open(a.out, 'w', encoding='utf-8') as f:
        for section in found:
            f.write(json.dumps(section, ensure_ascii=False) + '\n')
    print(dict(Counter(section['kind'] for section in found)))


if __name__ == '__main__':
    main()
