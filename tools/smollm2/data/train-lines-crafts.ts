/** Lines of training people in their own words: arts and crafts. */
import { CRAFT_INTERESTS } from './interests-crafts.ts';
import { linesFrom } from './train-line.ts';

export const CRAFT_LINES = linesFrom(
  `
watercolours | The sky dried with a cauliflower in it, so I called that a tree. Small tin of pans, wet knees, cold tea. | I teach watercolours in the prison on Thursdays, and the biggest lad of all does the most delicate foxgloves.
oil painting | The flat stinks of turps, there's cobalt on the door handles, and the portrait's been wet since Easter. | Forty sittings, same aunt, same chair. She says she'll die before the canvas is dry.
drawing | Noses on the 46 tram. One hundred and eighty so far. | At school my margins were fuller than the pages; at sixty I bought a real sketchbook and signed up for the nude class.
cartooning | My boss as a walrus, four panels, stuck on the fridge by reception. He asked for a signed copy. | Private Eye has turned down thirty-one of my cartoons. The thirty-second went in, the size of a matchbox.
photography | Tripod in the stream, spare batteries warming in my armpit, all for eleven minutes of pink light on the ridge. | At weddings I vanish, and come back with one photo of the grandmother laughing in the corridor.
analogue photography | Red bulb in the bathroom, prints pegged over the tub, fixer on my fingers, and no one may pee till nine. | Thirty-six tries a roll, that's your lot. The camera's older than me and the negatives hang beside the laundry.
street art | Ladder, three cans, permission for once: the underpass by the school now has a pike eleven metres long. | In Lisbon I did nothing but wander with a stiff neck ticking off murals, two hundred and six in nine days.
digital art | Sixty-four layers, a stylus worn to a slant, and one elf ear I have undone and redone nine times. | commissions open again! I illustrate people's pets as knights, mostly on the bus, twenty euros a go
printmaking | Plaster on the left thumb, grey shavings on the table, everything back to front; and then you peel the sheet off. | Our Christmas cards come off a lino block, rubbed with the back of a spoon. Robin last year, sprout this year.
screen printing | Squeegee, one firm pull, lift, and the hen party's slogan is on the wrong side of thirty T-shirts. | Since we turned the laundry room into a silk screen workshop for gig posters, every towel we own is mauve.
sewing | Pins in my mouth, foot on the pedal, my daughter's prom on Saturday and one sleeve still inside out. | A 1951 Singer, black and gold. That sewing machine has outlived two husbands and all the trousers I took up for them.
quilting | Nine hundred hexagons cut from my late brother's shirts, eleven women round one frame, and a great deal of gossip. | Log cabin, flying geese, bear's paw; there's a quilt on every bed here and two more in the car.
embroidery | Six strands split to two, a French knot for each sheep, and I swear at my glasses the whole time. | Bless This Mess, it says over our sink, in cross-stitch, with a mouse. First lockdown to third.
weaving | Three hundred ends of warp and one crossed, found after a metre. Shuttle down, deep breath, back I go. | My loom takes up half the bedroom, my husband the rest, and in between a rug is slowly arriving.
tie-dye | Elastic bands, rubber gloves, blue hands on Monday anyway, and a washing line that looks like 1969. | Madder needs two years in the ground before you can dye one pair of socks with it. I can wait.
leatherwork | Two needles, waxed thread, eight holes to the inch. Ask my thumbs. | Whole shed smells of leather. Four belts ordered for Christmas, and the dog has eaten number three.
jewellery making | Pliers, tiny loops, a stall at the Sunday market, and sea glass that my nieces pick up at Whitby. | I melted down my ex's ring, made two earrings of it and sold them. Best day I've had at the bench.
woodworking | Measured twice, cut once, cut again, swore. Still, the drawer runs now and there's oak dust in my coffee. | One month, I told my wife, for the bookcase. That was two winters ago and her paperbacks live on the stairs, but every dovetail is cut by hand, so there.
whittling | I sat on the back step with a stick and a penknife till it was a spoon, more or less; plasters on both thumbs. | Sixty little wooden birds on my windowsill, one for each night on the ward when I couldn't sleep.
woodturning | Shavings to the ankles, gouge singing: on Friday a lump of wet ash, today a bowl so thin the light comes through. | First thing I bought with the pension was a lathe. By now each cousin owns three salad bowls and fears a fourth.
furniture restoration | Four coats of gloss off a Victorian chair with a toothbrush, and underneath it, bless it, walnut. | People dump armchairs on the kerb and I can't drive past. Springs, webbing, tacks; six weeks later somebody's fighting over it.
blacksmithing | Orange, not yellow, then hit it. I've burnt holes in all my shirts and made one hook, and I love the hook. | Great-grandad's bellows, Great-grandad's anvil, and since the spring a great-granddaughter forging pokers on it, badly.
welding | Mask down, blue light, hot spit in my sock, and a gate for the vicar with a fox in the middle. | "Weld something pretty for once," she said, so the scrap heap is now a peacock two metres tall.
glassblowing | Twelve hundred degrees, one breath, keep it turning, and don't look away or it's on the floor. | So far I can only do wonky tumblers, but have you ever seen molten glass sag and then obey?
stained glass | Lead came, solder, a cut on each finger, and at four in the afternoon the bathroom floor goes red and gold. | I mend stained glass for chapels nobody goes to. Last week: one angel's left foot, 1887, in three pieces.
papermaking | Old jeans in the blender, slurry like porridge, a wooden frame, and by evening there are wet sheets stuck to all our windows. | For my sister's invitations I put marigold petals in the pulp. Batch one looked like cornflakes. Batch two made her cry.
bookbinding | Bone folder, wheat paste, linen thread through five holes, then under the dictionary overnight so it lies flat. | New spine, new endpapers, same gravy on page 40: rebinding Gran's recipes is the nicest thing my hands have done.
scrapbooking | Glue stick, tram tickets, a lock from his first haircut. We're on volume nine and he's only six. | I own more washi tape than an adult should, and the allotment scrapbook has a page for each beetroot.
card making | When you open it a hippo leaps out. Nine goes with the scalpel, and Aunt Pat still thought it was shop-bought. | Nobody I know has had a bought greeting card since 1999; I keep glitter in the car for emergencies.
flower arranging | Secateurs in my handbag, cow parsley off the verge, one dahlia, some chicken wire. The font looks a treat for Sunday. | I did the wreath for Mum's funeral myself, sweet peas and rosemary, and I've filled buckets every Friday since.
basket weaving | Rods have been soaking in the bath since Monday, so we wash at the sink. Base done, uprights bent, fingertips raw. | In January I cut my own willow, standing in a ditch in waders, for a log carrier that creaks when you lift it.
macramé | Forty metres of cotton cord tied to the wardrobe handle, and slowly, an owl. My flatmate says it's 1974 in here. | All my spider plants hang in macramé. Next, a hammock: four hundred square knots, my wrists are warned.
felting | Stab, stab, stab, ow, and eventually it's a badger. | My felted slippers went through a friend's boil wash and now fit her baby, so all's well.
scale models | Tweezers, a magnifying lamp, 1:72, and a decal the size of a lentil that folded over itself. I said a word. | HMS Hood took three winters. My wife then bought me another model kit and wept, I suspect, on the inside.
dolls' houses | Wallpaper from a gift wrap offcut, a chandelier out of one earring, and a loaf of bread smaller than a pea. | I'm renovating: new roof, parquet, light in the nursery, all of it one to twelve. It's a dolls' house. It's never finished.
collage | Scissors, a stack of National Geographics from 1970, and a bishop with the head of a pineapple over my bed. | Tickets, sweet wrappers, tax letters, everything ends up glued; my best collage is Dad in unpaid bills.
animation | Arm up two millimetres, click. Two more, click. That's Sunday. | twelve seconds of stop-motion, 144 pictures, one cat in shot, and my nan says it beats the telly
fashion design | Toile on the dummy, shears, a shoulder that just won't sit. Nine days to the catwalk and I slept in tulle. | No money but a good eye: charity shop couture, last season's Prada with the hem let down, and people ask.
hat making | Steam, sinamay, pheasant feathers, a wooden head called Gladys, and Ladies' Day orders up to here. | At my age one wears what one likes. I like hats, I've nineteen, and the milliner in Bath sends a card at Christmas.
cosplay | Heat gun, foam offcuts, a breastplate drying on the radiator, and Comic Con in sixteen days. Eat? When? | dad drove me four hours dressed as a six-foot dragon, wings out of the window, he's my cosplay crew now
nail art | Ten tiny lemons. Left hand gorgeous, right hand a toddler's. | I did Gran's nails at the hospice, lilac with a daisy on each one, and then the whole ward queued up.
make-up | Primer, three blends, a wing you could cut yourself on. Forty minutes for the school run, and what of it? | Zip down my brother's face, latex, two hours of make-up, Mum fainted: that was my audition piece for college.
face painting | Queue of thirty at the fête, every second one a tiger, sponge in one hand, wet wipe in the other. | "I want to be a toaster," said the boy. So I painted him as a toaster. I adore this job.
hairdressing | Foils, tail comb, and things people would never tell a priest; thirty-one years behind the same chair. | I learned to braid on my three sisters before the bus came, and today it's half the village's hair.
museums | On wet Tuesdays it's free after five, so I march past everything famous and sit down in front of the one small Vermeer until the guard starts to cough. | My husband does the café, I do the museum with the audio guide, and we meet again at the postcards, content.
Impressionism | Up close it's only blobs; step back past the bench and there's the haystack, with the frost going off it. | An hour in the oval room with Monet's ponds and I missed my coach. I'd gladly miss it again.
Van Gogh | The bedroom in Arles, that yellow chair, the letters to his brother: I read them on the ward and felt less odd. | I cycled from Nuenen to Auvers in Vincent's tracks and stood in the wheat. For once I left my phone alone.
architecture | In Chandigarh I walked into a lamp post, looking up. Raw concrete, deep shadows, a scar, no regrets. | Our holidays are planned round staircases: Bauhaus in Dessau, façades in Brussels. The kids count drainpipes.
graphic design | Two pixels to the left. No, back. The bakery wanted it bigger; I gave them white space and they sold out. | I once walked out of a restaurant because the menu was set in Papyrus. Fonts aren't a hobby, they're a condition.
sandcastles | Bucket, trowel, spray bottle, tide at ten past four. The cathedral had forty minutes left and I cut windows anyway. | Dads half my age come over and ask how my sandcastle stands. Wet, lads, wetter than you think.
lace | Sixty pairs of little sticks on a pillow, pins, thread finer than hair, one inch an hour if nobody talks. | The old women in Bruges let me sit with them for a summer, so these days I make lace on night shift at reception.
shoemaking | Last, awl, a mouthful of pegs, and a left that's half a size bigger because the lady has a bunion. | No glue here. Forty hours a boot, forty years of walking.
toymaking | Dowel axles, linseed oil, a duck that waddles down the ramp and clacks; tested by two grandsons and a spaniel. | Plastic breaks, I told them. So each Christmas Eve I'm in the shed till late sanding toys; this year, a digger that digs.
teddy bears | One eye went on a touch too high, so he looks surprised for ever. Mohair, five joints, a growler, name of Arthur. | Mine is a hospital, really. Last month a teddy came in from 1938 with no nose, loved bald, and left with one.
resin art | Heat gun over the bubbles, level checked twice, and then a moth walked in. It's part of the tray now. | Mask, gloves, open windows, nine hours to set: my epoxy table has a river in it and took all of June.
`,
  CRAFT_INTERESTS,
);
