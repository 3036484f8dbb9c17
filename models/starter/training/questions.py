"""Questions that a sentence answers, made by rules; the answer is the sentence itself, as it stands in its text."""
import collections
import re

# A sentence that begins so cannot stand without the one before it.
VAGUE = set('''This If There It Note When These That Those You Here What We They One He She Its Both Each Such Some All
Another In As By For On To With Following Otherwise Most Many Other However Therefore Thus Also Then So But And Or Because
Since While Although Though Their His Her Our My Your No Not Only Even Now Instead Unlike Like Where Which Who How Why Use
See Let Please Any Every Nothing Something Everything I Yes'''.split())
# "The value is a string": of what? Such a subject has to say more.
BARE = set('''value method function property following above below same other example section class interface object page
result first second third default next last only main latter former type argument parameter option name string number list
array command file code field key element event attribute constructor syntax default problem reason idea goal point answer
rest output input author purpose solution change difference proposal feature most more second application user system
process server client program module package library script table column row operator expression statement'''.split())
VERBS = '''return provide define allow represent contain specify describe mean create use support include require define
control determine indicate store handle manage enable prevent ensure convert call accept take give show display help offer
hold read write send receive start stop run produce generate implement declare check validate track monitor measure protect
combine consist convey cause improve reduce increase replace extend inherit expose load save list map parse render update
remove delete add apply compare compute calculate perform identify encode decode connect bind attach raise throw emit
trigger depend refer point belong lead add rely act serve'''.split()
WITH_PREPOSITION = {'consist': 'of', 'depend': 'on', 'refer': 'to', 'belong': 'to', 'lead': 'to', 'rely': 'on'}
# These ask for a preposition that other sentences lack.
UNCLEAR = {'point', 'act', 'serve', 'add', 'call'}


def third_person(verb):
    if re.search('(s|sh|ch|x|z)$', verb):
        return verb + 'es'
    return verb[:-1] + 'ies' if re.search('[^aeiou]y$', verb) else verb + 's'


BASE = {third_person(v): v for v in VERBS if v not in UNCLEAR}
SUBJECT = r'((?:The |An? )?[A-Za-z][^.,;:()"“”?!]{1,60}?)'
MADE = {'introduced': 'introduced', 'released': 'released', 'created': 'created', 'founded': 'founded', 'published': 'published',
        'built': 'built', 'written': 'wrote', 'developed': 'developed', 'designed': 'designed', 'established': 'established',
        'invented': 'invented', 'discovered': 'discovered', 'opened': 'opened', 'adopted': 'adopted', 'started': 'started'}
NUMBERS = r'(?:two|three|four|five|six|seven|eight|nine|ten|twelve|\d{1,4})'
# No subject: half a clause.
UNFIT = re.compile(r'^(?:\S+ ){0,5}?(?:(?:that|which|who|whether|if|when|what|how|is used) (?:\S+ )?(?:is|are|can|must|should|%s) |will |not |does |do )' % '|'.join(BASE))
END = r'.{8,230}[.!]$'

IS = re.compile(rf'^{SUBJECT} (is|are|was|were) (?:an? |the |one of |another |some ){END}')
USED = re.compile(rf'^{SUBJECT} (is|are) used (?:to|for|as|when|by|in) {END}')
DOES = re.compile(rf'^{SUBJECT} ({"|".join(BASE)}) (?:(of|on|to) )?{END}')
WHEN = re.compile(rf'^{SUBJECT} (was|were) (?:first )?({"|".join(MADE)})\b.*\b(?:in|on) (?:[A-Z][a-z]+ )?(?:\d\d?, )?(?:1[5-9]|20)\d\d\b')
BY = re.compile(rf'^{SUBJECT} (?:was|were|is|are) (?:first |originally )?({"|".join(MADE)}) by [A-Z]')
WHERE = re.compile(rf'^{SUBJECT} (is|are|was|were) (located|stored|found|defined|kept|installed|declared|situated|placed|saved) (?:in|on|at|under|inside|near|within) ')
NAMED = re.compile(rf'^{SUBJECT} (is|are) (called|known as|named|referred to as) ')
FOR = re.compile(rf'^{SUBJECT} stands? for ')
BECAUSE = re.compile(rf'^{SUBJECT} (is|are|was|were) ((?:not )?[a-z][^,;:]{{2,50}}?),? because {END}')
HAS = re.compile(rf'^{SUBJECT} (has|have) {NUMBERS} ([a-z]+(?: [a-z]+)?s)\b')
CAN = re.compile(rf'^{SUBJECT} (can|must|should) (?:not )?[a-z]+ {END}')
TO = re.compile(r'^To ([a-z]+ [^,;:()]{5,80}), ' + END)
YOU = re.compile(r'^You can ([a-z]+ [^,;:()]{5,70}?) (?:by|using|with) ' + END)
USE = re.compile(r'^(?:You can use|Use) [^,;:]{3,60}? to ([a-z]+ [^,;:()]{5,70}?)\.$')
IF = re.compile(r'^If ([^,;:()]{8,90}), ' + END)
WHENEVER = re.compile(r'^When ([^,;:()]{8,90}), ' + END)


