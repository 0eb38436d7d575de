/** Training interests: home, body and mind, causes, and passions that come from work. */
import { interestsFrom } from './interest.ts';

export const LIFE_INTERESTS = interestsFrom(`
interior design | interior design | interior design; choosing colours and curtains; rearranging the living room; Scandinavian living rooms | interior, decor, curtain, wallpaper, living room, cushion
DIY | DIY at home | DIY; putting up shelves; drilling and plastering; renovating our old house | =diy, renovat, home improvement, plaster, =drill, toolbox, =shelves
upcycling | upcycling | upcycling; turning pallets into benches; upcycling bottles into lamps; upcycling old jeans into bags | upcycl, repurpos, reus, pallet
second-hand clothes | vintage clothes | vintage clothes; charity shops; thrifting; vintage dresses from the fifties | vintage cloth, vintage fashion, vintage dress, vintage shop, vintage store, thrift, second-hand, secondhand, charity shop
sneakers | sneakers | sneakers; collecting Air Jordans; limited trainers; cleaning my white sneakers | sneaker, jordans, =trainers, =shoe, =shoes, nike, adidas
skincare | skincare | skincare; serums and sunscreen; face masks; mixing my own skin creams | skincare, skin care, skin-care, =skin, serum, sunscreen, moisturi, face mask
meditation | meditation | meditation; meditating in silence; breathing exercises; mindfulness retreats | meditat, mindful, breathing
saunas | saunas and spas | saunas; thermal baths; massages; spa days | sauna, =spa, =spas, massage, steam room, thermal bath
sleep | better sleep | sleep; naps; bedtime routines; dream diaries | =sleep, sleeping, =nap, =naps, bedtime, insomnia
parenting | parenting | being a parent; bedtime with my toddlers; family days with my kids; being a parent of twins | parent, toddler, =kids, =child, children, =baby, babies, motherhood, fatherhood
grandchildren | grandchildren | looking after my grandchildren; spoiling my grandkids; Sundays with my grandson | grandchild, grandkid, grandson, granddaughter, grandparent
weddings | weddings | planning weddings; bridal gowns; wedding tables and confetti | wedding, =bride, bridal, =groom, =vows
parties | throwing parties | throwing parties; costume parties; decorating the house for guests; planning surprise parties | =party, =parties, party planning
Christmas | Christmas | Christmas; decorating the Christmas tree; Advent; carols and mulled drinks | christmas, =advent, =carols, santa, =elf, reindeer
Halloween | Halloween | Halloween; carving pumpkins; costumes on the thirty-first of October; trick or treat | halloween, pumpkin, trick-or-treat, trick or treat, costume
fireworks | fireworks | fireworks; fireworks on New Year's Eve; firework displays | firework, pyrotechn
volunteering | volunteering | volunteering; volunteering in my neighbourhood; shifts at the charity shop; visiting lonely people | volunteer, charit, lonely
food banks | food banks | helping at the food bank; saving food for the food bank; soup kitchens | food bank, food pantry, soup kitchen, hunger, food waste, hungry
homelessness | helping the homeless | helping homeless people; the night shelter; handing out blankets to homeless people | homeless, night shelter, rough sleep, housing
animal shelters | animal shelters | helping at the animal shelter; rehoming strays; fostering old pets | animal shelter, animal rescue, stray, rescue animal, rescue dog, =pet, =pets, adoption, adoptable, foster home, foster care
beach clean-ups | beach clean-ups | beach clean-ups; picking up litter; fishing plastic out of rivers | clean-up, cleanup, litter, plastic, =trash, pollution
recycling | recycling and zero waste | zero waste; recycling; living without plastic; repair cafés | recycl, zero waste, zero-waste, =waste, plastic
fair trade | fair trade | fair trade; paying growers a fair price; fair trade shopping; the fair trade shop in our town | fair trade, fairtrade, fair price, grower
feminism | feminism | feminism; equal pay; women in history; suffragettes | feminis, women, gender, equal pay, suffrag
Pride | Pride and equality | Pride; LGBT choirs and marches; equality for everyone; drag shows | =lgbt, lgbtq, =queer, =gay, rainbow, equality, pride parade, pride march, pride month, pride event, pride flag, drag show, drag queen
accessibility | access for disabled people | wheelchair access; making websites usable for blind people; disability sports | disab, wheelchair, accessib, =blind, braille, inclusi
elderly care | caring for old people | visiting old people; reading to residents of a care home; tea dances for seniors | elder, =senior, =seniors, care home, nursing home, old people, older people
mental health | mental health | mental health; talking openly about anxiety; peer support groups; mental health work | mental health, anxiety, depress, therap, peer support, well-being, wellbeing
politics | politics | politics; elections; local politics; council meetings | politic, election, =vote, =votes, voter, voting, parliament, democra, =council, government
trade unions | trade unions | trade unions; workers organising; strike history; fair wages | =union, =unions, worker, =strike, =strikes, labour, =labor, =wage, =wages
peace | peace work | the peace movement; nuclear disarmament; mediation between enemies; peace marches | =peace, pacifis, disarm, mediation, nonviolen, non-violen, reconcil
literacy | adult literacy | teaching adults literacy; literacy classes; literacy work at schools | literacy, literate, adult learn
teaching | teaching | teaching; inventing lessons; teaching things to children; good lessons and curious pupils | teach, =lesson, =lessons, classroom, =pupil, =pupils, educat
nursing | nursing | nursing; caring for patients; night shifts on the ward; hospice work | nurs, hospital, hospice, =ward, =patients
first aid | first aid | first aid; teaching CPR; volunteering with the ambulance; bandages and drills | first aid, first-aid, =cpr, ambulance, paramedic, bandag, lifesav
firefighting | firefighting | the volunteer fire brigade; fire engines; rescue drills with hoses | firefight, fire brigade, fire engine, fire station, fire truck, fire department, fire safety
law | law | law; courtroom arguments; reading court judgments; constitutional law | =law, =laws, lawyer, legal, courtroom, =court, =courts, attorney, justice
investing | investing | investing; shares and bonds; investing in small companies; the stock market | stock market, =stocks, =shares, =bonds, portfolio, dividend, financ, =invest, investing, investment, investor
personal finance | saving money | budgeting; saving money; saving up to retire early; budgeting every penny | budget, saving money, save money, savings, =debt, retire, financ
start-ups | starting a business | start-ups; pitching ideas; founding start-up companies; small business plans | startup, start-up, entrepreneur, =founder, =founders, business, pitch
marketing | marketing | marketing; slogans; brand campaigns; adverts that go viral | marketing, slogan, =brand, =brands, branding, advert, campaign
leadership | leadership | leading teams; coaching colleagues; leadership training; management books | leadership, =leader, =leaders, coaching, management, manager, mentor
real estate | houses and property | viewing houses; property shows; buying and doing up flats; floor plans | real estate, property, properties, =flats, apartment, mortgage, floor plan
farming | farming | farming; sowing barley; haymaking on the farm; life on a smallholding | =crop, =crops, barley, =hay, barn, agricultur, smallholding, =farm, =farms, farmer, farming, farmland
urban planning | urban planning | urban planning; walkable streets; planning better city squares and neighbourhoods; how cities grow | urban plan, city plan, urban design, walkab, =city, =cities, neighbourhood, neighborhood
tiny houses | tiny houses | tiny houses; living in a tiny house; cabins on wheels | tiny house, tiny home, small house, small home, =cabin, =cabins
self-sufficiency | living off the land | living off the land; homesteading; rainwater barrels; growing all we eat on our homestead | homestead, self-suffic, off the land, off-grid, off the grid, rainwater
Scouts | the Scouts | the Scouts; scout camps; knots and badges; leading our Cub pack | =scout, =scouts, scouting, =cub, =cubs, =badge, =badges, girl guide
the Bible | Bible study | Bible study; the Psalms; church on Sundays; parables | bible, biblical, =psalm, =psalms, gospel, parable, scripture, =church, =jesus, =prayer
Buddhism | Buddhism | Buddhism; Zen; sitting in Buddhist temples; reading the Dalai Lama | buddh, =zen, dalai lama, dharma
pilgrimages | pilgrimages | pilgrimages; walking to Santiago; old pilgrim paths and chapels | pilgrim, santiago, camino, chapel
youth coaching | coaching children's sport | coaching an under-tens team; youth sport; coaching kids on Saturdays; youth teams and their touchlines | coach, youth, under-tens, youth sport, touchline
fundraising | fundraising | fundraising; fundraising walks; charity bake sales; raffles for the hospice | fundrais, fund-rais, raise money, raising money, raffle, donat, charit, bake sale
event planning | organising events | organising events; planning events in our street; conferences; running the village fête | =events, conference, organizer, organiser, =fete, event plan, event organ
translation | translating | translating; translating tricky sentences; subtitles and interpreting | translat, subtitle, bilingual, interpreter
happiness | the science of happiness | happiness research; gratitude lists; happiness in small joys; kindness | happiness, gratitude, grateful, kindness
hygge | cosy evenings at home | cosy evenings; blankets and fairy lights; hygge; log fires and warm socks | cosy, cozy, hygge, blanket, fireplace, fairy lights
productivity | productivity | productivity; to-do lists; bullet journals; time management systems | productiv, to-do list, bullet journal, time management, planner
memory training | memory techniques | memory training; memory palaces; memorising long numbers; mnemonics | memory palace, memory technique, mnemonic, memoris, memoriz, memory training
self-defence | self-defence | self-defence; Krav Maga; teaching women to defend themselves | self-defen, self defen, krav maga, defend
`);
