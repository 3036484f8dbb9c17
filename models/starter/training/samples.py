"""Training documents: texts as they are, and samples in exactly the prompt forms of the bot's tasks."""
import json
import os
import random
import re
from dataclasses import dataclass

from corpus import documents, held_back, sentences, turns
from facts import FIRST, facts
from questions import VAGUE, Asker, as_typed

SEEDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'seeds')
NOT_SAID = ['The text does not say.', 'The text does not say that.']
# Characters: with its questions, a passage stays within some 400 tokens, several within 900.
PASSAGE, CONTEXT = 1400, 3000


@dataclass(frozen=True)
class Mix:
    """Of what there could be, the share that is written."""

    pages: float
    books: float
    talks: float
    contexts: float
    summaries: float
    # Of the summaries, those that the text begins with: copied, and so never wrong. The others have to be made.
    copied: float
    made_up: float
    # Of the samples with a context, those with a question about another one.
    unanswerable: float
    # How often each of the few hand-written samples is seen.
    seeds: int


# Most of the training reads broadly; while the learning rate falls, it practises what people will ask. The last part was made
# when the model of the second had been seen to say too often that a text says nothing, and to invent its summaries.
MIXES = {
    'broad': Mix(pages=0.4, books=0.5, talks=0.7, contexts=0.75, summaries=0.4, copied=0.5, made_up=0.1, unanswerable=0.12, seeds=12),
    'tasks': Mix(pages=0.2, books=0.2, talks=0.25, contexts=0.95, summaries=0.7, copied=0.75, made_up=0.35, unanswerable=0.12, seeds=60),
    'last': Mix(pages=0.15, books=0.15, talks=0.25, contexts=1, summaries=0.8, copied=1, made_up=0.35, unanswerable=0.04, seeds=60),
}


def seeds(name):
    with open(os.path.join(SEEDS, name + '.jsonl'), encoding='utf-8') as f:
        return [json.loads(line) for line in f]


def exchange(question, answer):
    return f'Q: {question}\nA: {answer}'


def indented(text):
    """As the bot washes a context: no line of it begins like a line of the prompt."""
    return re.sub(r'(?m)^(?=(?:Q:|A:|TL;DR:))', '    ', text)


def window(section, rng):
    """A run of a section's paragraphs that fits into one passage, from anywhere in it."""
    if len(section) <= PASSAGE:
        return section
    paragraphs = section.split('\n')
    at = rng.randrange(len(paragraphs))
    kept = paragraphs[at][:PASSAGE]
    for paragraph in paragraphs[at + 1:]:
        if len(kept) + len(paragraph) >= PASSAGE:
            break
        kept += '\n' + paragraph
    return kept


class Contexts:
    """Passages with questions about them; the answer stands in one of several passages, or in none."""

    def __init__(self, asker, mix, rng):
        self.asker, self.mix, self.rng = asker, mix, rng
        self.earlier = []  # (passage, a question about it or None)

    def sample(self, passage):
        rng = self.rng
        pairs = [p for p in self.asker.pairs(sentences(passage)) if rng.random() < keep(p[0])]
        rng.shuffle(pairs)
        others = rng.sample(self.earlier, min(len(self.earlier), 3))
        self.remember(passage, pairs)
        if not pairs:
            return None
        parts = [passage]
        if rng.random() < 0.35:
            for other, _ in others[:rng.randint(1, 3)]:
                if sum(map(len, parts)) + len(other) < CONTEXT:
                    parts.insert(rng.randint(0, len(parts)), other)
        context = '\n\n'.join(parts) if rng.random() < 0.9 else said(sentences('\n'.join(parts)), rng)
        asked = [exchange(as_typed(q, rng), a) for q, a in pairs[:rng.choice((1, 1, 2, 3))]]
        foreign = next((q for text, q in others if q and text not in parts), None)
        if foreign and rng.random() < self.mix.unanswerable:
            asked.insert(rng.randint(0, len(asked)), exchange(as_typed(foreign, rng), rng.choice(NOT_SAID)))
        return f'{indented(context)}\n\n' + '\n'.join(asked)

    def remember(self, passage, pairs):
        self.earlier.append((passage, pairs[0][0] if pairs else None))
        if len(self.earlier) > 400:
            self.earlier.pop(self.rng.randrange(200))


def keep(question):
    """The commonest kinds are thinned out, so that the rare ones count."""
    return {'What happens': 0.5, 'What can': 0.4, 'What should': 0.4, 'What must': 0.3, 'What does': 0.7}.get(' '.join(question.split()[:2]), 1)


def said(lines, rng):
    """As a thread reads that is handed to the bot: one line a message, its author in front."""
    people = rng.sample(FIRST, rng.randint(2, 4))
    return '\n'.join(f'{rng.choice(people)}: {line}' for line in lines)


def made_up(passage, mix, rng):
    """A paragraph of made-up facts, sometimes within a text or a talk about something else."""
    known = facts(rng, rng.randint(3, 8))
    lines = [s for s, _ in known]
    if rng.random() < 0.4:
        around = [s for s in sentences(passage) if len(s) < 160 and s[0].isalnum()][:rng.randint(1, 5)]
        at = rng.randint(0, len(around))
        lines = around[:at] + lines + around[at:] if rng.random() < 0.5 else mixed(lines, around, rng)
    context = said(lines, rng) if rng.random() < 0.3 else ' '.join(lines) if rng.random() < 0.7 else '\n'.join(lines)
    asked = rng.sample(known, rng.randint(1, min(4, len(known))))
    made = [exchange(as_typed(rng.choice(q), rng), s) for s, q in asked]
    if rng.random() < mix.unanswerable:
        (s, q), = facts(rng, 1)
        if s.split(' ')[-2:] not in [k.split(' ')[-2:] for k, _ in known]:
            made.insert(rng.randint(0, len(made)), exchange(rng.choice(q), rng.choice(NOT_SAID)))
    return f'{indented(context)}\n\n' + '\n'.join(made)


