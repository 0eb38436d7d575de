/**
 * People in their own words: one line each, the interest told by a detail rather than by a frame. Half of the test
 * lines are about interests that training knows, half about interests of test people. Test is for final numbers.
 */
import { E2PError } from '../../../src/node.ts';
import { DEV_INTERESTS } from './dev-interests.ts';
import type { Interest } from './interest.ts';
import { TRAIN_INTERESTS } from './interests.ts';
import { TEST_INTERESTS } from './test-interests.ts';

export interface FreeLine {
  readonly line: string;
  readonly interest: Interest;
}

export const DEV_FREE_LINES: readonly FreeLine[] = [
  ...linesAbout(TRAIN_INTERESTS, {
    'vegetable growing':
      "The slugs got half my courgettes again, but the runner beans have reached the shed roof and I'm stupidly proud.",
    cats: 'Two furballs run this household, one asleep on my laptop as I type, the other yelling at the fridge at five every morning.',
    chess:
      'Lost on time with two rooks up last night, still fuming, already booked into the Sunday tournament to get my rating back.',
    photography:
      'I got up at four for the fog over the reservoir and came home with three hundred frames, one of them decent.',
    running:
      "Knee's holding up, so I'm doing the half in October, slowly, with my headphones and far too many energy gels.",
    'bread baking':
      'My starter is called Gerald, he lives in the fridge, and every Friday night he turns flour and water into two crusty loaves.',
    guitar:
      "Fingertips like leather, a battered Telecaster by the sofa, and I still can't get that one solo right.",
    sewing:
      "Haven't bought a skirt in years, I just find a remnant at the market, cut the pattern on the carpet and run it up.",
    Japan:
      "We saved three years for Kyoto, cried a little at the shrines in Nara, and I'm already looking at flights for next April's blossom.",
    'classic cars':
      "There's a '67 MGB in bits under a tarpaulin on my drive, and the neighbours have stopped asking when she'll be back on the road.",
    programming:
      'Stayed up till two because a function returned null for no reason; found the missing bracket; best feeling of the week.',
    crosswords:
      "Fourteen across took me till Wednesday, an anagram of course, and I shouted the answer out loud in the dentist's waiting room.",
    birdwatching:
      'A firecrest at last, on a wet Tuesday behind the sewage works, after eleven years and one very patient pair of binoculars.',
    yoga: 'Since I turned fifty I roll out the mat at six, do my warrior poses badly, and my back has stopped complaining.',
    fishing:
      "A flask, a folding chair and a float bobbing by the reeds; I don't even mind if nothing bites all day.",
    'the Second World War':
      "Grandad was at Arnhem and never spoke of it, so I've been reading regimental files and walking the landing beaches ever since.",
    meditation:
      'Twenty minutes on the cushion before the house wakes up, just following my breath, and the rest of the day can do what it likes.',
    aquariums:
      "The neon tetras finally spawned, so now there's a second tank in the hallway and my electricity bill is nobody's business.",
  }),
  ...linesAbout(DEV_INTERESTS, {
    knitting:
      "Everyone's getting socks again this year whether they like it or not, I'm on my ninth pair and right out of merino.",
    surfing:
      "I check the swell before I check my messages, and if it's clean at dawn the office simply has to wait.",
    'beer brewing':
      'There are forty bottles of my own pale ale under the stairs, and one of them exploded while my mother-in-law was visiting.',
    climbing:
      'Chalk under my nails, a crash mat in the boot, and one stubborn overhang in the Peak that I have fallen off nine times.',
    rabbits:
      'Clover and Biscuit chew every cable in the flat, but when they flop over sideways, ears and all, I forgive them anything.',
    motorcycles:
      "First dry Sunday of spring I wheel the Triumph out, helmet on, and I don't come back until the tank's empty.",
    poetry:
      "I scribble lines on receipts, fourteen if I'm lucky, and in thirty years I've never managed to rhyme anything with orange.",
    storms:
      'When the sky goes green over the fields, my husband shuts the windows and I grab the rain gauge and rush outside.',
    Lego: "I'm forty-six, the spare room is full of little plastic studs sorted by colour, and I've just finished the Millennium Falcon.",
    violin:
      'Rosin all over my black trousers, a sore chin, and second desk in the county orchestra after only four years of lessons.',
    podcasts:
      "I can't wash up without two strangers chatting in my ears, forty shows subscribed, and now I've bought a microphone to try it myself.",
    decluttering:
      'Eleven bags to the charity shop this month, one drawer at a time, and I swear the flat breathes more easily.',
  }),
];

