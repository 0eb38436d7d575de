/** Lines of training people in their own words: food and drink. */
import { FOOD_INTERESTS } from './interests-food.ts';
import { linesFrom } from './train-line.ts';

export const FOOD_LINES = linesFrom(
  `
bread baking | Flour in my eyebrows, the Dutch oven screaming hot, and when the crust starts to crackle I stand there and listen. | My aunt in Minsk wrote her rye recipe on a cement bag. This week's attempt is the heaviest loaf in the county.
cakes | Three tiers, forty sugar roses, no air-con in the van: I held my breath all the way to the wedding. | My nephew asked for an excavator, so I've been up since five colouring buttercream yellow. Every birthday cake in this family is my fault.
cooking | Six round the table on a Thursday, nothing measured, onions on since four, and someone always scrapes the pan. | I'm twenty, in a dorm with two hotplates and one decent knife, and cooking for the whole corridor is how I got friends, a boyfriend and a fire warning.
pasta | Semolina on the ironing board, sheets over the chair backs, Nonna on the phone telling me they're too thick. | Carbonara without cream. Ever. I once moved out of a flat over what they'd done to my spaghetti.
pizza | 480 degrees. Ninety seconds. Leopard spots. Built the oven myself, too. | We rate every margherita between here and Naples in a little notebook. Best pizza so far: a petrol station near Capua.
Indian food | Mustard seeds popping in the ghee, my mother-in-law on speaker from Pune, the smoke alarm going for the second time. | Four hours went into that biryani, layer by layer, sealed with dough. "Needs salt," says my uncle.
Thai food | Bruised holy basil, fish sauce on my sleeve; Nok at the corner stall laughed at my tears and gave me seconds. | Every January I fly home with a suitcase of lemongrass and shrimp paste. Customs at Schiphol know my face by now.
dumplings | Eighteen pleats, says Auntie Lin, and holds up my saggy ones for everyone on the sofa to see. | On New Year's Eve we fold four hundred dumplings and gossip; whoever bites on the coin washes up.
ramen | Pork bones on the hob for sixteen hours, windows dripping, eggs in soy overnight. All for eight minutes of happy silence. | Took a night bus to Düsseldorf for noodles. Would again.
kimchi | Twenty heads of cabbage in the bathtub, chilli paste up to my elbows, a second fridge on the balcony just for the jars. | My Korean is terrible, but Mrs Park at the corner shop tried a spoonful from my jar, said nothing, and fetched me the good cabbages from under the counter.
sushi | Damp cloth, sharp knife, rice at body temperature. After two years the rolls no longer look like a car accident. | Ten seats, an old man pressing sushi into my palm piece by piece; it was my birthday and I nearly cried.
French cuisine | Shallots, half a pound of butter, a beurre blanc that split at ten to eight with the guests already on the stairs. | I've been through all of Julia Child since lockdown, and only the French soufflé on page 184 still beats me.
tapas | You stand at a zinc bar in San Sebastián: anchovy, pepper, toothpick, next bar, anchovy, pepper, toothpick. No chairs, no plan. | The big pan came home from Valencia on the roof rack, and now the whole street turns up when there's paella.
Greek food | Lamb with lemon since the morning, Yiayia's blue platter in the middle, nobody allowed to leave before midnight. | Warm pita, a bucket of tzatziki, my feet in the sand on Naxos. On my balcony in Leeds it isn't quite the same.
Lebanese food | Forty little plates and Teta still apologises that there isn't enough; she taught me to chop the parsley like dust. | I peel every chickpea. Taste my hummus, then laugh.
Ethiopian food | No forks at ours on Sundays: you tear, you dip, and you feed the first bite to whoever sits beside you. | Three days I wait for the teff batter to bubble, and my injera still comes out with fewer eyes than Almaz's.
coffee | Eighteen in, thirty-six out, twenty-seven seconds. Husband drinks instant. | The grinder cost more than my bike, and I still go to Luca's for an espresso because he does it better.
tea | Second steep, small gaiwan, water just off the boil, that mossy taste; don't talk to me before the third cup. | Gran left me eleven pots and her opinion of bags, so it's loose leaf, a cosy, and tea at four sharp.
cocktails | One big ice cube, orange peel, stir for a count of forty. The globe from the flea market hides nineteen bottles. | Fridays I put on a silly waistcoat and shake daiquiris, and my sister names each new cocktail after an ex.
smoothies | Frozen banana, spinach, peanut butter, forty seconds of noise at a quarter past six. The neighbours bang on the wall. | My blender has died twice this year, both times in mango season, and both times I took it personally.
whisky | Two fingers, a drop of water, the smell of peat and wet rope; the 1991 only comes out when my brother visits. | We toured Kentucky for a week, six distilleries, my wife at the wheel and the bourbon wrapped in my socks.
cider | Half a ton of windfalls, the old press from the barn, wasps everywhere. Ask me at Christmas if it was worth it. | In our lane they all make cider and everyone's is the best; mine took second at the show and I'm still sulking.
ice cream | It's minus two outside and I'm churning custard, because the pistachio one has to be right by Saturday. | In Rome I went back to the same gelato counter four times in a day. No shame. The girl waved me to the front.
jam | Sugar at 105 degrees, cold saucer, a drip that wrinkles: thirty-one jars by noon and one burnt thumb. | Nobody in this house is permitted to buy marmalade; when the Sevilles come in January I take the week off.
fermenting | Something is bubbling in the airing cupboard. I burp it on Tuesdays. Guests have stopped asking. | My gherkins go the way Babcia did hers: oak leaf, horseradish, salt, three weeks under a stone.
chillies | Twelve sorts on the windowsill, I wore gloves for the seeds, then rubbed my eye. Worst night of the year. | Hiccups, sweat, milk at the ready; we rank every hot sauce by how long Dave stays silent.
soups | The big pot goes on after church, leek, barley, a ham bone, whatever's going limp, and it feeds us till Wednesday. | When my daughter has a cold she rings from Cardiff and I talk her through the chicken soup, bone by bone.
salads | Fennel shaved so thin you can read through it, orange, toasted seeds, and a dressing I shake in an old mustard jar. | My lads used to groan. Now the fourteen-year-old asks for "that lettuce with the anchovy bits", so put it on my gravestone.
vegan food | Aquafaba whipped, cashews soaking, Dad asking where the meat is. He had three helpings and still asked. | Eight years next month, and I've finally got tofu to behave: crisp outside, soft inside, no sponge. Victory.
seafood | Oilcloth on the table, a hammer each, claws flying, lemon in my eye, not a word said for half an hour. | At Cancale you eat your oysters on the wall and throw the shells on the beach. I moved there for it, more or less.
sandwiches | Ham, too much mustard, cut corner to corner and never lengthways. I married a lengthways man; it's been a journey. | Tuesday's toastie had cold roast, pickled onion and crisps in it, and I wrote that down like a scientist.
pancakes | The first one's always for the dog, the second is lacy and perfect, and by eleven we're still in pyjamas, sticky to the elbow. | Other people do dinner. We do breakfast: eggs, hash browns, a tall stack with maple syrup, radio on, nobody dressed.
street food | Plastic stool, no idea what I ordered, eighty cents, sauce on my chin, motor scooters an inch from my knees. Heaven. | Follow the longest queue of taxi drivers, that's my rule, and it's led me to every good food stall in Penang.
farmers' markets | Half past seven with two canvas bags: the egg man first, then carrots with soil still on, then a long chat about frost. | I couldn't find my way round a supermarket these days; Joan at the farmers' market keeps the ugly leeks back for me.
restaurants | I booked the corner table in Lyon four months ahead. Seven courses, new shirt, notes taken under the napkin. | My restaurant reviews have eleven readers, one of them my mum, and I've now eaten at every address in Mare Street.
spices | Forty-three jars, alphabetical. My fingers have been yellow since Sunday. | I smuggled cardamom home from Kerala in a rolled-up sock. The whole wardrobe still smells of it.
doughnuts | Oil at 175, raspberry filling in the piping bag, powdered sugar on the cat. My dentist would rather not know. | There's a shop in Portland that puts bacon on one. Since then I've had a doughnut in thirty states; twenty to go.
pastries | Twenty-seven layers, butter cold as a stone, up at half three for the second fold. They're gone in four minutes. | You can judge a town by its croissant, so each holiday starts with me at a counter, pointing, crumbs down my coat.
pies | Cold hands, lard, a little hole in the lid for the steam. My crust was the one thing Gran ever praised. | Saw a sign for pasties. Braked. Cornwall took nine hours.
healthy eating | Half the plate green, a quarter beans, nothing after eight: my sugar's down from 9.1 to 6 and I can see my feet. | Since I changed my diet I read every label in the aisle, fibre, salt, the lot. The kids call me Doctor Broccoli.
sweets | Thermometer at 121, the slab oiled, pull and fold till your arms ache. The stripes came out wonky, the children don't care. | Two hundred caramels in twisted paper each December, fudge if there's cream left, and the post lady gets hers first.
picnics | Checked rug, boiled eggs, ants in the lemonade, a cow staring at us. Nobody wanted to go home. | Even in drizzle we carry the hamper down to the weir, with proper glasses, because my wife has standards.
apples | There's a ladder against the old Bramley from September on, and each neighbour gets a bucket whether they asked or not. | I grafted Grandfather's forgotten pear onto new stock and it took! That makes nineteen trees in our tiny orchard.
burgers | Loosely packed, salted at the last second, smashed flat on the hot plate with a paint scraper. My friends hum while they eat. | As a roadie I have eaten a burger in 212 towns, and the best one was in a launderette in Ghent.
olive oil | Nets under the trees in November, stiff hands, then the first green trickle at the mill, straight onto toast. | People stare when I slurp it from a blue glass and cough. It's meant to sting, good olive oil.
strawberries | Knees wet, punnet half full, stomach completely full; the farmer pretends he doesn't weigh the children. | Forty canes of raspberries this year, and not one bowl made it as far as the house.
`,
  FOOD_INTERESTS,
);
