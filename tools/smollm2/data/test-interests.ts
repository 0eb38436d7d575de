/**
 * The interests of test people only: none of them, and no near-synonym, occurs in training or in dev (checked in
 * interests.test.ts). Look at them for the final numbers, never to choose a recipe.
 */
import { interestsFrom } from './interest.ts';

export const TEST_INTERESTS = interestsFrom(`
beekeeping | keeping bees behind the shed; harvesting honey from my hives; beekeeping; watching a swarm of bees settle in | =bee, =bees, beekeep, honey, =hive, =hives, beehive, apiar
pottery | making pottery; throwing pots on the potter's wheel; shaping clay bowls and mugs; glazing and firing ceramics | =clay, ceramic, kiln, pottery, =potters, potter's
astronomy | looking at the stars; watching Saturn through my telescope; astronomy; learning the constellations on clear nights | =star, =stars, stargaz, starry, astronom, telescope, planet, galax, constellation, =moon, cosmos
sailing | sailing my little dinghy; being out at sea under sail; yacht regattas; sailing from harbour to harbour | sail, yacht, dinghy, =boat, =boats, harbour, harbor
opera | the opera; listening to Verdi and Puccini; nights at the opera; great sopranos and tenors; recordings of Tosca and Carmen | =opera, =operas, operatic, verdi, puccini, soprano, tenor, =aria, =arias, =tosca, =carmen
railways | trains and railways | laying out a tiny railway in the attic; old locomotives; trains with tiny stations circling the attic; spotting rare trains from the platform | =train, =trains, railway, railroad, locomotive, trainspot
magic tricks | practising card tricks; doing magic tricks for the neighbours; sleight of hand; making things vanish like a stage magician | magic trick, card trick, magician, magic show, conjur, illusion, sleight
tennis | playing tennis; watching Wimbledon; hitting serves with a new racket; doubles at the tennis club | tennis, wimbledon, racket, racquet
wine | tasting wine; visiting vineyards; comparing Bordeaux with Burgundy; filling a small wine cellar | =wine, =wines, vineyard, winer, sommelier, bordeaux, grape
dinosaurs | dinosaurs; hunting for fossils under the cliffs; learning all about the Tyrannosaurus and the Triceratops; Jurassic skeletons | dinosaur, fossil, paleont, palaeont, jurassic, tyrannosaur, triceratops
detective stories | detective stories; murder mysteries; working out who the murderer is; Sherlock Holmes and Miss Marple | detective, crime, murder, sleuth, whodun, sherlock, marple
mushrooms | wild mushrooms | picking wild mushrooms; learning which fungi are safe to eat; foraging for chanterelles; mushroom hunting in autumn | mushroom, fungi, fungus, forag, chanterelle, =toadstools
horses | riding horses; grooming my pony; horses; days at the stables; show jumping | =horse, =horses, horseback, horse riding, =pony, =ponies, equestrian, saddle, stables, show jump
volcanoes | volcanoes; watching lava flow on Etna; studying eruptions and craters; standing near smoking volcanic craters | volcan, lava, erupt, magma
ballet | ballet; watching Swan Lake; ballet classes at the barre; practising pirouettes on pointe | ballet, ballerina, =barre, pirouette, swan lake, nutcracker
calligraphy | calligraphy; hand lettering with a broad nib; writing beautiful words in black ink; practising Copperplate | calligraph, lettering, =nib, =nibs, =ink, penmanship, copperplate
scuba diving | scuba diving; diving on wrecks; snorkelling above coral; exploring reefs with an air tank and fins | scuba, =diving, =diver, =divers, snorkel, underwater, =reef, =reefs
archery | archery; shooting arrows at the range; practising with my longbow; aiming for the bullseye | archer, =bow, longbow, =arrow, =arrows, bullseye
chocolate | chocolate; making truffles by hand; tasting single-origin chocolate bars; tempering and moulding pralines | chocolat, cocoa, cacao, truffle, praline
lighthouses | lighthouses; visiting lighthouses on wild coasts; the stories of old lighthouse keepers; the view from the lamp room of a lighthouse | lighthouse
jazz | jazz; old bebop recordings; jazz clubs; Miles Davis and John Coltrane; improvising on the saxophone | jazz, bebop, saxophon, coltrane, miles davis
philosophy | philosophy; thinking about Plato and Kant; the Stoics; arguing about free will and ethics | philosoph, plato, kant, stoic, ethic, socrat, nietzsche, free will
robotics | robots | making robots; robotics; getting a robot arm to pour water; tinkering with servo motors and two-legged walkers | robot, servo
ancient Egypt | ancient Egypt; pharaohs and pyramids; learning to decipher hieroglyphs; mummies and their tombs | egypt, pharaoh, pyramid, hieroglyph, mummies, tutankhamun, sphinx
skateboarding | skateboarding; practising kickflips; afternoons at the skatepark; learning new tricks on my skateboard | skateboard, skatepark, skate park, kickflip, =ollie
mosaics | making mosaics; piecing together tiny coloured tiles; old mosaic floors; covering table tops with broken tiles and grout | mosaic, =tile, =tiles, grout
hedgehogs | hedgehogs; getting injured hedgehogs back on their feet; putting out food for the hedgehogs at night; putting up hedgehog boxes | hedgehog
cheese | cheese | making cheese at home; tasting Brie and Cheddar; ageing cheese in the cellar; learning about curds and rennet | =cheese, =cheeses, cheesemak, =brie, cheddar, =curd, =curds, camembert, gouda
stand-up comedy | comedy | stand-up comedy; telling jokes at open-mic nights; improv with my comedy troupe; watching comedians | comed, =improv, =joke, =jokes, punchline
boxing | boxing; sparring in the ring; hitting the punchbag; watching heavyweight title fights | =boxing, =boxer, =boxers, punchbag, punching bag, sparring, heavyweight, knockout
gymnastics | gymnastics; practising on the balance beam; somersaults on the trampoline; handstands and cartwheels | gymnast, trampolin, somersault, handstand, cartwheel, balance beam
accordion | the accordion | playing the accordion; squeezing out polkas on my accordion; accordion music; jigs and reels on a squeezebox | accordion, squeezebox, polka
stamps | stamp collecting | collecting stamps; sorting my stamps by country; hunting for the Penny Black; philately | =stamp, =stamps, philatel, penny black
origami | origami; folding paper cranes; folding one square sheet of paper into a crane; paper folding | origami, paper fold, folding paper, folded paper, paper crane
wolves | wolves; tracking wolf packs; learning how wolves came back to Europe; supporting a wolf sanctuary | =wolf, wolves, wolf pack, wolfpack
maps | old maps | collecting old maps; poring over an atlas; making maps of imaginary islands; cartography | =maps, old map, mapmak, map-mak, cartograph, atlas
solar energy | solar and wind energy | putting solar panels on roofs; renewable energy; measuring what my solar panels yield; wind turbines | solar, renewable, wind turbine, wind power, clean energy, green energy
bonsai | bonsai; wiring and pruning my bonsai; growing a tiny juniper in a shallow pot; caring for knee-high pines in tiny trays | bonsai, juniper, tiny tree
Scotland | Scotland; the Scottish Highlands and their lochs; bagpipes and kilts; islands like Skye; weekends in Edinburgh | scotland, scottish, =scots, highland, edinburgh, =loch, =lochs, =skye, bagpipe, =kilt, =kilts, glasgow
hot-air balloons | hot-air balloons; drifting over fields in a hot-air balloon; hot-air ballooning; balloon fiestas at dawn | balloon
family history | genealogy | tracing my ancestors; genealogy; tracing our family line back to 1600; searching old registers for my forebears | genealog, ancest, family tree, family history, forebear
perfume | perfume; blending my own fragrances; collecting scents by small perfumers; trying to name every note in a cologne | perfum, fragranc, =scent, =scents, cologne
parrots | parrots; getting my parrot to talk; caring for two budgies; cockatoos and macaws | parrot, budgie, parakeet, cockatoo, macaw, cockatiel
helping refugees | refugees | helping refugees settle in; sharing welcome dinners with asylum seekers; finding homes for refugee families; going with newcomers to the authorities | refugee, asylum, newcomer, displaced
`);
