"""Training documents from a corpus, about half of them in the forms of the bot's own prompts."""
import json
import lzma
import os
import re
import zlib

SENTENCE = re.compile('(?<=[.!?])\\s+(?=[A-Z"“])')
IS = re.compile('^((?:The |An? )?[A-Za-z`][^.,;:()]{2,60}?) (is|are|was|were) ((?:an? |the |used |one |not ).{10,220}[.])$')
VERBS = {'returns': 'return', 'provides': 'provide', 'defines': 'define', 'allows': 'allow', 'represents': 'represent', 'contains': 'contain', 'specifies': 'specify', 'describes': 'describe', 'means': 'mean', 'creates': 'create'}
DOES = re.compile('^((?:The |An? )?[A-Za-z`][^.,;:()]{2,60}?) (' + '|'.join(VERBS) + ') (.{10,220}[.])$')

def rows(path):
    if not os.path.exists(path):
        return
    with lzma.open(path, 'rt', encoding='utf-8') as f:
        for line in f:
            yield json.loads(line)

# A sentence that begins so cannot stand without the one before it.
VAGUE = set('This If There It Note When These That Those You Here What We They One He She Its Both Each Such Some All Another In As By For On To With Following Otherwise'.split())

def lower_first(s):
    head = s.split(' ', 1)[0]
    return s[0].lower() + s[1:] if head in ('The', 'A', 'An') else s

def questions(sentences):
    """(question, answer sentence) for each sentence that says what something is or does."""
    for s in sentences:
        words = s.split(' ', 3)
        if words[0] in VAGUE or (words[0] in ('The', 'A', 'An') and words[1:2] and (words[1] in ('following', 'above', 'below', 'same', 'other'))):
            continue
        if (m := IS.match(s)):
            yield (f'What {m[2]} {lower_first(m[1])}?', s)
        elif (m := DOES.match(s)):
            yield (f'What does {lower_first(m[1])} {VERBS[m[2]]}?', s)

def documents(corpus):
    """(kind, record) from the three files in turn, in proportion to their length, so that any prefix holds all kinds."""
    sources = [(kind, list(rows(os.path.join(corpus, kind + '.jsonl.xz')))) for kind in ('docs', 'books', 'qa')]
    order = sorted(((i / len(r), kind, row) for kind, r in sources for i, row in enumerate(r)), key=lambda x: (x[0], x[1]))
    for _, kind, row in order:
        yield (kind, row)

def held_back(row):
    """One page in two hundred is for validation; the page decides, so that no page is on both sides."""
    return zlib.crc32((row.get('title') or row.get('question') or str(row.get('turns'))[:80]).encode()) % 200 == 0

def samples(corpus, rng, validation=False):
    """Yields one training document (without the end mark) at a time; about half are in the forms of the bot's tasks."""
    for kind, d in documents(corpus):
        if held_back(d) != validation:
            continue
        if kind == 'books':
            if rng.random() < 0.25:
                yield d['text']
        elif kind == 'qa':
            if 'turns' in d:
                turns = [x if isinstance(x, str) else x.get('text', '') for x in d['turns']]
                yield '\n'.join((f"{('Q' if i % 2 == 0 else 'A')}: {x}" for i, x in enumerate(turns)))
            else:
                yield f"Q: {d['question']}\nA: {d['answer']}"
        else:
            sections = [s for s in d['sections'] if len(s['text']) > 80]
            if sections and rng.random() < 0.3:
                yield (f"{d['title']}\n\n" + '\n\n'.join(((s['heading'] + '\n' if s['heading'] and s['heading'] != d['title'] else '') + s['text'] for s in sections)))
            for s in sections:
                text = s['text'].strip()
                sent = SENTENCE.split(text.replace('\n', ' '))
                if len(sent) < 3 or len(text) > 1400:
                    continue
                pairs = list(questions(sent))
                rng.shuffle(pairs)
                if pairs and rng.random() < 0.9:
                    yield (text + '\n\n' + '\n'.join((f'Q: {q}\nA: {a}' for q, a in pairs[:3])))
                    if rng.random() < 0.3:
                        yield 'Q: {}\nA: {}'.format(*pairs[0])
                elif len(sent) > 3 and rng.random() < 0.6:
                    yield f"{(text if rng.random() < 0.5 else ' '.join(sent[1:]))}\n\nTL;DR: {sent[0]}"
