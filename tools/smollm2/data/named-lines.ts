/**
 * People in their own words who also name what they like: one line each, as most people write about themselves. Half of the lines
 * are about interests that training knows, half about interests of dev or test people. Test is for final numbers.
 */
import { DEV_INTERESTS } from './dev-interests.ts';
import { type FreeLine, linesAbout } from './free-lines.ts';
import { TRAIN_INTERESTS } from './interests.ts';
import { TEST_INTERESTS } from './test-interests.ts';

export const DEV_NAMED_LINES: readonly FreeLine[] = [
  ...linesAbout(TRAIN_INTERESTS, {
    gardening: "Since I retired I'm in the garden from breakfast until it gets dark.",
    cello: 'I took up the cello at fifty and practise every evening, to the dismay of the neighbours.',
    dogs: 'Two rescue dogs keep me on my feet, rain or shine.',
    hiking: 'We go hiking in the Dolomites each summer, my brother and I, with far too much luggage.',
    pizza: 'Fridays I make pizza for the whole street in the oven I built myself.',
    chess: "I've played chess by post with a man in Norway for eleven years.",
    'oil painting': 'My evenings belong to oil painting, mostly portraits of people I see on the bus.',
    whales: 'I have followed whales on four oceans and would sell my house to do it again.',
    swimming: "Before work I go swimming in the sea, even in November, and then I'm awake.",
    'science fiction': 'Give me a good science fiction novel and a long bus ride and I am perfectly happy.',
    quilting: 'My granny taught me quilting and now every bed in the family has one of mine.',
    drums: 'I play the drums in a band of dentists.',
    'vegan food': "I've gone vegan and spend half my life trying new recipes on my suspicious husband.",
    castles: 'Our holidays are planned around castles, the more ruined the better.',
    programming: 'By night I write little programs that nobody needs, programming is how I unwind.',
    roses: 'There are a hundred and twelve roses behind my house and I know each by name.',
    yoga: 'Yoga at six in the morning got me through the worst year of my life.',
    tango: "I dance tango three nights a week, that's where I met Paolo.",
  }),
  ...linesAbout(DEV_INTERESTS, {
    knitting: 'I never sit down in front of the telly without my knitting.',
    surfing: 'I moved to Cornwall for the surfing and stayed for the surfing.',
    barbecue: 'My barbecue is out twelve months a year, I have stood there with an umbrella.',
    'beer brewing': "My flatmate and I started brewing beer in the bathtub, it's getting better.",
    climbing: 'Climbing is the only thing that clears my head after a week of spreadsheets.',
    violin: 'As a child I was made to play the violin, now nobody could make me stop.',
    poetry: 'I write a poem every day on the bus to the hospital where I work.',
    rabbits: 'We have five rabbits, they run the place.',
    rugby: 'I was a prop for our rugby club for twenty years and my ears show it.',
    Vikings: 'Ever since a school trip to York I read whatever there is about the Vikings.',
    motorcycles: 'On Sundays I take my old motorcycle over the passes, no phone, no map.',
    'soap making': 'I make my own soap from olive oil and lavender and sell it at the fair.',
    astrology: "Say what you like about astrology, I won't sign a contract without looking at my chart.",
    turtles: 'I volunteer on a beach in Greece where we guard the nests of sea turtles.',
    podcasts: 'Podcasts keep me company on the night shift, eight hours of them.',
    'ice hockey': 'My dad drove me to ice hockey at five in the morning for ten years and I still play.',
    physics: 'I never understood a word at school, but now I lie awake over physics.',
    drones: 'I fly drones over the wheat fields to film the harvest.',
  }),
];

