"""Made-up facts of everyday talk with questions about them: what matters in them is found in the text, and nowhere else."""

FIRST = '''Anna Ben Clara David Emma Felix Grace Henry Iris Jack Karen Leo Maria Nina Oscar Paula Quentin Rosa Samuel Tina Ursula
Victor Wendy Xavier Yara Zoe Ahmed Bianca Carlos Diana Erik Fatima George Hannah Ivan Julia Kofi Laura Marco Nadia Omar Priya
Rafael Sofia Tariq Uma Vera Walter Yuki Zainab Alice Bruno Chloe Dmitri Elena Frank Gloria Hugo Ines Jonas Kim Lucy Miguel Nora
Otto Peter Rachel Simon Theo Mia Tom Sarah John Mary Paul Linda James Susan Robert Lisa'''.split()
CITIES = '''Paris London Berlin Madrid Rome Lisbon Vienna Prague Dublin Oslo Stockholm Helsinki Athens Warsaw Budapest Boston
Chicago Denver Seattle Toronto Montreal Sydney Melbourne Tokyo Osaka Seoul Mumbai Delhi Cairo Lagos Nairobi Lima Bogota Hamburg
Munich Zurich Geneva Milan Turin Naples Porto Bristol Leeds Glasgow Utrecht Ghent Basel Lyon Nice Bergen'''.split()
DAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split()
MONTHS = 'January February March April May June July August September October November December'.split()
COLORS = 'red blue green yellow black white gray brown orange purple pink silver'.split()
FOODS = '''pizza soup bread rice pasta cheese salad apples pancakes noodles chocolate sushi curry eggs tomatoes mushrooms
strawberries potatoes beans cake honey tea coffee'''.split()
ANIMALS = 'cat dog horse rabbit parrot hamster goat sheep cow duck turtle donkey hen goose'.split()
EVENTS = '''meeting workshop concert party lunch dinner interview training review demo wedding lecture game match exhibition
conference retrospective planning rehearsal picnic festival class webinar hackathon standup release'''.split()
ROLES = 'manager designer lead treasurer coach secretary director editor architect tester chair trainer'.split()
TEAMS = 'support design sales data network security mobile payments research platform search finance'.split()
THINGS = 'ticket book lamp bicycle table chair phone camera guitar jacket tent laptop wallet printer clock sofa carpet mirror'.split()
BUILDINGS = '''library,museum,bakery,pharmacy,school,station,theater,bank,pool,gym,cafe,church,market,hotel,post office,town hall,
old bridge,sports hall'''.replace('\n', '').split(',')
DOCUMENTS = 'report invoice form application draft survey budget slides contract essay proposal homework newsletter'.split()
TOOLS = 'Git Docker Python Postgres Redis Kubernetes Linux Excel Jenkins Grafana Figma Slack Discord TypeScript Rust Java'.split()
SUBJECTS = 'art history physics chemistry biology music geography economics law medicine mathematics philosophy'.split()
JOBS = 'teacher nurse baker pilot doctor lawyer farmer painter plumber writer singer driver engineer gardener chemist'.split()
KINDS = [('color', COLORS), ('food', FOODS), ('day', DAYS), ('city', CITIES), ('month', MONTHS), ('animal', ANIMALS), ('tool', TOOLS)]
NUMBERS = 'two three four five six seven eight nine ten eleven twelve twenty thirty fifty'.split()
SYLLABLES = 'al ba cor de el fin gra ha in jo ka lu mar nor or pel qui ra sol ta ul ve wi xan yor zen'.split()