class Asker:
    """Knows which words are names: a first word keeps its capital in a question only if it has one elsewhere."""

    def __init__(self, texts):
        lower, upper = collections.Counter(), collections.Counter()
        for text in texts:
            lower.update(re.findall(r'(?<=[a-z,] )[a-z]+', text))
            upper.update(w.lower() for w in re.findall(r'(?<=[a-z,] )[A-Z][a-z]+', text))
        self.common = {w for w, n in lower.items() if n > 3 * upper[w]}

    def inner(self, phrase):
        head, space, rest = phrase.partition(' ')
        return (head.lower() if head in ('The', 'A', 'An') or head.lower() in self.common else head) + space + rest

    def pairs(self, sentences):
        """(question, the sentence that answers it), a sentence at most once for each rule."""
        for s in sentences:
            if 30 <= len(s) <= 320 and s.count('"') % 2 == 0 and not re.search(r'^\W|\bfollowing\b|\b(?:above|below)\b|[^a-z]\.$', s):
                for question in self.questions(s):
                    yield question, s

    def questions(self, s):
        for rule, ask in ((TO, 'How {do} I {x}?'), (YOU, 'How can I {x}?'), (USE, 'How {do} I {x}?')):
            if m := rule.match(s):
                yield ask.format(do='can' if len(s) % 2 else 'do', x=turned(m[1]))
                return
        for rule, ask in ((IF, 'What happens if {}?'), (WHENEVER, 'What happens when {}?')):
            if m := rule.match(s):
                yield ask.format(turned(m[1]))
                return
        words = s.split(' ', 3)
        if words[0] in VAGUE or (words[0] in ('The', 'A', 'An') and (words[1] in BARE and words[2] in ('is', 'are', 'was', 'can', 'must') or words[1] in ('following', 'above', 'below', 'same', 'other', 'latter', 'former'))):
            return
        if not UNFIT.search(s) and words[0].lower() not in BASE:
            yield from self.about(s)

    def about(self, s):
        if m := BECAUSE.match(s):
            yield f'Why {m[2]} {self.inner(m[1])} {m[3]}?'
        if m := WHEN.match(s):
            yield f'When {m[2]} {self.inner(m[1])} {m[3]}?'
        if m := BY.match(s):
            yield f'Who {MADE[m[2]]} {self.inner(m[1])}?'
        if m := WHERE.match(s):
            yield f'Where {m[2]} {self.inner(m[1])} {m[3]}?'
        if m := NAMED.match(s):
            yield f'What {m[2]} {self.inner(m[1])} {m[3]}?'
        if m := USED.match(s):
            yield f'What {m[2]} {self.inner(m[1])} used for?'
        elif m := IS.match(s):
            yield f'What {m[2]} {self.inner(m[1])}?'
        elif m := HAS.match(s):
            yield f'How many {m[3]} {"does" if m[2] == "has" else "do"} {self.inner(m[1])} have?'
        elif m := FOR.match(s):
            yield f'What does {self.inner(m[1])} stand for?'
        elif m := DOES.match(s):
            verb = BASE[m[2]]
            preposition = WITH_PREPOSITION.get(verb)
            if preposition == m[3]:
                yield f'What does {self.inner(m[1])} {verb}{" " + preposition if preposition else ""}?'
        elif (m := CAN.match(s)) and len(m[1]) > 5:
            yield f'What {m[2]} {self.inner(m[1])} do?'


def turned(phrase):
    """What a text says to "you", asked by a person of themselves."""
    phrase = re.sub(r'\byour\b', 'my', phrase)
    phrase = re.sub(r'\byou are\b', 'I am', phrase)
    return re.sub(r'\byou\b', 'I', phrase)


def as_typed(question, rng):
    """Most people write a question as it is printed; some type it as it comes."""
    luck = rng.random()
    if luck < 0.06:
        return question.lower().rstrip('?')
    if luck < 0.12:
        return question.rstrip('?')
    if luck < 0.16:
        return question.lower()
    if question.startswith('What is ') and luck < 0.28:
        what = question[8:-1]
        return rng.choice([f"What's {what}?", f'Tell me what {what} is.', f'Define {what}.', f'Explain what {what} is.', f'Do you know what {what} is?', f'what is {what}'])
    return question
