/** Lines of training people in their own words: sports and the outdoors. */
import { SPORT_INTERESTS } from './interests-sport.ts';
import { linesFrom } from './train-line.ts';

export const SPORT_LINES = linesFrom(
  `
hiking | Nineteen kilometres, eight hundred metres of up, one squashed egg roll at the summit cross. I'd do it again tomorrow. | my boots know every marker between the car park and the third hut, and when the phone loses signal halfway up, that's when hiking really starts for me
running | Out at six, twice round the reservoir, 52 minutes, that'll do. | Started with couch to 5k after the divorce. Now I'm the annoying colleague with a marathon bib pinned above her desk.
cycling | "There's chain oil on the hallway carpet and padded shorts on every radiator," says my wife, who isn't wrong. | At 71 my bicycle still takes me to the Thursday café stop, forty miles there and back, wind permitting.
swimming | Goggle marks round my eyes till lunchtime, hair like straw from the chlorine, but sixty-four lengths done before work. | The sea was nine degrees on Sunday. Five of us old ladies went swimming to the buoy anyway, shrieking the whole way.
football | We lost 7-1 on the astro behind the leisure centre, but that one was mine: left foot, top corner, ask anyone. | Season ticket since 1983, row F, same seat, same swearing, same flask from the same wife until 2004; football cost me her too and I still renewed in June.
basketball | Ever since I nailed that ring over our garage, my free throws have driven the whole street mad by nine p.m. | six foot one and still can't dunk, but give me a basketball and an empty court and I'm happy till dark
volleyball | Bump, set, spike, sand in everything I own. That's my July, four of us on Court 2 behind the kiosk. | My knees hate the hall floor, yet Monday volleyball with the over-forties is the one date I never cancel.
badminton | Feathers everywhere, twenty-all, and Raj sends up another high clear just to watch me sprint backwards. | You'd call badminton gentle until Auntie Mei smashes one into your chest at the community centre.
cricket | Padded up for two hours, out first ball, then made the teas. All told, Saturday was a triumph. | What could be nicer than a deckchair, a scorebook and village cricket drifting towards a draw? You can keep your beaches.
baseball | Dad taught me to score with a pencil stub, K's and all, and I've kept every card from the bleachers at Fenway. | Nine innings, a bag of peanuts, my grandson asleep by the seventh; nobody has to explain baseball to me.
American football | Third and long, and I'm standing on the sofa in a Packers jersey at one in the morning. The neighbours have given up knocking. | It took me a full season to grasp the rules, but American football now owns every one of my autumn Sundays.
golf | Four balls in the pond on the seventh, then a birdie on the ninth. That birdie is why I'll be back Wednesday. | My wife calls herself a golf widow. I say a handicap of eighteen doesn't come from sitting at home, dear.
skiing | First lift, fresh edges, burning thighs, goulash at noon. Repeat. | I learned skiing at forty among screaming toddlers on the nursery hill, and now I count the weeks till the snow comes.
snowboarding | Bruised tailbone from yesterday's box, gloves still wet, and guess who was first on the chairlift this morning? | sold my car, bought a snowboard and a season pass, mum isn't speaking to me yet
ice skating | I'm fifty-three and I landed a single loop on Tuesday; the Zamboni man clapped. | When the canal freezes the whole village turns out, and there's skating till our toes go numb, every winter since '62.
rowing | Cox shouting, palms blistered, eight of us gasping down the Cam at six a.m. while sensible students sleep. | The 2k test on the rowing machine makes me want to die, then I see my split and want another go.
kayaking | Came out of the rapid upside down, rolled at the second try, nose full of river, grinning like an idiot. | Why is there a kayak on my car roof from April to October? Because you never know when the estuary will be flat.
judo | Thirty years of being thrown onto the tatami by teenagers; it pays off each time the pavement's icy and I land properly. | Orange belt at last! My daughter joined the same judo club and pins me every single time.
karate | Three hundred front kicks and sensei still says lower, lower, lower. | To keep my son company I took up karate at 47. He quit after a month; my grading is in June.
tai chi | Eleven pensioners under the plane trees at seven, arms floating, no one speaking. My hip hasn't hurt since Easter. | The long form takes me twenty-two minutes, and if I hurry, Mr Chen makes me start the whole tai chi over.
yoga | Crow pose, three seconds, then straight onto my nose. The teacher said beautiful; I said plaster, please. | Nine months of hot yoga in Croydon and I can touch the floor without bending anything, which feels like flying.
pilates | The reformer looks like a torture device, I know, but my physio swore by it and my lower back has shut up. | Tuesday Pilates means eight women, a lot of swearing during the hundred, and a stomach I last saw in 1998.
weightlifting | A hundred and ten off the floor, twice, belt cinched, and I squealed so loud that people turned round. | I'm a librarian who squats more than her boyfriend. The gym at six is my quiet place.
parkour | Security at the multi-storey knows us by name: precision jump, roll, scraped elbow, again, please, lads, go home. | I can't pass a railing without measuring it by eye; that's what parkour does to a grown accountant.
triathlon | My second transition took four minutes because I sat down for a biscuit, but I got round, wetsuit chafe and all. | Three sports and I'm bad at each, so the sprint triathlon in Bala is my yearly excuse for owning this much lycra.
orienteering | Punched number nine, missed ten by a whole valley, and came home with brambles in my socks. Next Sunday again. | we're an orienteering family, so it's four people in one wood, running in four different directions
geocaching | Film tin, under the bench, Bremen. Log number 1,204 is mine. | The kids refuse to go for walks. Call it geocaching, though, and they'll wade through nettles for a plastic box.
camping | Rain on the flysheet, beans on the little stove, the four of us playing Uno by torchlight: nobody even asked for the wifi. | Same campsite since '94, same pitch by the cold tap.
fishing | Two mackerel, one lost spinner, hands stinking all day. Perfect Saturday. | My late husband's rods are mine now, and it turns out I had the luck all along: fourteen pounds of carp, weighed and released.
paragliding | Ten steps into the wind, the wing comes up, the sheep get small, and nobody can phone me. | A thermal took me to 2,300 metres over Annecy last June; paragliding is the one time I stop talking.
skydiving | Forty-one seconds from the door to the pull, cheeks flapping. My mother still thinks I'm at a spa. | They gave me a tandem parachute jump for my sixtieth, as a gag. I've done thirty-seven since.
bowling | Lane 12, rented shoes, chips going cold, and I finally picked up the seven-ten split in front of my in-laws. | Grandma owns her own ball, purple glitter with initials, and on bowling night nobody dares to beat her.
darts | Needed double sixteen for the match, hit the wire twice, and the landlord bought me a half out of pity. | 140, 100, then three ones: my darts are like my moods, and the board in the garage has seen them all.
snooker | A thirty-four break on the club's table five, blue chalk on my cuff, and then I missed the easiest black of my life. | Dad and I hardly talk, but we can watch the snooker from Sheffield for seventeen days without a cross word.
frisbee | Seven a side, no referee, grass stains up to my ears; I took the last one one-handed in the end zone. | whoever says a frisbee is for dogs has never seen our Thursday lot dive full length in the mud
pétanque | Dust on my sandals, a pastis on the wall, old Marcel measuring two centimetres with a bit of string. | It took three years in Nîmes before the pétanque men let me join in. Patience is part of it, they said.
curling | Forty pounds of granite, one broom, my brother yelling "hurry hard", and a takeaway afterwards whatever the score. | I saw curling on TV at two a.m. and by Friday I'd joined. I'm sore in places I hadn't heard of.
handball | Seven metres, the keeper stares, I fake high and bounce it through his legs; the hall in Gummersbach went mad. | Taped fingers September to May. Left back, handball, second team.
water polo | You tread water for an hour while a dentist holds you under by the trunks. We pay a membership for this. | Scored twice with my wrong hand in the water polo friendly, swallowed half the deep end, slept like a baby.
wrestling | Cauliflower ears at twenty-two, singlet drying on the line, made weight by a hundred grams. Mum worries. | Grandad never missed the Saturday wrestling on ITV, Big Daddy against Giant Haystacks, him up on his feet shouting at the ref.
Formula One | Lights out at three, curtains shut, phone in the fridge. Please, no one tell me who's on pole. | Went to Silverstone for the grand prix in a bin bag instead of a raincoat, heard nothing for two days, worth it.
the Olympics | Every four years I take a fortnight's leave, learn the rules of sports I'd never heard of and weep at other people's anthems. | I carried the torch for three hundred metres in 2012 and have brought up the Olympics at every wedding since.
cheerleading | I'm the one at the bottom holding Megan's left foot, voice gone, glitter in places glitter shouldn't be. | "It's only pom-poms," they say. So I invite them to cheerleading practice and let them lift somebody.
bushcraft | Ferro rod, birch bark, one spark on the eighth go. I boiled nettles in a mess tin and felt like a king. | Thirty hours among the pines under one tarp; my bushcraft weekend was wet, hungry and the best present ever.
caving | You lie flat in the mud, helmet scraping the roof, then it opens up and your lamp doesn't reach the other side. | Claustrophobic friends cover their ears when I start on about caves, so I save it for the pub in Ingleton.
sledging | A tea tray, the hill behind the church, and a nine-year-old who can't believe her gran went first. | Granddad's wooden toboggan came down from the loft, we waxed the runners, and we shot clean through the neighbour's hedge.
juggling | Five in the air for eleven catches, then one behind the telly; the cat has learnt to duck. | Off sick in March, I taught myself juggling with oranges. The office won't let me near the fruit bowl any more.
kite flying | Eighty metres of line humming on Fanø, a stiff neck from looking up, and not one other person on the beach. | We made a kite from bin liners and bamboo with the grandkids, and it went higher than the chimney!
netball | Bib says GD, ankle's strapped, and that new shooter from Hove didn't get a clean look all second half. | Mums' netball, Wednesdays, bottom of the league, happiest hour going.
Zumba | Forty women, one mirror, hips that won't go left; by the third track I'm soaked and I've forgotten the mortgage. | The doctor said lose ten kilos, my sister said try Zumba, and now I own a neon headband and mean it.
`,
  SPORT_INTERESTS,
);