# Slots in braces; one choice of values fills a sentence and its questions.
TEMPLATES = [
    ('The {event} is on {day} at {time}.', ['When is the {event}?', 'What day is the {event}?', 'At what time is the {event}?', 'When does the {event} start?']),
    ('The {event} takes place in {city}.', ['Where does the {event} take place?', 'Where is the {event}?', 'In which city is the {event}?']),
    ('The {event} was moved from {day} to {day2}.', ['When is the {event} now?', 'To which day was the {event} moved?', 'What happened to the {event}?']),
    ('We meet for the {event} in room {number}.', ['In which room is the {event}?', 'Where do we meet for the {event}?', 'Where is the {event}?']),
    ('{name} organizes the {event}.', ['Who organizes the {event}?', 'What does {name} organize?']),
    ('{name} lives in {city}.', ['Where does {name} live?', 'Who lives in {city}?', 'In which city does {name} live?']),
    ('{name} moved from {city} to {city2} in {year}.', ['When did {name} move to {city2}?', 'Where did {name} live before {city2}?', 'Who moved to {city2}?']),
    ('{name} was born in {year}.', ['When was {name} born?', 'In which year was {name} born?']),
    ('{name} is the {role} of the {team} team.', ['Who is the {role} of the {team} team?', 'Who is {name}?', 'What is the role of {name}?']),
    ('{name} works as a {job} in {city}.', ['What is the job of {name}?', 'Where does {name} work?', 'What does {name} do?', 'Who works as a {job}?']),
    ('{name} studies {subject} in {city}.', ['What does {name} study?', 'Where does {name} study?', 'Who studies {subject}?']),
    ('The {thing} costs {amount} dollars.', ['How much does the {thing} cost?', 'What is the price of the {thing}?', 'What does the {thing} cost?']),
    ('{name} paid {amount} euros for the {thing}.', ['How much did {name} pay for the {thing}?', 'Who paid for the {thing}?']),
    ("{name}'s favorite {kind} is {favorite}.", ["What is {name}'s favorite {kind}?", 'What is the favorite {kind} of {name}?']),
    ('{name} has {count} {animal}s.', ['How many {animal}s does {name} have?', 'Who has {count} {animal}s?', 'What does {name} have?']),
    ('The {animal} is called {pet}.', ['What is the name of the {animal}?', 'What is the {animal} called?', 'Who is {pet}?']),
    ('The {building} was built in {year}.', ['When was the {building} built?', 'How old is the {building}?', 'In which year was the {building} built?']),
    ('The {building} opens at {time} and closes at {evening}.', ['When does the {building} open?', 'When does the {building} close?', 'What are the opening hours of the {building}?']),
    ('The {building} is next to the {building2}.', ['Where is the {building}?', 'What is next to the {building2}?']),
    ('The {team} server runs on port {port}.', ['On which port does the {team} server run?', 'What port does the {team} server use?', 'Which port is used by the {team} server?']),
    ('The {team} team uses {tool} for its work.', ['What does the {team} team use?', 'Which tool does the {team} team use?', 'Who uses {tool}?']),
    ('The {team} team has {count} members.', ['How many members does the {team} team have?', 'How many people are in the {team} team?', 'How big is the {team} team?']),
    ('The password of the guest network is {word}.', ['What is the password of the guest network?', 'What is the guest password?', 'What is the password?']),
    ('{name} is on vacation until {month} {date}.', ['Until when is {name} on vacation?', 'Where is {name}?', 'When does {name} come back?']),
    ('The deadline for the {document} is {month} {date}.', ['What is the deadline for the {document}?', 'When is the {document} due?', 'By when do we need the {document}?']),
    ('{name} will write the {document}.', ['Who will write the {document}?', 'Who writes the {document}?', 'What will {name} write?', 'What will {name} do?']),
    ('Please send the {document} to {name} by {day}.', ['To whom should I send the {document}?', 'When should the {document} be sent?', 'Who gets the {document}?']),
    ('{name} bought a {color} {thing} in {city}.', ['What did {name} buy?', 'Where did {name} buy the {thing}?', 'What color is the {thing}?', 'Who bought a {thing}?']),
    ('The {thing} of {name} is {color}.', ['What color is the {thing} of {name}?', 'Whose {thing} is {color}?']),
    ('{product} was released in {month} {year}.', ['When was {product} released?', 'When did {product} come out?', 'What was released in {month} {year}?']),
    ('{product} was created by {name}.', ['Who created {product}?', 'Who made {product}?', 'What did {name} create?']),
    ('{product} is written in {tool}.', ['What is {product} written in?', 'In which language is {product} written?']),
    ('{product} is a small program that helps the {team} team.', ['What is {product}?', 'Who uses {product}?', 'What does {product} do?']),
    ('The bug in {product} was fixed by {name} on {day}.', ['Who fixed the bug in {product}?', 'When was the bug in {product} fixed?', 'What was fixed on {day}?']),
    ('{product} failed because the disk was full.', ['Why did {product} fail?', 'What happened to {product}?']),
    ('The {event} was canceled because {name} is ill.', ['Why was the {event} canceled?', 'Who is ill?', 'What happened to the {event}?']),
    ('The train to {city} leaves at {time} from platform {digit}.', ['When does the train to {city} leave?', 'From which platform does the train to {city} leave?', 'Where does the train leave?']),
    ('The trip to {city} takes {count} hours.', ['How long does the trip to {city} take?', 'How long is the trip?']),
    ('{name} and {name2} went to {city} in {month}.', ['Who went to {city}?', 'Where did {name} and {name2} go?', 'When did {name} go to {city}?', 'With whom did {name} go to {city}?']),
    ('{name} ordered {food} for lunch.', ['What did {name} order?', 'What did {name} have for lunch?', 'Who ordered {food}?']),
    ('{name} does not like {food}.', ['What does {name} not like?', 'Who does not like {food}?', 'Does {name} like {food}?']),
    ('{name} is {age} years old.', ['How old is {name}?', 'What is the age of {name}?', 'Who is {age} years old?']),
    ('{name} found the key under the {thing}.', ['Where was the key?', 'Who found the key?', 'What did {name} find?']),
    ('{name} plays the guitar and {name2} plays the piano.', ['Who plays the piano?', 'Who plays the guitar?', 'What does {name} play?']),
    ('In {city} it will rain on {day}.', ['When will it rain in {city}?', 'What is the weather in {city} on {day}?', 'Where will it rain?']),
    ('The store in {city} sold {number} {thing}s last month.', ['How many {thing}s were sold in {city}?', 'What did the store in {city} sell?']),
    ('The file is in the folder {word}.', ['Where is the file?', 'In which folder is the file?']),
    ('You can reach {name} at extension {number}.', ['How can I reach {name}?', 'What is the extension of {name}?', "What is {name}'s number?"]),
    ('The backup runs every {day} at {time}.', ['When does the backup run?', 'How often does the backup run?', 'At what time does the backup run?']),
    ('Version {digit} of {product} needs at least {digit2} gigabytes of memory.', ['How much memory does {product} need?', 'What does version {digit} of {product} need?']),
]


