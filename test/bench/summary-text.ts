/**
 * A text of about 800 tokens, and a summary of it that takes half of its phrases from the text word for word, as summaries do,
 * and says the other half in words of its own.
 */
export const ARTICLE =
  unwrapped(`The lighthouse on Gull Rock was built in 1871, after the steamer Aurora had run aground there in a winter storm and
forty people had drowned within sight of the shore. The council of the harbour town had asked for a light for twenty
years, but nobody wanted to pay for it. When the newspapers printed the names of the dead, the money was found in a
month. Granite was cut in the quarries behind the town, numbered block by block, and rowed out on calm days; there were
fewer than sixty of those in the first summer, so that the tower took four years instead of the two that the engineer had
promised.

The first keepers lived in the tower itself. Three men shared two small rooms and divided the night into watches of four
hours. The lamp burned rape oil and later paraffin, and the clockwork that turned the lens had to be wound every ninety
minutes. If it stopped, the light stood still, and a light that stands still is a different light on the chart. The
keepers wrote down the weather six times a day, and their books, which are kept in the museum, are the longest record of
wind and temperature on that coast. Supplies came by boat every second week.

In 1932 a cable was laid from the mainland, and an electric lamp replaced the burner. It was ten times as bright, and it
needed nobody to trim it. One of the three keepers was sent ashore. The second went in 1958, when the fog horn was driven
by a motor that listened for the fog with a beam of light. The last keeper, Martha Olsen, was the daughter of a keeper
and had been born on the rock. She left it in 1987, when the light was made automatic. On her last evening she wound the
old clockwork once more, although it no longer turned anything, because, she said, it had never been left unwound at night.

Since then the tower has stood empty for most of the year. A technician comes in spring and in autumn, changes the
batteries, and cleans the glass. Ships find their way by satellite, and the harbour board has asked more than once whether
the light is still needed. The fishermen say that it is. A receiver can fail, and a screen shows only what somebody has
drawn, but the light is where the rock is. The board has agreed to keep the light burning until 2035, and to look at the
question again then. The building itself is another matter. Salt water has eaten the iron bands inside the walls, and the
granite has begun to move. To repair the tower would cost nine million, which is more than the town spends on its schools
in a year.

A society of friends of the lighthouse wants to open the rooms of the keepers to visitors, and to show the books of the
weather where they were written. The boat would carry twelve people, on calm days only.`);

export const SUMMARY =
  unwrapped(` The lighthouse on Gull Rock was built in 1871, after the steamer Aurora had run aground there. Paying for it took
two decades of argument, ended by one wreck with many victims. Three men shared two small rooms and divided the night
into watches of four hours. Later on, electricity and sensors made those jobs obsolete. The last keeper, Martha Olsen, was
the daughter of a keeper and had been born on the rock. Today it is empty, and officials doubt its use. The board has
agreed to keep the light burning until 2035, and to look at the question again then. Repairs seem too expensive for such
a community. A society of friends of the lighthouse wants to open the rooms of the keepers to visitors. Perhaps tourism
can help.`);

export const QUESTION = 'Who was the last keeper?';

export const ANSWER = ` The last keeper, Martha Olsen, was the daughter of a keeper and had been born on the rock.`;

/** About something else, in words of its own. */
export const UNRELATED =
  unwrapped(` Bread begins with flour, water, salt and yeast. Mix everything roughly, wait half an hour, then fold the dough over
itself several times until it feels smooth. Bacteria and fungi produce gas and acid while you sleep; cold slows them down, so
a fridge gives better flavour than any warm cupboard. Next morning, heat your oven as high as possible with an iron pot
inside. Shape a loaf gently, cut its surface using sharp razor blades, drop it carefully into that hot vessel and cover
everything quickly. Steam keeps crusts soft during early baking, which lets them stretch. Remove lids after twenty minutes.`);

/** Lines are broken for the readers of this file; the model reads paragraphs. */
function unwrapped(text: string): string {
  return text.replace(/(?<!\n)\n(?!\n)/g, ' ');
}
