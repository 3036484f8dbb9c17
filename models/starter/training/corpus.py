"""The corpus as records, which of them are held out, and its texts as sentences."""
import json
import lzma
import os
import re
import zlib

SENTENCE = re.compile(r'(?<=[.!?])\s+(?=[A-Z"“])')
FILES = ('docs', 'books', 'qa')
# One page in so many is for validation and evaluation alone.
HELD_OUT = 200


def rows(corpus, kind):
    with lzma.open(os.path.join(corpus, kind + '.jsonl.xz'), 'rt', encoding='utf-8') as f:
        for line in f:
            yield json.loads(line)


def documents(corpus):
    """(kind, record) from the three files in turn, in proportion to their length, so that any prefix holds all kinds."""
    sources = [(kind, list(rows(corpus, kind))) for kind in FILES]
    order = sorted(((i / len(r), kind, row) for kind, r in sources for i, row in enumerate(r)), key=lambda x: (x[0], x[1]))
    for _, kind, row in order:
        yield kind, row


def held_back(row):
    """The page decides, and with it the questions that were its headings, so that no page is on both sides."""
    return zlib.crc32((row.get('title') or row.get('question') or str(row.get('turns'))[:80]).encode()) % HELD_OUT == 0


def sentences(text):
    return [s.strip() for line in text.split('\n') for s in SENTENCE.split(line) if s.strip()]


def turns(row):
    return [x if isinstance(x, str) else x.get('text', '') for x in row['turns']]