def word(rng, syllables=(2, 3)):
    return ''.join(rng.choice(SYLLABLES) for _ in range(rng.randint(*syllables)))


def slots(rng):
    name, name2 = rng.sample(FIRST, 2)
    city, city2 = rng.sample(CITIES, 2)
    day, day2 = rng.sample(DAYS, 2)
    building, building2 = rng.sample(BUILDINGS, 2)
    kind, favorites = rng.choice(KINDS)
    hour = rng.choice([f'{rng.randint(6, 12)}', f'{rng.randint(7, 11)}:{rng.choice(("15", "30", "45"))}', f'{rng.randint(1, 11)} o\'clock', f'{rng.randint(7, 11)} am', f'{rng.randint(1, 6)} pm', 'noon'])
    return dict(
        name=name, name2=name2, city=city, city2=city2, day=day, day2=day2, building=building, building2=building2, kind=kind,
        favorite=rng.choice(favorites), time=hour, evening=f'{rng.randint(5, 11)} pm', event=rng.choice(EVENTS),
        number=rng.randint(10, 499), year=rng.randint(1850, 2025), role=rng.choice(ROLES), team=rng.choice(TEAMS),
        job=rng.choice(JOBS), subject=rng.choice(SUBJECTS), thing=rng.choice(THINGS), amount=rng.randint(2, 900),
        count=rng.choice(NUMBERS), animal=rng.choice(ANIMALS), pet=word(rng, (2, 2)).capitalize(), port=rng.randint(1000, 9999),
        tool=rng.choice(TOOLS), word=word(rng), month=rng.choice(MONTHS), date=rng.randint(1, 28), document=rng.choice(DOCUMENTS),
        color=rng.choice(COLORS), product=word(rng).capitalize(), digit=rng.randint(2, 12), digit2=rng.randint(2, 64),
        food=rng.choice(FOODS), age=rng.randint(4, 95))


def facts(rng, n):
    """n facts of different kinds: (sentence, its questions)."""
    made = []
    for sentence, questions in rng.sample(TEMPLATES, n):
        values = slots(rng)
        made.append((sentence.format(**values), [q.format(**values) for q in questions]))
    return made