export const TEST_NAMED_LINES: readonly FreeLine[] = [
  ...linesAbout(TRAIN_INTERESTS, {
    cats: 'My cats decide when I get up, where I sit and whom I may invite.',
    running: 'I started running after my heart attack, and last spring I finished my first marathon.',
    'bread baking': 'Every Saturday I bake bread for us and for the old couple downstairs.',
    guitar: 'I bought a guitar in Seville on a whim and have not put it down since.',
    photography: 'Photography has taught me to look, says my wife, who waits while I do.',
    fishing: 'My idea of heaven is fishing off the pier with my grandson and saying nothing.',
    'classic cars':
      'In the garage stands a classic car from 1959 that I have been restoring with my daughter.',
    'choir singing': 'Singing in the choir on Thursdays is what holds my week together.',
    cinema: 'I go to the cinema twice a week, always alone, always in the third row.',
    embroidery: 'People laugh when a lorry driver tells them about his embroidery, until they see it.',
    birdwatching:
      "I've gone birdwatching since I was six and keep a notebook of all the birds that I have seen.",
    Italy: 'We spend every spare euro on trips to Italy, my wife even dreams in Italian by now.',
    'video games': 'After the kids are in bed we play video games until one of us falls asleep.',
    cooking: 'I cook for fifteen people on most Sundays, cooking for two bores me.',
    woodworking: 'Woodworking saved me when I lost my job, and now half the village sits on my chairs.',
    'artificial intelligence':
      'At the moment I read paper after paper about artificial intelligence and understand a third of it.',
    salsa: 'On Wednesdays I teach salsa to pensioners, and they wear me out.',
    archaeology: 'I spend my leave on my knees at archaeology digs in Kent, brush in hand.',
    football: 'I coach the under-nines at football, we have never won and they could not care less.',
    trees: 'I have planted eleven hundred trees on the hill behind our farm.',
    crosswords: 'Without the crossword in the paper my day does not begin.',
    tea: 'I own forty kinds of tea and an opinion about each of them.',
    cycling: 'My bike has taken me from Lisbon to Warsaw, cycling slowly, sleeping in fields.',
    volunteering: 'Three afternoons a week I volunteer at the hospice, and I would pay to do it.',
  }),
  ...linesAbout(TEST_INTERESTS, {
    beekeeping: 'I keep bees on the roof of the town hall and give the honey to the mayor.',
    pottery:
      "I've been going to pottery on Monday nights since my divorce, my shelves are full of crooked bowls.",
    astronomy: 'On clear nights you will find me on the roof with my telescope.',
    sailing: 'We sold the house to go sailing, and in three years we have not missed it.',
    opera: 'I go to the opera whenever my pension allows, standing room if I must.',
    railways: "There isn't a train line in Wales that I have not ridden.",
    'magic tricks': 'I do magic tricks at children’s hospitals with an assistant called Kevin.',
    tennis: 'Tennis with Helga on Tuesdays, for thirty-one years, and she still cheats.',
    wine: 'My brother and I have a tiny vineyard and make a wine that only we can drink.',
    dinosaurs: 'My son got me hooked on dinosaurs and now I know more of them than he does.',
    'detective stories': 'I read a detective story a night, Agatha Christie first of all.',
    mushrooms: 'In October nothing keeps me at home, I have to go out for mushrooms.',
    horses: 'I got my first horse at sixty, people told me that I was mad.',
    ballet: 'As a bus driver I took up ballet, you should have heard my colleagues.',
    'scuba diving': 'Scuba diving is all I save for, the Red Sea in spring and Malta in autumn.',
    chocolate: 'I make chocolate from the bean in my kitchen, the whole stairwell smells of it.',
    jazz: 'I have played the bass in jazz clubs for forty years without ever getting rich.',
    philosophy: 'I went back to university at seventy to study philosophy.',
    robotics: 'The children at our school club and I build robots out of scrap.',
    stamps: 'My grandfather left me his stamps, and I have kept on collecting.',
    wolves: 'I have been tracking wolves in Saxony for the forestry office, unpaid, for love.',
    'hot-air balloons':
      'For my fortieth birthday they gave me a flight in a balloon, today I have a licence.',
    'family history': 'I am tracing my family tree, and I have got to a pirate in 1702.',
    parrots: 'I share my flat with two parrots who swear in Portuguese.',
  }),
];
