/** Training interests: music, dance and the stage. */
import { interestsFrom } from './interest.ts';

export const MUSIC_INTERESTS = interestsFrom(`
piano | the piano | playing the piano; practising Chopin; learning ragtime at the keyboard; sitting at my old upright piano | piano, chopin, =keyboard, ragtime
guitar | the guitar | playing the guitar; strumming chords on the porch; electric guitars; fingerstyle guitar | guitar, =chord, =chords, strum
bass guitar | the bass guitar | playing bass; slapping my bass guitar; learning funky bass lines | =bass, bassist, bassline
drums | the drums | playing the drums; banging away on my drum kit; practising paradiddles; hand drums and djembes | =drum, =drums, drumm, djembe, percussi
flute | the flute | playing the flute; flute duets; learning the piccolo and the recorder | flute, flautist, flutist, piccolo
clarinet | the clarinet | playing the clarinet; klezmer on the clarinet; clarinet practice | clarinet, klezmer
trumpet | the trumpet | playing the trumpet; blowing my trumpet; trumpet and cornet solos | trumpet, cornet
cello | the cello | playing the cello; Bach's cello suites; the deep sound of a cello | cello, cellist
ukulele | the ukulele | playing the ukulele; ukulele singalongs; plucking my little ukulele | ukulele
banjo | the banjo | playing the banjo; bluegrass picking; clawhammer banjo | banjo, bluegrass
harmonica | the harmonica | playing the harmonica; bending notes on a mouth organ; harmonica tunes by the fire | harmonica, mouth organ
organ | the pipe organ | playing the church organ; pipe organs; the organ loft on Sunday mornings | =organ, =organs, organist, pipe organ
harp | the harp | playing the harp; plucking harp strings; Celtic harp music | =harp, =harps, harpist
choir singing | singing in a choir | singing in a choir; four-part choral music; choir practice on Tuesdays; holding the alto line | choir, choral, =singing, =sing, singer, =alto, vocal
songwriting | songwriting | writing songs; finding melodies and lyrics; songwriting; finishing a song's lyrics at midnight | songwrit, song writ, lyric, writing song, =melody, melodies
karaoke | karaoke | karaoke; belting out ballads at karaoke; karaoke nights with colleagues | karaoke
classical music | classical music | classical music; Mozart and Beethoven; symphonies; classical chamber concerts | classical, mozart, beethoven, symphon, =bach, orchestra, concerto
rock music | rock music | rock music; rock bands with loud guitars; old rock albums; seeing bands live | rock music, rock band, rock song, rock album, rock concert, rock and roll, =band, =bands
heavy metal | heavy metal | heavy metal; headbanging; metal festivals; thrash metal and doom metal | heavy metal, =metal, metalhead, headbang
punk | punk | punk rock; three-chord punk songs; tiny punk gigs in cellars; collecting punk fanzines | punk
hip hop | hip hop | hip hop; rapping; writing rap lines over a loop; old-school rap | hip hop, =rap, rapper, rapping, =mc
electronic music | electronic music | electronic music; making beats on my laptop; house and techno; ambient synth sounds | electronic music, techno, =synth, =synths, synthesizer, synthesiser, house music, =edm, =beats
DJing | DJing | DJing; DJing at parties; scratching on my turntables; building DJ sets | =dj, =djs, =djing, deejay, turntable
reggae | reggae | reggae; Bob Marley; dub and ska; reggae sound systems | reggae, marley, =ska, =dub
blues | the blues | the blues; Delta blues; B.B. King records; twelve-bar blues | =blues, bluesy, bluesman, b.b. king
country music | country music | country music; Dolly Parton and Johnny Cash; Nashville songs; honky-tonk evenings | country music, country song, country singer, nashville, dolly, johnny cash, honky
folk music | folk music | folk music; old folk ballads; folk sessions in the pub; folk songs that fishermen sang | =folk, folk music, folk song, folksong
soul music | soul and Motown | soul music; Motown; Aretha Franklin; old Stax records | soul music, motown, aretha, =stax, soul singer
gospel | gospel music | gospel music; singing gospel; gospel choirs; spirituals | gospel, spirituals
K-pop | K-pop | K-pop; learning BTS dances; Blackpink; collecting K-pop albums | k-pop, kpop, =bts, blackpink
film scores | film music | film music; soundtracks; John Williams and Hans Zimmer; collecting film scores | soundtrack, film score, movie score, film music, zimmer, john williams
salsa | salsa dancing | dancing salsa; bachata and merengue; salsa nights; spinning to Latin music | salsa, bachata, merengue, latin danc, latin music, danc
tango | tango | dancing tango; Argentine tango; tango evenings in a milonga | tango, milonga
ballroom dancing | ballroom dancing | ballroom dancing; waltz and foxtrot; quickstep competitions; dancing with my wife in the ballroom | ballroom, waltz, foxtrot, quickstep, danc
breakdancing | breakdancing | breakdancing; street dance; headspins and freezes; b-boy battles | breakdanc, break danc, street danc, b-boy, headspin
tap dancing | tap dancing | tap dancing; tap shoes on a wooden floor; Fred Astaire routines | tap danc, tap shoe, astaire
belly dancing | belly dancing | belly dancing; shimmying in a coin belt; belly dance workshops | belly danc, shimm
line dancing | line dancing | line dancing; line dances in cowboy boots; line dance evenings | line danc
theatre | theatre | acting in plays; going to the theatre; rehearsing with our drama group; being on stage | theatre, theater, theatric, =drama, on stage, =actor, =actors, =acting, actress
Shakespeare | Shakespeare | Shakespeare; seeing Hamlet; reading Macbeth aloud; Shakespeare in the park | shakespeare, hamlet, macbeth, romeo
vinyl records | vinyl records | collecting vinyl; digging through crates of records; old LPs; cleaning and playing vinyl records | vinyl, =records, record player, record store, =lp, =lps, turntable
music festivals | music festivals | music festivals; summers at open-air concerts; Glastonbury; dancing in a muddy field to live bands | festival, glastonbury, live music, =gig, =gigs, =concert, =concerts
Eurovision | Eurovision | Eurovision; ranking every Eurovision song; hosting Eurovision parties | eurovision
music production | music production | producing music; recording in my home studio; mixing and mastering tracks in my studio; producing music with sampled sounds | music produc, recording studio, home studio, producing music, record music
beatboxing | beatboxing | beatboxing; making drum sounds with my mouth; beatbox battles | beatbox
brass bands | brass bands | brass bands; playing the tuba; trombones on parade; the euphonium | =brass, =tuba, trombon, euphonium
bell ringing | bell ringing | ringing church bells; change ringing; handbells | =bell, =bells, handbell
circus | the circus | the circus; trapeze lessons; clowning; acrobats and tightropes | circus, trapeze, clown, acrobat, tightrope
mime | mime | mime; pantomime; telling things without words like Marcel Marceau | =mime, =mimes, pantomim, marceau
barbershop | a cappella singing | a cappella; singing barbershop; close harmony with three friends | a cappella, barbershop, vocal harmon, close harmon
The Beatles | the Beatles | the Beatles; Abbey Road; Lennon and McCartney; collecting Beatles records | beatles, lennon, mccartney, abbey road
conducting | conducting an orchestra | conducting; studying scores and leading an orchestra; conducting our youth orchestra | =conducting, =conductor, =conductors, orchestra, baton
busking | busking | busking; playing music to strangers in the street; street musicians; busking at the market square | busk, street music, street perform
music boxes | music boxes; repairing old musical boxes; barrel organs | music box, musical box, barrel organ
pop music | pop music | pop music; Taylor Swift; dancing to ABBA; knowing every pop song in the charts | pop music, =pop, =abba, taylor swift, pop song
disco | disco | disco; glitter balls and seventies hits; Donna Summer; disco nights under a mirror ball | =disco, =discos, donna summer, seventies
`);
