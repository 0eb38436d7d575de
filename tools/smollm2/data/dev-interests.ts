/**
 * The interests of dev people only, to choose recipes on: none of them, and no near-synonym, occurs in training or
 * in test (checked in interests.test.ts).
 */
import { interestsFrom } from './interest.ts';

export const DEV_INTERESTS = interestsFrom(`
knitting | knitting scarves; knitting jumpers for the whole family; crochet; working with soft wool and needles | knit, =yarn, =yarns, =wool, woollen, woolen, crochet, =scarf, scarves
surfing | surfing; riding waves at sunrise; waxing my surfboard; chasing the perfect wave | =surf, surfing, surfer, surfboard, =waves, =swell
ghost stories | ghost stories; horror stories; haunted mansions; scary tales told in the dark | ghost, horror, haunt, spooky, scary, vampire, zombie
barbecue | barbecues; grilling in the back yard; smoking brisket for twelve hours; trying out rubs and marinades for ribs | barbecu, =bbq, grill, brisket, =ribs, marinad
beer brewing | brewing beer | brewing my own beer; tasting craft ales; trying new hops in a stout; touring small breweries | =beer, =beers, brewer, brewing, homebrew, =ale, =ales, =lager, =hops, =stout
climbing | rock climbing | rock climbing; bouldering at the wall; granite cliffs and a good belay partner; weekends at the climbing hall | climb, boulder, belay, =crag, =crags
violin | the violin | playing the violin; practising Vivaldi on my fiddle; the violin; making a violin sound sweet at last | violin, =fiddle, fiddler, vivaldi, stradivari
poetry | writing poems; poetry; learning sonnets by heart; reading Emily Dickinson aloud | =poem, =poems, poet, =verse, =verses, sonnet, haiku, rhym, dickinson
rabbits | keeping rabbits; cuddling my two bunnies; a bigger hutch for my rabbits; rabbits with floppy ears | rabbit, bunny, bunnies, =hutch
rugby | playing rugby; the Six Nations; rugby with the lads; packing down in the scrum | rugby, scrum, six nations, all blacks
storms | storms and the weather | chasing storms; watching clouds and reading the barometer; keeping a small weather station; thunder and lightning | =storm, =storms, stormy, thunder, lightning, tornado, hurricane, meteorolog, =cloud, =clouds, barometer, forecast, weather station
Vikings | the Vikings | the Vikings; Norse sagas; longships and runes; the tales of Odin and Thor | viking, =norse, norsemen, longship, =rune, =runes, =odin, =thor, =saga, =sagas
motorcycles | riding my motorbike; motorcycles; touring the back roads on my motorcycle; shining up my old Harley | motorcycl, motorbike, =biker, =bikers, harley
puppetry | puppets | puppets; putting on puppet shows; making marionettes; hand puppets with silly faces | puppet, marionette
soap making | soap | making my own soap; soaps with oats and sea salt; stirring lye and fat into bars; selling handmade soap | =soap, =soaps, soapmak, =lye, lather
astrology | astrology; reading horoscopes; tarot cards; casting birth charts | astrolog, horoscope, zodiac, tarot, birth chart
turtles | turtles; looking after my tortoise; protecting sea turtle nests; turtles of every kind | turtle, tortoise, terrapin
Mexico | Mexico; Day of the Dead altars; mariachi music and tacos; wandering through Oaxaca | mexic, oaxaca, aztec, mayan, mariachi, taco, =tacos, day of the dead
podcasts | podcasts; listening to podcasts; recording a podcast in my wardrobe; interviewing neighbours for my podcast | podcast
journalism | journalism; writing for the local newspaper; investigative reporting; chasing a scoop | journalis, reporter, reporting, newsroom, newspaper, =scoop
ice hockey | playing ice hockey; hockey; watching the NHL; slap shots and body checks | hockey, =puck, =nhl, slap shot
physics | physics; quantum theory; reading about Einstein and relativity; particles and black holes | =physics, physicist, quantum, particle, relativity, einstein, gravity, black hole
human rights | human rights; speaking up for prisoners of conscience; Amnesty International; standing up for civil liberties | human right, civil right, civil libert, amnesty, =rights, prisoners of conscience
sculpture | sculpture; hewing figures out of marble; chiselling stone; casting statues in bronze | sculpt, =statue, =statues, chisel, marble, bronze
musicals | musicals; show tunes; seeing Hamilton and Les Misérables; anything on Broadway or in the West End | =musicals, broadway, west end, show tune, =hamilton, les mis
drones | flying drones; filming from above with my drone; putting together quadcopters; steering a drone through gates | drone, quadcopter
decluttering | decluttering; tidying cupboards; a home without clutter; minimalism | declutter, clutter, minimalis, tidy, tidie
Lego | Lego; space stations made of Lego; sorting thousands of bricks by colour; dreaming up my own Lego sets | =lego, =legos, =brick, =bricks
`);
