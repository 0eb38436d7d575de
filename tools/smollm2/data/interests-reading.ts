/** Training interests: reading, writing, games and media. */
import { interestsFrom } from './interest.ts';

export const READING_INTERESTS = interestsFrom(`
science fiction | science fiction | science fiction; stories about aliens and faraway futures; Isaac Asimov; time travel tales | science fiction, sci-fi, =alien, =aliens, asimov, time travel, dystopia, spaceship, futuristic
fantasy | fantasy novels | fantasy novels; elves and dragons; long tales with wizards; inventing fantasy kingdoms of my own | fantasy, dragon, wizard, =elf, =elves, =elven, sorcer, =quest
Tolkien | Tolkien's Middle-earth | Tolkien; the Lord of the Rings; hobbits and Middle-earth; learning Elvish | tolkien, lord of the rings, hobbit, middle-earth, middle earth, elvish, gandalf
Harry Potter | Harry Potter | Harry Potter; Hogwarts; rereading Harry Potter; being a proud Hufflepuff | harry potter, hogwarts, hufflepuff, gryffindor, rowling, wizard
historical novels | historical novels | historical novels; novels set in old courts; Hilary Mantel; historical fiction about families across centuries | historical novel, historical fiction, mantel, historical romance
romance novels | romance novels | romance novels; love stories with happy endings; Regency love stories; slow-burn romances | romanc, romantic, love story, love stories, regency
spy thrillers | spy thrillers | spy thrillers; John le Carré; double agents and other spies; James Bond | =spy, =spies, espionage, thriller, secret agent, le carre, james bond
biographies | biographies | biographies; memoirs; biographies of people I never heard of; autobiographies of odd people | biograph, memoir, autobiograph
fairy tales | fairy tales | fairy tales; the Brothers Grimm; retelling Cinderella; fairy tales from every country | fairy tale, fairytale, fairies, =fairy, grimm, cinderella, andersen, princess
mythology | Greek mythology | Greek myths; Zeus and Athena; the Odyssey; gods and heroes | =myth, =myths, mytholog, zeus, athena, odyssey, odysseus, =gods, goddess
Jane Austen | Jane Austen | Jane Austen; Pride and Prejudice; Mr Darcy; Jane Austen's Emma and Persuasion | jane austen, =austen, pride and prejudice, darcy, elizabeth bennet
Charles Dickens | Charles Dickens | Charles Dickens; Great Expectations; David Copperfield; Dickens at Christmas | dickens, oliver twist, great expectations, copperfield, scrooge
Russian literature | Russian novels | Russian novels; Tolstoy and Dostoevsky; Chekhov; Anna Karenina | russia, tolstoy, dostoevsk, dostoyevsk, chekhov, karenina
children's books | picture books | picture books; reading picture books to little ones; Winnie-the-Pooh; making picture books for children | picture book, children's book, childrens book, bedtime stor, winnie, pooh
manga | manga and anime | manga; anime; Studio Ghibli; One Piece and Naruto | manga, anime, ghibli, naruto, one piece, miyazaki
superheroes | superheroes | superhero comics; Spider-Man; Batman; Marvel films | superhero, super hero, spider-man, spiderman, batman, superman, marvel, =hero, =heroes
comics | comics | comics; graphic novels; Tintin and Asterix; collecting old comics | =comic, =comics, graphic novel, tintin, asterix
bookshops | second-hand bookshops | second-hand bookshops; first editions; the smell of old books; browsing dusty bookshops | bookshop, bookstore, book shop, book store, first edition, second-hand book, used book, old book
libraries | libraries | libraries; quiet library reading rooms; helping at the library; mobile libraries | librar
book clubs | book clubs | my book club; discussing novels over dinner; reading circles | book club, reading group, reading circle, novel, =novels
audiobooks | audiobooks | audiobooks; listening to audiobooks in the car; a good narrator; radio plays | audiobook, audio book, radio play, narrator, narrated
creative writing | writing fiction | writing novels; short stories; inventing characters for my novel; a writers' circle on Mondays | =novel, =novels, short story, short stories, fiction, =writer, =writers, creative writing, =author, =authors
diaries | keeping a diary | keeping a diary; journaling; writing three pages in my diary every morning; old diaries | diary, diaries, =journal, =journals, journaling, journalling
letters | writing letters | writing letters by hand; pen pals abroad; sealing wax and nice envelopes | =letter, =letters, pen pal, penpal, pen-pal, envelope, stationery, postcard
storytelling | oral storytelling | storytelling by the fire; storytelling evenings; folk legends told aloud | storytell, campfire stor, =legend, =legends, tall tale
debating | debating | debating; debating both sides of a question; debate club; parliamentary debates | debat, =argument, =arguments
public speaking | public speaking | public speaking; public speaking and giving talks; Toastmasters; writing speeches | public speak, speech, toastmaster, =speaker, orator, presentation skill
quizzes | quizzes | pub quizzes; trivia; general knowledge quizzes; writing quiz questions | quiz, trivia
crosswords | crosswords | crosswords; cryptic crosswords; word puzzles; the Sunday crossword with a pencil | crossword, word puzzle, =puzzle, =puzzles, wordplay
sudoku | sudoku and logic puzzles | sudoku; logic puzzles; number puzzles; brain-teasers | sudoku, logic puzzle, =puzzle, =puzzles, brain teaser, brain-teaser
jigsaws | jigsaw puzzles | jigsaw puzzles; thousand-piece puzzles; finding the edge pieces of a jigsaw | jigsaw, =puzzle, =puzzles
riddles | riddles | riddles; lateral thinking puzzles; inventing riddles for my family | riddle, =puzzle, =puzzles
chess | chess | playing chess; studying chess openings; chess puzzles; blitz chess in the park | chess, checkmate, grandmaster, kasparov
backgammon | backgammon | backgammon; rolling doubles at backgammon; backgammon in the café | backgammon
bridge (cards) | bridge, the card game | playing bridge; bidding and trumps; whist drives; card games with a bidding round | card game, =whist, =trumps, bidding, bridge club, bridge game, playing bridge, play bridge
poker | poker | poker; Texas hold'em; bluffing; poker nights with low stakes | poker, hold'em, bluff
board games | board games | board games; Catan and Carcassonne; board game nights round the table; designing my own board game | board game, boardgame, catan, carcassonne, =dice, tabletop game
Dungeons & Dragons | role-playing games | Dungeons and Dragons; role-playing games; painting figures for our Dungeons and Dragons campaign; being the dungeon master | dungeon, role-play, roleplay, =rpg, =dice, d&d
wargames | wargames | tabletop wargames; painting Napoleonic armies; Warhammer; recreating battles with dice | wargam, war game, warhammer, miniature, napoleonic, =battle, =battles, tin soldier
escape rooms | escape rooms | escape rooms; escape rooms against the clock; designing an escape room for friends | escape room, escape game
video games | video games | playing video games; my console; long video games with a hundred side quests; speedrunning old video games | video game, videogame, =gaming, =gamer, =gamers, console, playstation, xbox, nintendo
Minecraft | Minecraft | Minecraft; building castles in Minecraft; redstone machines; a Minecraft server with my cousins | minecraft, redstone
Pokémon | Pokémon | Pokémon; collecting Pokémon cards; Pikachu; catching Pokémon in the park | pokemon, pikachu
Nintendo | Nintendo games | Super Mario; Zelda; Mario Kart with my brothers; old Nintendo games | nintendo, zelda, =luigi, animal crossing, =mario
arcade games | arcade games and pinball | arcade games; pinball; Pac-Man; restoring a pinball machine | arcade, pinball, pac-man, pacman
esports | e-sports | esports; League of Legends; watching tournaments on Twitch; training with my team for Counter-Strike | esport, e-sport, league of legends, twitch, counter-strike, gamer, =gaming
cinema | cinema | going to the cinema; arthouse films; film festivals; Hitchcock | cinema, movie, =film, =films, filmmak, director, hitchcock
silent films | silent films | silent films; Buster Keaton; Charlie Chaplin; films with live piano | silent film, silent movie, chaplin, keaton, =film, =films, movie
old Hollywood | old Hollywood films | old Hollywood; Audrey Hepburn; Casablanca; black-and-white Hollywood films | hollywood, hepburn, casablanca, bogart, classic film, classic movie, =film, movie
westerns | westerns | westerns; Clint Eastwood; cowboys and saloons; the Wild West | =western, =westerns, cowboy, wild west, eastwood, saloon, sheriff
documentaries | documentaries | documentaries; David Attenborough; documentaries about true stories; nature documentaries | documentar, attenborough
Disney | Disney films | Disney films; Pixar; singing along to Frozen; theme parks with Mickey | disney, pixar, mickey, mermaid, lion king
Doctor Who | Doctor Who | Doctor Who; the Tardis; Daleks; collecting Doctor Who episodes | doctor who, tardis, dalek, time lord
TV series | television series | binge-watching series; TV box sets; TV dramas; long evenings with a good series | =tv, television, =episode, =episodes, netflix, sitcom, tv series, binge, box set
cooking shows | baking shows on television | the Great British Bake Off; cooking shows; MasterChef; cheering for amateur bakers | bake off, baking show, cooking show, masterchef, =baking, baker
Bollywood | Bollywood films | Bollywood; Shah Rukh Khan; Hindi films with singing; Bollywood dance routines | bollywood, hindi, shah rukh
film-making | making films | making short films; writing screenplays; filmmaking and editing; shooting short films with friends | filmmak, film-mak, film mak, making film, short film, screenplay, screenwrit, =script, director, video edit
video making | making online videos | making YouTube videos; vlogging; editing my own videos; my video channel about everyday things | youtube, =vlog, =vlogs, vlogg, =video, =videos
Rubik's cube | the Rubik's cube | solving the Rubik's cube; speedcubing; twisty cubes with many colours | rubik, =cube, =cubes, cubing, speedcub
yo-yos | yo-yos | yo-yo tricks; walking the dog with my yo-yo; yo-yo contests | yo-yo, yoyo
dominoes | dominoes | dominoes; long domino runs; toppling thousands of dominoes | domino
Scrabble | Scrabble | Scrabble; word games; hunting for a triple word score in Scrabble | scrabble, word game, boggle
`);