export const TEST_FREE_LINES: readonly FreeLine[] = [
  ...linesAbout(TRAIN_INTERESTS, {
    hiking:
      'Blisters on both heels, twenty-two kilometres over the pass, soup at the hut, and I would do it all again tomorrow.',
    cycling:
      'Four thousand kilometres on the Garmin since March, shaved legs and all, and my wife says the hallway smells of chain oil.',
    football:
      "Season ticket since '91, same seat behind the goal that my dad had, and yes, we went down again in May.",
    swimming:
      "Six thirty, lane four, goggles on; if I haven't done my sixty lengths before work I'm no use to anybody.",
    coffee:
      'I weigh the beans to a tenth of a gram, heat the cup first, and my colleagues think I have joined a cult.',
    cakes:
      "For my niece's eighteenth I did three tiers with sugar peonies, no sleep, buttercream in my hair, and she cried when she saw it.",
    piano:
      'The upright came from a school that was closing, two keys stick, yet every night I get a little further into the Moonlight Sonata.',
    'choir singing':
      "Tuesdays at St Luke's, forty of us, second altos at the back, and when the Fauré comes together I get goosebumps.",
    watercolours:
      'I never leave without a tiny tin of pans and a water brush, and half my leave goes on trying to catch wet light.',
    woodworking:
      "The shed smells of cedar, I've just cut my first set of dovetails without a gap, and the stool finally stands straight.",
    dogs: 'Our Lab failed puppy school twice and eats socks, but nothing beats those muddy paws at the door after a wet walk.',
    chickens:
      'Six girls behind the shed, all named after prime ministers, and Thatcher lays a blue one almost every morning.',
    'house plants':
      "I've run out of window sills: the monstera has reached the curtain rail and I've started giving cuttings to the postman.",
    mathematics:
      'At lunch I fill napkins with attempts at an elegant proof, and I once missed my stop because of a sum over the primes.',
    electronics:
      'My desk is all resistors and jumper wires, last week I burnt a thumb, but the little board now waters the basil by itself.',
    fantasy:
      "Give me a fat trilogy with a made-up kingdom, a reluctant heir and a talking sword, and I won't answer the door till Monday.",
    'board games':
      'Thursday nights there are five of us at my kitchen table fighting over wheat and ore until somebody accuses somebody of cheating.',
    cinema:
      'Row G, on my own, no popcorn, subtitles if possible, and I stay till the last name in the credits has rolled.',
    'ancient Rome':
      "I dragged the whole family along Hadrian's Wall in the drizzle, explaining legions and latrines to anyone who would listen.",
    Italy:
      'Every September we rent the same crumbling place near Siena, haggle at the market with our hands and come home three kilos heavier.',
    'food banks':
      'Friday mornings I sort tins and nappies in the parish hall, because nobody round here should have to choose between heating and eating.',
    firefighting:
      "When the pager goes I leave the dinner to burn, and six minutes later I'm in the back of the engine pulling my boots on.",
    skiing:
      'From December on I have one eye on the snow report, thighs like jelly by Sunday evening, and wax under my fingernails.',
    grandchildren:
      'Little Otto stays with us on Wednesdays, we splash, we glue, I get called Nana forty times an hour, and I sleep like a stone.',
  }),
  ...linesAbout(TEST_INTERESTS, {
    beekeeping:
      'Veil on, smoker lit, and eleven frames heavy with summer; the neighbours get a jar each so that they forgive the stings.',
    pottery:
      'My nails are never clean, every other bowl collapses, but last week a mug came out of the kiln in exactly the right blue.',
    astronomy:
      'I drove two hours to get away from the street lamps, froze on a folding chair, and saw the rings with my own eyes.',
    sailing:
      "Reefed the main off Ushant in a force seven, soaked to the skin, grinning like a fool; I can't sit still on land any more.",
    opera:
      'I queued for returns in the rain, stood for three hours at the back, and wept when Tosca jumped, as I always do.',
    railways:
      'The whole attic is one valley at a scale of one to eighty-seven, with points, signals and a station clock my nephews must obey.',
    'magic tricks':
      "I always carry a deck of fifty-two, I practise the double lift in dull meetings, and the vicar still can't find his coin.",
    tennis:
      'A tie-break lost nine to eleven, and my elbow strapped up, but Helga and I meet at the net again on Sunday.',
    wine: 'We drive home from the Mosel every autumn with the boot clinking, and I note down what I smell: cherries, wet slate, pencil.',
    dinosaurs:
      'I split shale on the Dorset coast every half-term, and once, just once, there was the tooth of something that ruled this place long before us.',
    'detective stories':
      'I always know by chapter nine that it was the doctor, my husband hides the last pages, and I sleep best after a good poisoning.',
    mushrooms:
      "After three days of rain I'm off into the beeches with a knife and a cotton bag, and nobody, not even my sister, gets told my spot.",
    horses:
      "I muck out before work, there's straw in my hair and mud on my jodhpurs, and Bella whickers when she hears my gate.",
    ballet:
      'At forty I bought my first satin slippers, and on Mondays eight of us wobble through our pliés while the pianist politely looks away.',
    calligraphy:
      "I do all our friends' place cards with a pointed pen, and I can lose an hour on the curve of one capital G.",
    'scuba diving':
      'Twenty metres down off Gozo, nothing but bubbles and a grouper staring at me: the only place where nobody can ring me up.',
    archery:
      'Seventy metres, six to the end, string on the lips, breathe out, let go; on a good evening they all sit in the gold.',
    jazz: "There's a cellar bar near the station where a quartet plays Monk until one, and I'm the old man at the front tapping the table.",
    skateboarding:
      "Both wrists broken before I was twenty, grip tape on everything I own, and I still can't pass a handrail without thinking about it.",
    cheese:
      'There are eleven little wheels ripening in my cellar, I turn them every evening and wash the rinds in brine.',
    boxing:
      "Wraps on, mouthguard in, three rounds on the heavy bag and three with Dean, and then I'm the calmest man in town.",
    'family history':
      "I've got as far back as a cooper in Bruges in 1640, and it turns out our quiet great-aunt had three husbands.",
    bonsai:
      "My oldest is sixty and only thirty centimetres tall, wired on the left side, and I've paid a man to water him while we're away.",
    'solar energy':
      'Since we covered the roof I read the inverter before breakfast, and on a bright day the whole street could boil its kettles with us.',
  }),
];

export function linesAbout(
  interests: readonly Interest[],
  lines: Readonly<Record<string, string>>,
): readonly FreeLine[] {
  return Object.entries(lines).map(([name, line]) => {
    const interest = interests.find((each) => each.name === name);
    if (!interest) throw new E2PError('invalid-data', `free line about "${name}": no interest of that name`);
    return { line, interest };
  });
}
