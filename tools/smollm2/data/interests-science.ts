/** Training interests: science, technology and machines. */
import { interestsFrom } from './interest.ts';

export const SCIENCE_INTERESTS = interestsFrom(`
programming | programming | programming; coding in Python; writing software; fixing bugs in my code at midnight | programm, =code, =coding, =coder, python, software, javascript, developer, =app, =apps
web design | web design | building websites; web design; CSS and HTML; making web pages load fast | website, web design, web develop, web page, webpage, =html, =css
app development | making apps | making phone apps; my first iPhone app; designing screens for a mobile app | =app, =apps, mobile app
game development | making video games | making my own video games; Unity and Godot; game jams; designing levels and sprites | game develop, game design, video game, game jam, =unity, godot, sprite
artificial intelligence | artificial intelligence | artificial intelligence; training neural networks; machine learning; chatbots | artificial intelligence, =ai, machine learning, neural net, chatbot, deep learning
data science | data and statistics | playing with data; statistics; making charts; predicting things with spreadsheets | =data, dataset, statistic, spreadsheet, data visuali, data analy
building PCs | building computers | building PCs; overclocking; picking graphics cards; water-cooled computers | computer, =pc, =pcs, overclock, graphics card, =gpu, =cpu, motherboard
retro computers | retro computers | retro computers; my Commodore 64; restoring an Amiga; floppy disks and green screens | retro comput, vintage comput, old computer, commodore, amiga, computer, floppy disk
open source | Linux and open source | Linux; open-source software; my home server; the command line | linux, open source, open-source, ubuntu, =server, command line
electronics | electronics | soldering circuits; electronics; Arduino boards and sensors; repairing amplifiers | electronic, circuit, solder, arduino, sensor, raspberry pi, transistor
amateur radio | amateur radio | amateur radio; Morse code; building radio antennas; talking to strangers on short wave | amateur radio, ham radio, =radio, =radios, morse, antenna, shortwave, short wave
3D printing | 3D printing | 3D printing; designing parts for my printer; printing spare knobs and gears | 3d print, 3d-print, printer, filament
virtual reality | virtual reality | virtual reality; my VR headset; wandering round virtual worlds | virtual reality, =vr, headset, virtual world
smart homes | smart homes | home automation; smart bulbs and thermostats; voice assistants all over my smart home; wiring up my smart home | smart home, home automation, thermostat, smart bulb, smart light, smart speaker, smart device
gadgets | gadgets | gadgets; unboxing new phones; testing headphones; smartwatches and other gadgets | gadget, smartphone, =phone, =phones, headphone, smartwatch
classic cars | classic cars | classic cars; restoring a vintage Beetle car; classic car rallies; polishing the chrome on my old Mini | =car, =cars, automobile, =vehicle, =vehicles, automotive, roadster, convertible, =mini, chrome
car repair | repairing cars | fixing cars; changing clutches; tinkering with engines; days under the bonnet of an old car | =car, =cars, =garage, =vehicle, automotive, =mechanic, =engine, =engines
electric cars | electric cars | electric cars; planning charging stops for my electric car; comparing battery ranges; converting a van to electric | electric car, electric vehicle, =ev, =evs, batter, tesla, charging station
trucks | trucks | trucks; big lorries; monster trucks; long-haul truck driving | truck, lorry, lorries
tractors | tractors | tractors; old Massey Ferguson tractors; ploughing matches; combine harvesters | tractor, plough, harvester
buses | buses and trams | buses; riding trams to the last stop; timetables; double-deckers; photographing rare buses | =bus, =buses, =tram, =trams, timetable, double decker, public transport, transit
aviation | aeroplanes | aeroplanes; flying small planes; plane spotting; cockpits and old jets | aviat, aeroplane, airplane, aircraft, =pilot, =pilots, cockpit, =plane, =planes, =jet, =jets, airport
flight simulators | flight simulators | flight simulators; landing virtual jets in a flight simulator; building a home cockpit; flight sims with virtual airlines | flight sim, simulator, cockpit, =pilot, aircraft, airplane
helicopters | helicopters | helicopters; rotor blades; watching rescue helicopters land; radio-controlled helicopters | helicopter, =rotor, chopper
bridges | bridges | bridges; suspension bridges; visiting famous bridges; learning how arches carry load | =bridge, =bridges, =arches
skyscrapers | skyscrapers | skyscrapers; the Chrysler Building; the viewing platforms of skyscrapers; photographing skylines | skyscraper, skyline, high-rise, =tower, =towers
engineering | engineering | engineering; designing machines; gears and levers; learning how machines are made | engineer, machine, =gears, =lever
inventions | inventions | inventing things; Edison and Tesla; patents; odd inventions that nobody asked for | patent, edison, =invent, invented, inventor, inventi
clocks | clocks and watches | repairing clocks; mechanical watches; grandfather clocks; the tiny gears of old clocks | =clock, =clocks, clockwork, wristwatch, pocket watch, =watches, watchmak, horolog
lock picking | lock picking | picking locks; padlocks; learning how locks work from the inside | =lock, =locks, padlock, lockpick, lock-pick
typewriters | typewriters | typewriters; restoring an Olivetti; typing letters on a clattering typewriter | typewriter, olivetti
metal detecting | metal detecting | metal detecting; finding old buckles with a metal detector; sweeping fields with my detector | metal detect, detector, buried treasure
mathematics | mathematics | mathematics; proving theorems; prime numbers; solving equations for fun | math, theorem, equation, geometry, algebra, calculus, prime number
chemistry | chemistry | chemistry; growing copper sulphate in jars; the periodic table; safe little chemical explosions | chemis, periodic table, molecul, =chemical, =chemicals
biology | biology | biology; cells and DNA; learning how cells work; evolution | biolog, =cell, =cells, =dna, evolution, organism
genetics | genetics | genetics; reading about genes; CRISPR; Mendel's peas | genetic, =gene, =genes, =dna, genom, crispr, mendel
medicine | medicine | medicine; anatomy books; medicine and how the heart works; case reports from doctors | medic, anatom, doctor, surgeon, surgery, disease
neuroscience | the brain | neuroscience; how the brain works; brain scans and memory research; neurons | neuro, =brain, =brains
psychology | psychology | psychology; the psychology of why people do what they do; Freud and Jung; reading about personality | psycholog, freud, =jung, personality, behavio
etymology | the origin of words | etymology; finding out where words come from; dialects; the origins of strange old words | etymolog, linguist, dialect, word origin, origin of words, origins of words, vocabulary
geology | geology | geology; reading rock layers; plate tectonics; limestone and slate | geolog, tectonic, limestone, sediment, rock layer, rock formation, =slate
oceanography | the deep sea | the deep sea; oceanography; anglerfish and giant squid; submarines on the sea floor | =ocean, =oceans, oceanograph, deep sea, deep-sea, squid, submarine, marine
climate | protecting the climate | protecting the climate; climate science; cutting my carbon footprint; global warming talks | climate, carbon, global warming, emission, greenhouse gas, sustainab, environmental
ecology | ecology | ecology; food webs; how ecosystems stay in balance; ecosystems | ecolog, ecosystem, food web, biodivers
economics | economics | economics; inflation and trade; the economics of everyday life; reading about how markets fail | econom, inflation, =trade, =markets
sociology | sociology | sociology; the sociology of big cities; studies about society | sociolog, social class, inequal
anthropology | anthropology | anthropology; rituals and kinship; anthropology of remote islands; anthropologists' field notes | anthropolog, ritual, =tribe, =tribes, indigenous
archaeology | archaeology | archaeology; excavating on Roman sites; cleaning excavated shards with a toothbrush; the ruins of Iron Age forts | archaeolog, archeolog, artifact, artefact, excavat, =ruins, =dig, =digs
cryptocurrency | cryptocurrencies | cryptocurrencies; Bitcoin; blockchain; trading crypto tokens | crypto, bitcoin, blockchain, ethereum
science experiments | science experiments at home | home experiments; baking soda rockets; science kits with the kids; homemade slime and batteries | experiment, science kit, baking soda, =slime, scientif
hi-fi | hi-fi audio | hi-fi; building loudspeakers; valve amplifiers; comparing headphones | hi-fi, =audio, speaker, loudspeaker, amplifier, headphone, audiophil
nuclear energy | nuclear power | nuclear energy; how reactors work; visiting power stations | nuclear, reactor, power station, power plant
`);
