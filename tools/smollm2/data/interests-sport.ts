/** Training interests: sports and the outdoors. */
import { interestsFrom } from './interest.ts';

export const SPORT_INTERESTS = interestsFrom(`
hiking | hiking in the hills; long walks on mountain trails; hiking from hut to hut with a rucksack; trekking along a ridge all day | hik, =trail, =trails, trek, rambl, mountain
running | going for a run; jogging through the park; training for my first marathon; running long and slow before breakfast | =running, runner, jog, marathon, =5k, =10k
cycling | cycling along the river; long rides on my road bike; fixing up and riding old bicycles; bike tours with a sleeping bag on the back | cycling, cyclist, =bike, =bikes, biking, bicycl
swimming | swimming lengths at the pool; swimming in the lake; cold dips at sunrise; front crawl and backstroke | swim, =pool, =pools, backstroke
football | playing football; watching football with my mates; five-a-side football on Thursday nights; following my football club everywhere | football, soccer
basketball | playing basketball; shooting hoops; watching the NBA; pick-up basketball down the road | basketball, =hoop, =hoops, =nba
volleyball | playing volleyball; beach volleyball; practising my volleyball serve; our volleyball team | volleyball
badminton | playing badminton; badminton doubles; chasing a shuttlecock round the sports hall | badminton, shuttlecock
cricket | playing cricket; a whole day at the cricket; bowling off-spin for the village cricket side; following the Ashes | cricket, wicket, batsm, batter
baseball | playing baseball; going to the ballpark; keeping score at baseball matches; Little League baseball with the kids | baseball, ballpark, home run, pitcher, =mlb
American football | watching American football; touchdowns and long passes; the Super Bowl; coaching our quarterback | american football, touchdown, quarterback, =nfl, super bowl
golf | playing golf; eighteen holes of golf with friends; practising my putts; getting out on the fairway early | golf, fairway, =putter, =putts
skiing | skiing; carving down fresh slopes; cross-country skiing; a week in the snow on skis | =ski, =skis, skiing, skier, =slope, =slopes
snowboarding | snowboarding; powder days on my snowboard; jumps and rails on a snowboard; riding a snowboard with friends | snowboard
ice skating | ice skating; figure skating; gliding round the rink; skating on a frozen lake | ice skat, figure skat, =skating, skater, =rink
rowing | rowing; rowing in an eight; early mornings with oars on the water; the indoor rowing machine | =rowing, rower, =oar, =oars
kayaking | kayaking; paddling down rivers; white water in my kayak; canoe trips with the kids | kayak, canoe, paddl
judo | judo; judo throws; training in a white judogi; going for my next belt in judo | judo
karate | karate; practising kata; karate lessons at the dojo; earning my black belt | karate, =kata, black belt, =dojo
tai chi | tai chi; slow tai chi forms in the park; qigong before breakfast | tai chi, qigong
yoga | doing yoga; sun salutations on my yoga mat; vinyasa classes; a yoga retreat by the lake | yoga, yogi, =asana, =asanas, vinyasa
pilates | pilates; pilates classes; working on my core with Pilates | pilates
weightlifting | lifting weights; weightlifting; deadlifts and squats; getting stronger at the gym | weightlift, weight lift, lifting weights, barbell, dumbbell, deadlift, strength training, =gym, =gyms, =squats
parkour | parkour; vaulting over walls; free running across the city; learning safe landings in parkour | parkour, freerun, free running, vault
triathlon | triathlons; training for an Ironman; the swim, bike and run of a triathlon | triathl, ironman
orienteering | orienteering; finding control points with a compass; racing through forests with a compass | orienteer, compass
geocaching | geocaching; hunting for hidden caches with my GPS; hiding a geocache in town | geocach, =cache, =caches, =gps
camping | camping; sleeping in a tent; evenings round the campfire; wild camping far from any road | =camp, camping, campsite, campfire, camper, =tent, =tents
fishing | fishing; waiting for trout with my rod; fly fishing; quiet hours angling by the canal | fishing, fisherm, =angling, =angler, =anglers, =trout, =carp
paragliding | paragliding; gliding over valleys under a canopy; hang-gliding; catching thermals with my paraglider | paraglid, hang-glid, glider, =gliding
skydiving | skydiving; jumping out of a plane with a parachute; free fall | skydiv, parachut, free fall, freefall
bowling | bowling; ten-pin bowling; going for a strike at the bowling alley; bowling league night | bowling, tenpin, ten-pin, bowling alley
darts | playing darts; darts nights at the pub; practising doubles on my dartboard; trying for a hundred and eighty at darts | =darts, =dart, dartboard
snooker | snooker and pool | playing snooker; a frame of snooker; potting balls; billiards and pool at the club | snooker, billiard, =cue, =cues
frisbee | throwing a frisbee; ultimate frisbee; disc golf in the woods | frisbee, disc golf
pétanque | playing pétanque; boules under the plane trees; a slow game of pétanque | petanque, =boules
curling | curling; sweeping in front of a curling stone; curling with the winter team | =curling, curler
handball | playing handball; watching the handball league; keeping goal in handball | handball
water polo | playing water polo; water polo practice; water polo tournaments | water polo
wrestling | wrestling; wrestling shows; learning new wrestling holds; old-school wrestlers | wrestl
Formula One | Formula One racing | watching Formula One; grand prix Sundays; motor racing; lap times and pit stops | formula one, formula 1, =f1, grand prix, =racing, race car, racing car, pit stop, race track, racetrack
the Olympics | the Olympics; watching the Winter Olympics; athletics; reliving old Olympic finals | olympi, athletics, medal
cheerleading | cheerleading; stunts and pom-poms; choreographing cheers for our squad | cheerlead, pom-pom, =cheers
bushcraft | bushcraft; lighting fires without matches; building shelters from branches; wilderness survival | bushcraft, wilderness, survival, =shelters
caving | caving; crawling through caves; exploring caverns with a headlamp; underground rivers and stalactites | =cave, =caves, =caving, cavern, spelunk, stalactit
sledging | sledging; racing toboggans; dog sledding; flying downhill on an old wooden sledge | =sled, =sleds, sledding, sledg, toboggan
juggling | juggling; juggling clubs and torches; learning the five-ball cascade | juggl
kite flying | flying kites; building kites; stunt kites at the beach | =kite, =kites, kite fly
netball | playing netball; netball on Wednesday evenings; our netball league | netball
Zumba | fitness classes | Zumba; aerobics classes; sweating to loud music in a fitness class; step aerobics and spin classes | zumba, aerobic, fitness, workout
`);
