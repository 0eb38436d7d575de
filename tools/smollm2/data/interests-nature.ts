/** Training interests: animals, plants and nature. */
import { interestsFrom } from './interest.ts';

export const NATURE_INTERESTS = interestsFrom(`
cats | cats; playing with my cats; fostering kittens; my old tomcat on my lap | =cat, =cats, kitten, feline
dogs | dogs | walking my dog; dogs; teaching my puppy new tricks; agility with my collie | =dog, =dogs, canine, collie, =puppy, =puppies
birdwatching | birdwatching | watching birds; birdwatching; spotting rare birds with binoculars; keeping a list of every bird | =bird, =birds, birdwatch, birding, birder, binocular, songbird
garden birds | feeding garden birds | feeding robins and blue tits; putting up nesting boxes; garden birds; filling the bird feeder | =bird, =birds, birdhouse, birdfeed, birdwatch, robin, sparrow, nesting box, nest box
owls | owls | owls; listening for tawny owls; barn owls; helping at an owl centre | =owl, =owls
chickens | keeping chickens | keeping chickens; my hens and their eggs; raising chicks and hens; rare breed poultry | chicken, =hen, =hens, poultry, rooster, =coop
ducks | ducks and geese | ducks; watching ducks on the pond; raising goslings; my noisy geese | =duck, =ducks, duckling, geese, goose, gosling
goats | goats | keeping goats; milking my goats; baby goats jumping about | =goat, =goats
sheep | sheep | sheep; lambing season; herding sheep with my neighbour; shearing | =sheep, =lamb, =lambs, lambing, shepherd, shearing
donkeys | donkeys | donkeys; walking with donkeys; brushing two rescued donkeys | donkey
cows | cows | cows; milking; calves; Jersey cows on the meadow | =cow, =cows, cattle, dairy, =calf, calves, milking
pigs | pigs | pigs; piglets; caring for a pot-bellied pig | =pig, =pigs, piglet
guinea pigs | guinea pigs | guinea pigs; building runs for my guinea pigs; cuddling guinea pigs | guinea pig
hamsters | hamsters | hamsters; building tunnels for my hamster; hamsters and gerbils | hamster, gerbil
ferrets | ferrets | ferrets; walking my ferret on a lead; playful ferrets | ferret
aquariums | aquariums | keeping an aquarium; tropical fish; guppies and neon tetras; planted fish tanks | aquari, fish tank, tropical fish, =fish, guppies, goldfish
frogs | frogs and toads | frogs; rescuing toads from the road; newts and salamanders; counting frogspawn | =frog, =frogs, =toad, =toads, =newt, =newts, amphibian, salamander, tadpole, frogspawn
reptiles | snakes and lizards | snakes; keeping geckos; bearded dragons and other lizards; caring for my corn snake | snake, lizard, reptile, gecko, python, iguana, chameleon
spiders | spiders | spiders; keeping tarantulas; photographing jumping spiders; cobwebs | spider, tarantula, arachnid, cobweb
butterflies | butterflies and moths | butterflies; raising caterpillars; moth trapping; counting swallowtails in the meadow | butterfl, =moth, =moths, caterpillar
beetles | insects | beetles; collecting insects; ladybirds; learning the names of grasshoppers and crickets | insect, beetle, ladybird, ladybug, grasshopper, =bug, =bugs, entomolog
ants | ants | keeping an ant farm; watching ants; queen ants and their colonies | =ant, =ants, anthill
snails | snails | snails; giant African land snails; racing snails with my niece | snail, slug
whales | whales and dolphins | whale watching; dolphins; listening to humpback songs; orcas | whale, dolphin, =orca, =orcas, humpback
sharks | sharks | sharks; great white sharks; learning about hammerheads; shark conservation | shark, hammerhead
elephants | elephants | elephants; sponsoring an elephant calf; elephants in the wild | elephant
big cats | lions and tigers | lions and tigers; leopards; big cats; cheetahs on the savanna | =lion, =lions, lioness, tiger, leopard, cheetah, jaguar, big cat, panther
bears | bears | bears; watching brown bears; grizzlies catching salmon; polar bears | =bear, =bears, grizzl
foxes | foxes | foxes; watching fox cubs from the window; the red fox behind our house | =fox, =foxes
squirrels | squirrels | red squirrels; feeding squirrels; chipmunks | squirrel, chipmunk
penguins | penguins | penguins; emperor penguins; penguin colonies; anything with penguins on it | penguin
monkeys | monkeys and apes | monkeys; gorillas; chimpanzees; orangutans and lemurs | monkey, gorilla, chimp, orangutan, lemur, primate, =ape, =apes
bats | bats | bats; counting bats at dusk; building bat boxes; listening with a bat detector | =bat, =bats
deer | deer | deer; watching roe deer at the edge of the wood; stags in autumn; moose and elk | =deer, =stag, =stags, =moose, =elk, antler, =fawn
otters | otters and beavers | otters; beavers and their dams; watching otters in the estuary | otter, beaver
seals | seals | seals; grey seals and their pups; walruses | =seal, =seals, walrus
pandas | pandas | pandas; giant pandas chewing bamboo; red pandas | panda, bamboo
koalas | Australian animals | koalas and kangaroos; wombats; the platypus; Australian wildlife | koala, kangaroo, wombat, platypus, wallab, marsupial, australia
gardening | gardening | gardening; growing flowers; looking after my garden; planting bulbs and pulling weeds | garden, plant, flower, =seed, =seeds, seedling, =weed, =weeds, =weeding
vegetable growing | growing vegetables | growing tomatoes and beans; my allotment; vegetable beds; prize pumpkins and courgettes | vegetable, tomato, allotment, pumpkin, courgette, zucchini, garden, =veg, =beans
roses | roses | growing roses; pruning my rose bushes; old rambling roses on an arch; breeding new roses | =rose, =roses, rosebush
wildflowers | wildflowers | wildflowers; naming plants in the hedgerow; sowing a meadow; pressing flowers | wildflower, wild flower, flower, meadow, botan, daisies
orchids | orchids | orchids; getting my orchids to bloom again; rare orchids | orchid
cacti | cacti and succulents | cacti; growing succulents; a windowsill full of cactuses; aloes and agaves | cactus, cacti, succulent, =aloe
house plants | house plants | house plants; monstera cuttings; ferns in every corner; propagating house plants in water glasses | houseplant, house plant, indoor plant, =plant, =plants, monstera, =fern, =ferns, foliage
trees | trees and forests | trees; old oaks; long hours in the forest; planting saplings | =tree, =trees, forest, =oak, =oaks, woodland, sapling
herbs | growing herbs | growing herbs; herbal remedies; drying thyme and sage; lavender beds | =herb, =herbs, herbal, lavender, rosemary, =thyme, =basil, =mint
composting | composting | composting; worm farms; turning kitchen scraps into soil; my three compost heaps | compost, =worm, =worms, =soil
ponds | garden ponds | building a garden pond; water lilies; dragonflies over the pond; koi | =pond, =ponds, water lil, dragonfl, =koi
waterfalls | waterfalls | waterfalls; hunting for hidden waterfalls; the roar of a big waterfall | waterfall
rivers | rivers | rivers; following streams to the source; walking along canals; river valleys | =river, =rivers, riverbank, =streams, =canal, =canals
beachcombing | beachcombing | beachcombing; collecting shells; sea glass and driftwood; rock pools full of starfish | beach, shell, seashell, driftwood, rock pool, tide pool, =shore, seaside
deserts | deserts | deserts; dunes and oases; crossing the Sahara; the Gobi desert | desert, =deserts, =dune, =dunes, sahara, =oasis
rainforests | rainforests | rainforests; the Amazon; the toucans of the rainforest; protecting the jungle | rainforest, jungle, amazon
polar regions | the polar regions | the Arctic; Antarctic expeditions; icebergs; Shackleton's journeys | arctic, antarctic, polar, iceberg, shackleton, glacier
northern lights | the northern lights | the northern lights; chasing auroras; waiting for the aurora in the cold | northern lights, aurora
minerals | crystals and minerals | crystals; collecting minerals; splitting geodes; amethysts and quartz; gemstones | crystal, mineral, =geode, =geodes, quartz, amethyst, gemstone, =gem, =gems, =rocks
nature conservation | nature conservation | protecting nature; conservation work; restoring wetlands; counting rare wildlife; rewilding | conserv, wildlife, habitat, wetland, rewild, biodivers, endangered, rare species, protecting nature
wildlife photography | wildlife photography | wildlife photography; waiting in a hide with my camera for kingfishers; camera traps; photographing wild animals close up | wildlife, camera, photograph, =photo, =photos
microscopy | the microscope | looking through my microscope; pond water under the microscope; microscope slides of pollen and onion skin | microscop
`);
