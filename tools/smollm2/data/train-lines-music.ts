/** Lines of training people in their own words: music, dance and the stage. */
import { MUSIC_INTERESTS } from './interests-music.ts';
import { linesFrom } from './train-line.ts';

export const MUSIC_LINES = linesFrom(
  `
piano | "Third finger, not second," said Mrs Lund in 1961, and I still hear it each time I start the nocturne. | They craned my piano in through the fourth-floor window, and the neighbours have learned to like Satie.
guitar | Broke the high E again in the middle of Wonderwall. My flatmates cheered, so you can guess how often they've heard it. | I paid thirty quid for a guitar when the kids left home; most evenings I strum on the step, four chords, no ambition.
bass guitar | Four fat strings, root notes, nobody notices me. Happy. | Flea made me do it. Second-hand bass, taped thumb, and a neighbour downstairs who is learning patience.
drums | Practice pad on the sofa, earplugs for the wife, and a left foot that finally does something different from the right. | I'm 68 and my knees are shot, but the drum kit's in the barn and on Fridays I am John Bonham.
flute | Second chair, silver, out of breath halfway through the long Debussy solo every blessed time. | Ten ladies with recorders were one short for the parish fête, so I brought my flute and I'm still there.
clarinet | Three reeds in a glass of water, two of them useless, and a squeak right where Weber put the quiet bit. | At weddings we play klezmer till the floor bounces; nothing laughs like that old black stick of mine.
trumpet | Lip like rubber after an hour of high Cs. I practise in the quarry, in the car, with the windows up. | My father blew the Last Post on his cornet each November. I inherited the mouthpiece and about half of his lungs.
cello | It gets its own seat on the plane, under the name of Mr Spike, and never eats the meal. | Forty weeks on one Bach prelude so far, and my cello teacher says bar nineteen is where people give up.
ukulele | Four nylon strings, small enough for a rucksack; by the second night the entire hostel was doing Somewhere Over the Rainbow. | Thirty of us above the Crown on Mondays, each with a ukulele, each slightly out, and nobody minds.
banjo | Five strings, a skin that hates damp, and metal picks still on my fingers at the breakfast table. | They say you can't be sad with a banjo on your knee. I tried it after the funeral and they're right.
harmonica | It lives in my breast pocket, key of C, tastes of lint, cheers up any bus shelter. | To bend the four draw without sounding like a goose took all winter; the dog left the room whenever my harmonica came out.
organ | Two manuals, thirty pedals, no heating, holes in my socks. With the big reeds out I can feel the pew shake. | I was twelve when old Mr Haas let me up into the loft; I've been the Sunday organist for fifty-one years now.
harp | Forty-seven strings to tune before anyone sits down, and a van, because it won't go in a car. | Wedding on Saturday, blisters under both thumbs, rain: my harp and I are hiding in the vestry till it stops.
choir singing | Row three, left of the pillar, black folder. I'm a plumber, and when the Fauré goes quiet I get goosebumps. | Since the stroke I can't find my words and the nurse finishes my sentences, but on Tuesdays in the choir they come out whole, every one, and in tune.
songwriting | Bridge still missing; the chorus came to me in the shower and I hummed it into the phone with shampoo in my eyes. | All my exes live in one blue notebook, as lyrics. Two of them have a decent hook.
karaoke | Room seven, sticky microphone, Bohemian Rhapsody at one a.m. with two strangers from accounts. No regrets. | By day I advise on tax, mildly. Hand me Total Eclipse of the Heart on karaoke night and stand well back.
classical music | Row Q, cough drops, the score on my knees; when the slow movement of Mahler's Fifth begins, I'm gone. | Five euros buys a standing ticket at the Musikverein, and I maintain that Mozart goes down best on aching feet.
rock music | Zeppelin patch on the denim, ears ringing since Saturday. My kid says it's for old people. Fine. | Dad worked nights, so rock music raised me: Thin Lizzy at full blast and a cassette deck that ate the tape.
heavy metal | Battle vest, stiff neck on Monday, mud to the thighs at Wacken, and the nicest crowd you ever met. | I teach kindergarten in a cardigan, then drive home screaming along to Slayer. It's heavy metal that keeps me gentle.
punk | Three chords, someone's elbow in my eye, two euros at the door. | Forty-nine, mohican gone grey. Still punk enough to print my zine on the office copier after six.
hip hop | Sixteen bars scribbled on delivery notes on the night shift, head nodding, forklift beeping on the off-beat. | My mum hated it until I explained Nas to her line by line; now she quotes rap at the dentist.
electronic music | Patch cables everywhere, a little green light blinking at 124, and three hours gone without one finished track. | I wore out a floor in Berlin to techno in '97; these days I tweak the synth in socks while the baby sleeps.
DJing | Two decks, headphones on one ear, and that second when the new kick slides in and nobody notices. | Sixty fourth-graders in the gym, me as DJ, my daughter dying of shame, floor full from the first song to the last.
reggae | The speaker stacks at Carnival made my trouser legs flap, and Burning Spear made me cry behind my sunglasses. | My uncle came from Kingston with one suitcase, half of it singles, so Sunday means Marley with rice and peas.
blues | Twelve bars, one bad year, a bottleneck on my little finger. Doesn't matter if nobody listens. | We drove from Clarksdale to Greenwood with B.B. King on the tape deck, just to stand at a crossroads and feel silly.
country music | Pedal steel, a truck that isn't mine, and I well up each time at the one about the dog. | Dolly at the Grand Ole Opry! Third row! I'd flown in from Oslo with rhinestones I glued on myself.
folk music | Back room of the Swan, one candle, somebody starts Barbara Allen, and forty of us know the refrain. | I visit the oldest people on our island and write down every folk song they still have: forty-two so far, some filthy.
soul music | Otis on the stereo, hoover off, and me begging into a wooden spoon, please, please, on both knees. | Talc on the floor, Wigan, 1975. I owe Motown one husband and one ruined hip.
gospel | Somebody's aunt takes the lead, tambourines, stamping feet, the roof just about lifts; by Sunday lunch I've got no voice left. | I don't even believe, to be honest, but rehearsals with the gospel lot in Peckham make me doubt my doubts.
K-pop | I've got eleven lightsticks, four photocards of the same boy, and a 600-day Duolingo streak because of him. | my gran learnt the dance to Dynamite, so that's two BTS fans in one tiny flat in Porto
film scores | Why would I leave the cinema before the very last name has rolled by? That's where the horns come back. | Hans Zimmer live in Antwerp: the woman beside me sobbed at Interstellar and I lent her my sleeve.
salsa | One two three, five six seven, wrong foot again, and Yolanda from Cali spins me anyway. | Widowed at sixty, dragged along to salsa at sixty-one. Now I own shoes with suede soles and I've got plans.
tango | Eyes shut, cheek against a stranger's cheek, three songs, not a word, then thank you and back to the chair. | In Buenos Aires they seat you by how well you walk. Two weeks in, I'd moved up one table at the milonga.
ballroom dancing | Chin up, elbows wide, hairspray like a helmet, number 46 pinned to his back. We came fourth in Blackpool. | For thirty years my husband had two left feet; now he irons his own shirt because it's foxtrot on Thursday.
breakdancing | Cardboard on the station floor, a windmill and a half, one burnt shoulder, and an old lady gave us five euros. | Notary, thirty-four, too tall for headspins. Watch me anyway.
tap dancing | Shuffle, ball change, shuffle. The people below have complained twice, so I do it on the garage concrete. | I saw Singin' in the Rain at seven and bought my tap shoes at fifty-eight. Clackety clack, better late.
belly dancing | Coins jingling under my coat on the tube, hip drops in the lift, and my figure of eight is finally round. | After three babies I wanted to like my middle again. Belly dance at the parish hall did that, for six pounds a week.
line dancing | Heel, toe, kick, quarter turn, and thirty of us in the village hall face the wall. Except Brian. | Green bags Tuesday, line dance Wednesday, Stetson by the door.
theatre | Forgot my cue, came on through the wardrobe instead of the door, biggest laugh of the night. We open for real on Friday. | Cheapest seat, behind the pillar, matinées mostly; at the theatre I have wept in front of more strangers than I can count.
Shakespeare | Three hours on my feet in the rain at the Globe, and when Lear carried her in, I howled too. | Six nurses read Macbeth aloud in the lunch break, a scene a day. I always get the porter.
vinyl records | Knees on cold concrete, thumb through the crate, and there it was: first pressing, two euros, not a scratch. | Get up, turn the LP over, sit down again. Bliss.
music festivals | Wellies, a wristband I won't cut off till November, and forty thousand of us still going after the sound was cut. | Seventeenth summer at Glastonbury, same spot by the hedge; my sixty-year-old brother loses his tent every time.
Eurovision | Scorecards, flags, a flat full of Swedes, and would someone explain the man in the hamster wheel? Douze points to the snacks. | I've flown to Turin, Liverpool and Malmö for Eurovision. My boss believes I have a very large family.
music production | Forty-one tracks, one snare I've been nudging since Easter, and a duvet nailed up because of the echo. | the closet is a home studio now, coats live on the floor, my cousin's EP is nearly mixed
beatboxing | Boots and cats and boots and cats, down all six flights because the stairwell's good to me. My lips are numb. | Third at the beatbox battle in Lille, aged fifteen, no instruments, just spit and a mic!
brass bands | Valve oil on my tie, twenty of us in the bandstand at Whitsun, marching on full stomachs. I'm the oompah. | At nine I was the biggest, so they handed me the tuba. I've carried it through every parade since.
bell ringing | Up the tower on Tuesday, six ropes, treble's going, and if you look up you lose your place. | We rang for three hours and four minutes at the coronation. My bell weighs more than my car.
circus | Sawdust in my hair, four metres up on a swinging bar, and by day I'm a bookkeeper in Graz. | I was six when the big top went up on our meadow and twenty when I ran off with it. Clown, mostly.
mime | White face, black braces, and I've been stuck inside a box that isn't there since about half past two. | Twenty pupils and not a sound for ninety minutes; my mime class must be the most peaceful room in Paris.
barbershop | Four blokes, one pitch pipe, a street lamp, and that moment when the overtone buzzes above all our heads. | We're a barbershop quartet called Short Back and Sighs. Striped waistcoats, average age 71, available for weddings.
The Beatles | John or Paul? Ask me on a Monday and again on a Thursday, and I'll show you four pressings of Revolver. | In '89 I crossed Abbey Road barefoot, got hooted at, and flew home to Osaka happy.
conducting | I stand before sixty teenagers with a stick, breathe in, and for one bar they all breathe with me. | Fell off the podium in the Brahms. Kept hold of the baton, kept the beat. The orchestra will never let me forget it.
busking | Two hours by the fountain: nineteen euros and half a pretzel. | Permit 212, the pitch outside Boots, rain or shine. Busking paid for my teeth, and it's where I met my wife.
music boxes | A steel comb with one broken tooth, seventy-two notes, Vienna about 1880; I've been at it with tweezers since March. | The little musical box on our sill plays half of Silent Night and stops. I could mend it. I never will.
pop music | Top forty on Sunday, finger on the record button, shushing my brother. I'm fifty and still know every B-side. | friendship bracelets up to the elbow, three hours of screaming, zero shame: Taylor Swift night two was the best day of my life
disco | Flares, platform soles, three spins and a point at the ceiling. My chiropractor sends his regards. | Donna Summer comes on and I'm nineteen again, under the mirror ball in Rimini, in silver trousers that no longer fit one leg.
`,
  MUSIC_INTERESTS,
);