def mixed(a, b, rng):
    out = list(a)
    for line in b:
        out.insert(rng.randint(0, len(out)), line)
    return out


def words(sentence):
    return {w for w in re.findall('[a-z]{4,}', sentence.lower())}


def fit_for_summary(sentence, rest):
    """A first sentence that says by itself what the rest is about."""
    return (40 <= len(sentence) <= 260 and sentence.split(' ')[0] not in VAGUE and sentence[-1] in '.!' and sentence[0].isalnum()
            and len(words(sentence) & words(rest)) >= 2)


def summary(title, text, copied, rng):
    """`TL;DR:` behind a text, with or without the sentence that sums it up."""
    first, *rest = sentences(text)
    if rng.random() < copied:
        # Any first sentence is a better summary than one that is made up.
        if not rest or not 30 <= len(first) <= 300 or first[-1] not in '.!':
            return None
        if rng.random() < 0.15 and title not in text:
            text = f'{title}\n\n{text}'
    else:
        if len(rest) < 2 or not fit_for_summary(first, ' '.join(rest)):
            return None
        text = text[text.index(first) + len(first):].strip()
    return f'{indented(text)}\n\nTL;DR: {first}'


def page_summary(sections, rng):
    """Several sections, summed up in the sentences that begin them."""
    texts = [window(s['text'].strip(), rng) for s in sections[:3]]
    firsts = [sentences(t)[0] for t in texts]
    if sum(map(len, texts)) > CONTEXT or not all(fit_for_summary(f, t) for f, t in zip(firsts, texts)):
        return None
    return indented('\n\n'.join(texts)) + '\n\nTL;DR: ' + ' '.join(firsts)


def page(row, sections):
    return f"{row['title']}\n\n" + '\n\n'.join((s['heading'] + '\n' if s['heading'] and s['heading'] != row['title'] else '') + s['text'] for s in sections)


def from_page(row, contexts, mix, rng):
    sections = [s for s in row['sections'] if len(s['text']) > 80]
    if not sections:
        return
    if rng.random() < mix.pages:
        yield page(row, sections)
    if len(sections) > 1 and rng.random() < 0.5 and (several := page_summary(sections, rng)):
        yield several
    for s in sections:
        passage = window(s['text'].strip(), rng)
        if len(passage) < 120:
            continue
        if rng.random() < mix.contexts and (sample := contexts.sample(passage)):
            yield sample
        if rng.random() < mix.summaries and (sample := summary(s['heading'] or row['title'], passage, mix.copied, rng)):
            yield sample
        if rng.random() < mix.made_up:
            yield made_up(passage, mix, rng)
        if rng.random() < 0.1:
            definitions = [(q, a) for q, a in contexts.asker.pairs(sentences(passage)) if q.startswith(('What is', 'What are', 'How do I', 'Why'))]
            if definitions:
                question, answer = rng.choice(definitions)
                yield exchange(as_typed(question, rng), answer)


def from_talk(row, mix, rng):
    """A talk of two; most of them begin with a question, and every other line is an answer."""
    lines = [' '.join(t.split()) for t in turns(row)]
    if rng.random() < mix.talks:
        for at in range(0, len(lines) - 1, 12):
            yield '\n'.join(exchange(*two) for two in zip(lines[at:at + 12:2], lines[at + 1:at + 12:2]))


def from_seeds(repeats, rng):
    """What a newcomer says first, in talks of one to four exchanges, and what phrases mean in French."""
    concepts = [([f"What {'are' if c.get('plural') else 'is'} {c['term']}?"], [c['answer']]) for c in seeds('concepts')]
    known = [(s['questions'], [s['answer']]) for name in ('facts', 'how') for s in seeds(name)]
    known += [([f"What is the capital of {c['country']}?", f"What is {c['country']}'s capital?", f"Which city is the capital of {c['country']}?"],
               [f"The capital of {c['country']} is {c['capital']}."]) for c in seeds('capitals')]
    talk = [(s['questions'], s['answers']) for s in seeds('talk')]
    french = seeds('french')
    everything = (concepts + known + talk) * repeats
    rng.shuffle(everything)
    while everything:
        size = rng.choice((1, 1, 2, 3, 4))
        group, everything = everything[:size], everything[size:]
        yield '\n'.join(exchange(as_typed(rng.choice(q), rng), rng.choice(a)) for q, a in group)
    for _ in range(len(french) * repeats // 9):
        pairs = rng.sample(french, rng.randint(6, 12))
        sides = ('english', 'french') if rng.random() < 0.6 else ('french', 'english')
        yield '\n'.join(f'{p[sides[0]]} = {p[sides[1]]}' for p in pairs)


def samples(corpus, rng, mix=MIXES['broad'], validation=False):
    """Yields one training document (without the end mark) at a time."""
    chosen = [(kind, row) for kind, row in documents(corpus) if held_back(row) == validation]
    look = random.Random(0)
    asker = Asker(s['text'] for kind, row in chosen if kind == 'docs' and look.random() < 0.2 for s in row['sections'])
    contexts = Contexts(asker, mix, rng)
    for kind, row in chosen:
        if kind == 'books':
            if rng.random() < mix.books:
                yield row['text']
        elif kind == 'docs':
            yield from from_page(row, contexts, mix, rng)
        elif 'turns' in row:
            yield from from_talk(row, mix, rng)
        else:
            yield exchange(as_typed(row['question'], rng), row['answer'])
    if not validation:
        yield from from_seeds(mix.seeds, rng)
