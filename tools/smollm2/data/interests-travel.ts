/** Training interests: travel, countries, languages and the past. */
import { interestsFrom } from './interest.ts';

export const TRAVEL_INTERESTS = interestsFrom(`
backpacking | backpacking | backpacking; hostels in far-off countries; travelling for months with one bag; backpacking across borders on foot | backpack, travel, hostel
road trips | road trips | road trips; road trips along the coast with no plan; motels and roadside diners | road trip, roadtrip, motel, scenic drive, highway
cruises | cruises | cruises; river cruises; evenings on deck; cruise ships | cruis, on deck, =ship, =ships
city breaks | city breaks | city breaks; wandering through foreign cities; city breaks with quiet squares; travelling somewhere new each month | travel, sightsee, city break, city trip
camper vans | camper vans | our camper van; van life; converting a van; caravans by the sea | camper, campervan, =van, =vans, caravan, motorhome
Japan | Japan | Japan; Kyoto temples; cherry blossom; Tokyo side streets; Japanese culture | japan, tokyo, kyoto, samurai, cherry blossom, kimono
Italy | Italy | Italy; Tuscany; slow days in Rome; Venice out of season | italy, italian, =rome, tuscan, venice, venetian, florence, sicil
France | Paris and France | Paris; Provence; French villages; strolling along the Seine | france, french, provence, =seine, eiffel, =paris, parisian
Spain | Spain | Spain; Andalusia; flamenco evenings in Seville; walking the Camino | spain, spanish, barcelona, madrid, seville, andalusia, flamenco, camino
Portugal | Portugal | Portugal; Lisbon trams; fado; custard tarts in Porto | portug, lisbon, =porto, =fado
Greece | the Greek islands | the Greek islands; Crete; ferry hopping round the Greek islands; whitewashed villages above the Aegean | greece, greek, =crete, aegean, santorini, athens
Germany | Germany | Germany; Berlin; Christmas markets in Nuremberg; half-timbered German towns | german, berlin, bavaria, munich, nuremberg
the Netherlands | the Netherlands | the Netherlands; tulip fields; Amsterdam; windmills and dikes | netherlands, dutch, amsterdam, tulip, windmill, holland
Ireland | Ireland | Ireland; Galway; Irish pubs with peat fires and tin whistles; the Irish coast | ireland, irish, dublin, galway, celtic, =celts
Norway | Norway | Norway; fjords; Norwegian cabins above the Arctic Circle; Norwegian winters | norway, norwegian, fjord, =oslo, scandinav
Finland | Finland and saunas | Finland; saunas by the lake; Helsinki; the Moomins | finland, finnish, finns, sauna, helsinki, moomin
Iceland | Iceland | Iceland; geysers; hot springs; the ring road round Iceland | iceland, geyser, hot spring, reykjav
Switzerland | the Alps | the Alps; Swiss villages; alpine huts; alpine cable cars and cowbells | =alps, alpine, switzerland, swiss, zurich
Vienna | Vienna | Vienna; Viennese coffee houses; the Ringstrasse; waltzes at the New Year's concert | vienna, viennese, austria, =waltz, waltzes
Prague | Prague | Prague; Bohemian castles; Kafka's alleys; Prague at dawn | prague, czech, bohemia, kafka
Poland | Poland | Poland; Kraków; pierogi; Polish posters | =poland, =polish, krakow, warsaw, pierogi
Turkey | Turkey | Istanbul; Turkish bazaars; Cappadocia; ferries on the Bosphorus | turkey, turkish, istanbul, bosphorus, cappadocia, bazaar, ottoman
Morocco | Morocco | Morocco; Marrakesh souks; Moroccan riads; mint tea in Fez | morocc, marrakesh, marrakech, =souk, =souks, =riad
safaris | safaris in Africa | safaris; Kenya; the Serengeti; safari drives at dawn | safari, kenya, serengeti, africa, tanzania, savanna
India | India | India; Rajasthan; monsoon evenings in Kerala; the Taj Mahal | india, indian, rajasthan, kerala, taj mahal, delhi, mumbai
Nepal | Nepal and the Himalayas | Nepal; the Himalayas; trekking to Everest base camp; prayer flags in Nepal | nepal, himalaya, everest, kathmandu, sherpa
Thailand | Thailand | Thailand; Thai island beaches near Krabi; Thai temples; Chiang Mai | =thai, thailand, bangkok, chiang mai, phuket
Vietnam | Vietnam | Vietnam; Hanoi; lanterns in Hoi An; bowls of pho | vietnam, hanoi, =pho, saigon, ho chi minh
China | China | China; the Great Wall; Shanghai; Chinese history | china, chinese, beijing, shanghai, great wall
Australia | Australia | Australia; the outback; Sydney; the red earth of Australia | australia, outback, sydney, melbourne, aboriginal
New Zealand | New Zealand | New Zealand; Maori culture; New Zealand sheep stations; the South Island of New Zealand | new zealand, maori, =kiwi, auckland
Canada | Canada | Canada; the Rockies; lakes in Quebec; maple forests | canad, quebec, rockies, toronto, vancouver, maple
Alaska | Alaska | Alaska; bush planes over Alaska; cabins in the Yukon; Alaskan salmon rivers | alaska, yukon, gold rush
New York | New York | New York; Central Park; Brooklyn; New York and its yellow taxis | new york, manhattan, brooklyn, central park
California | California | California; redwoods; Highway One in California; San Francisco | california, redwood, san francisco, los angeles, yosemite
Hawaii | Hawaii | Hawaii; hula; Maui beaches; sunsets on Hawaii | hawaii, =hula, =maui, honolulu, =luau
Brazil | Brazil | Brazil; samba; Rio carnival; caipirinhas on Copacabana | brazil, samba, =rio, carnival, copacabana, bossa nova
Argentina | Argentina | Argentina; Patagonia; gauchos; Buenos Aires | argentin, patagonia, gaucho, buenos aires
Peru | Peru and the Incas | Peru; Machu Picchu; the Incas; llamas in the Andes | =peru, peruvian, machu picchu, =inca, =incas, =andes, llama
Cuba | Cuba | Cuba; Havana; old Chevrolets in Havana; son and rumba | =cuba, cuban, havana, rumba
the Caribbean | the Caribbean | the Caribbean; Jamaica; hammocks and palm trees; steel drums | caribbean, jamaica, barbados, palm tree, steel drum
ancient Rome | ancient Rome | ancient Rome; Roman emperors; gladiators; legions and aqueducts | =roman, =romans, =rome, gladiator, emperor, caesar, aqueduct, legion
ancient Greece | ancient Greece | ancient Greece; Sparta; ancient Greek temples and columns; the Acropolis | ancient greece, ancient greek, =greek, =greeks, sparta, acropolis, parthenon, athens
the Middle Ages | the Middle Ages | the Middle Ages; knights; monasteries; medieval fairs | middle ages, medieval, knight, monaster, crusad
castles | castles | castles; visiting ruined castles; castle moats and towers; castle tours | castle, fortress, =moat
the Tudors | the Tudors | the Tudors; Henry VIII and his wives; Elizabethan court life | tudor, henry viii, elizabethan, anne boleyn, elizabeth i
the Victorian era | the Victorian age | the Victorians; gaslight and parlours; Queen Victoria; Victorian inventions | victorian, queen victoria, gaslight
the First World War | the First World War | the First World War; trench diaries; battlefields in Flanders | world war, =wwi, =ww1, trench, great war, flanders, =the war
the Second World War | the Second World War | the Second World War; D-Day; Spitfires; wartime memories | world war, =wwii, =ww2, d-day, spitfire, wartime, churchill, =the war
Napoleon | Napoleon | Napoleon; Waterloo; Wellington; battles of the Grande Armée | napoleon, waterloo, wellington
the American Civil War | the American Civil War | the American Civil War; Gettysburg; Lincoln; Civil War battlefields | civil war, gettysburg, lincoln, confedera
pirates | pirates | pirates; Blackbeard; treasure islands; tales of pirate ships | pirate, blackbeard, buccaneer, treasure island
samurai | samurai | samurai; samurai swords; ninjas; shoguns | samurai, =ninja, =ninjas, shogun, katana
the Silk Road | the Silk Road | the Silk Road; Samarkand; caravans and camels; Marco Polo | silk road, samarkand, camel, marco polo, caravan
local history | local history | local history; the local history of our town; town archives; our town's archives and the history of our street | local history, town history, archive
re-enactment | historical re-enactment | historical re-enactment; medieval camps; wearing chain mail; living history days | re-enact, reenact, chain mail, living history, medieval
the royal family | the royal family | the royal family; coronations; royal weddings; kings and queens | royal, coronation, monarch, =king, =kings, =queen, =queens
cathedrals | cathedrals | cathedrals; Gothic arches; old village churches; cloisters | cathedral, gothic, =church, =churches, cloister
folklore | folklore | folklore; trolls and goblins; local legends; the folklore of maypoles | folklor, folktale, folk tale, troll, goblin, =legend, =legends
coins | coin collecting | collecting coins; old Roman coins; sorting old banknotes | =coin, =coins, numismat, banknote, currency, currencies
antiques | antiques | antiques; auctions; antique silver spoons; antique fairs | antique, auction
flea markets | flea markets | flea markets; car boot sales; rummaging for bargains; second-hand treasures | flea market, car boot, bargain, second-hand, secondhand, thrift, yard sale
Spanish | learning Spanish | learning Spanish; Spanish grammar; chatting in Spanish with neighbours | spanish, =spain, language
French | learning French | learning French; French verbs; reading Camus in French | french, language
languages | learning languages | learning languages; vocabulary cards; my fourth foreign language; language exchanges | language, vocabulary, grammar, bilingual, multilingual, fluent
Japanese writing | learning Japanese | learning Japanese; kanji; hiragana practice; reading manga in Japanese | japan, kanji, hiragana, language
Latin | Latin | Latin; translating Cicero; Latin mottoes; reading Ovid | =latin, cicero, =ovid, virgil
Arabic | learning Arabic | learning Arabic; Arabic script; reading Arabic headlines | arabic, =arab, language
`);
