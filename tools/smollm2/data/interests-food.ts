/** Training interests: food and drink. */
import { interestsFrom } from './interest.ts';

export const FOOD_INTERESTS = interestsFrom(`
bread baking | baking bread | baking bread; feeding my sourdough starter; rye loaves and baguettes; the smell of a fresh loaf | =bread, =breads, sourdough, =loaf, loaves, baguette, =dough, =baking, baker
cakes | baking cakes | baking cakes; decorating birthday cakes; sponge with buttercream; cupcakes and layer cakes | =cake, =cakes, cupcake, sponge, frosting, icing, buttercream, =baking, =bake, baker
cooking | cooking | cooking for friends; trying new recipes; cooking slow Sunday dinners; chopping, stirring and tasting in my kitchen | cook, recipe, =dish, =dishes, kitchen, culinar, =chef, =chefs
pasta | Italian cooking and pasta | making fresh pasta; Italian cooking; my grandmother's ravioli; tomato sauce that simmers for hours | pasta, ravioli, lasagn, spaghetti, risotto, italian, tomato sauce
pizza | pizza; baking pizza in a stone oven; stretching pizza dough; testing every pizzeria in town | pizz
Indian food | Indian food; cooking curries from scratch; dal and naan; grinding my own garam masala | indian, curry, curries, =dal, =naan, masala, biryani, tandoor, =chai
Thai food | Thai food; green curry and pad thai; cooking with lemongrass; Bangkok street kitchens | =thai, pad thai, lemongrass, coconut, bangkok, thailand
dumplings | Chinese dumplings | making dumplings; dim sum on Sundays; folding wontons with my aunt; Chinese home cooking | dumpling, dim sum, wonton, chinese, stir-fr
ramen | ramen and noodles | ramen; slurping noodles; simmering broth for ramen; hand-pulled noodles | ramen, noodle, =udon, =broth
kimchi | Korean food | Korean food; making kimchi; bibimbap and bulgogi; Korean street snacks | kimchi, korea, bibimbap, bulgogi
sushi | sushi; rolling my own maki; sushi and sashimi; finding the best sushi counter in town | sushi, sashimi, =maki, nigiri
French cuisine | French cooking | French cooking; coq au vin and soufflés; learning classic French sauces; eating at little bistros | french, souffle, bistro, coq au vin, ratatouille, crepe
tapas | Spanish tapas | tapas; paella for twelve; Spanish food; small plates with olives and chorizo | =tapas, paella, spanish, chorizo, gazpacho
Greek food | Greek food; moussaka and souvlaki; feta, olives and oregano; long Greek dinners | greek, moussaka, souvlaki, =feta, tzatziki
Lebanese food | Middle Eastern food | mezze; hummus and falafel; Lebanese food; cooking with tahini and sumac | lebanese, middle eastern, hummus, falafel, mezze, tahini, tabbouleh
Ethiopian food | Ethiopian food; injera and lentil stews; Ethiopian coffee ceremonies; sharing one big plate of injera | ethiopia, injera
coffee | coffee; pulling the perfect espresso; roasting coffee beans; latte art; trying new cafés | coffee, espresso, barista, =latte, =lattes, cappuccino, =cafe, =cafes
tea | tea | tea; oolong and matcha; collecting rare teas; a proper pot of tea | =tea, =teas, teapot, matcha, oolong, earl grey
cocktails | mixing cocktails; shaking Negronis; my little cocktail bar at home; inventing new cocktails | cocktail, bartend, mixolog, martini, mojito, =gin, negroni
smoothies | smoothies; squeezing fresh juices; green smoothies with spinach; blending fruit into smoothies every morning | smoothie, =juice, =juices, blender
whisky | whisky; tasting single malts; collecting rare bottles of bourbon; visiting distilleries | =whisky, =whiskies, =whiskey, bourbon, single malt, distiller
cider | making cider; pressing cider; tasting dry ciders | cider
ice cream | making ice cream; gelato; inventing new ice cream flavours; sorbet in summer | ice cream, gelato, sorbet
jam | making jam | making jam; marmalade season; filling jars with raspberry jam; chutneys and preserves | =jam, =jams, marmalade, chutney, =preserves
fermenting | pickling and fermenting | pickling vegetables; fermenting sauerkraut; kombucha; jars of gherkins on every shelf | pickl, ferment, sauerkraut, kombucha, gherkin
chillies | chillies and spicy food | growing and eating chillies; making hot sauce; very spicy food; habaneros and jalapeños | =chilli, chillies, =chili, chilies, chile pepper, hot sauce, spicy, jalapeno, habanero
soups | making soup | making soup; stews and chowders; a big pot of minestrone; trying a new soup each week | soup, =stew, =stews, chowder, minestrone
salads | salads | salads; inventing salad dressings; crunchy greens with radishes; big bowls of summer salad | salad, lettuce, radish, vinaigrette
vegan food | vegan food | vegan cooking; plant-based food; tofu and tempeh; vegan recipes | vegan, plant-based, vegetarian, =tofu, tempeh
seafood | seafood | seafood; oysters and mussels; octopus and prawns; lobster feasts by the quay | seafood, oyster, mussel, prawn, shrimp, lobster, =crab, =crabs
sandwiches | sandwiches | making sandwiches; toasties and subs; inventing the perfect sandwich; club sandwiches stacked high | sandwich, toastie
pancakes | pancakes and breakfast | flipping pancakes; long lazy breakfasts; waffles with maple syrup; brunch with eggs and hash browns | pancake, waffle, breakfast, brunch, maple syrup
street food | street food | street food; food trucks; night markets full of snacks; trying whatever a food stall sells | street food, food truck, food stall, night market
farmers' markets | farmers' markets | farmers' markets; buying local produce; seasonal vegetables straight from the farm; mornings at the farmers' market | farmers market, farmer's market, farmers' market, local produce, seasonal produce, seasonal vegetable
restaurants | restaurants | trying new restaurants; fine dining; eating out; writing restaurant reviews | restaurant, dining, diner, menu, eating out
spices | spices | spices; toasting cumin and cardamom; my shelf of rare spices; saffron and cinnamon | =spice, =spices, cumin, cardamom, saffron, cinnamon, turmeric
doughnuts | doughnuts | doughnuts; frying my own doughnuts; doughnuts with sprinkles | doughnut, donut
pastries | pastries | making croissants; French pastries; puff pastry from scratch; éclairs and tarts | pastry, pastries, croissant, eclair, =tart, =tarts, macaron
pies | baking pies | baking pies; apple pie with a lattice top; steak pies and pasties; blueberry pie | =pie, =pies, pasty, pasties
healthy eating | healthy eating | healthy eating; nutrition; counting vitamins rather than calories; planning balanced meals | nutri, healthy eat, vitamin, balanced meal, healthy meal, =diet
sweets | making sweets | making sweets; toffee and fudge; caramels and marshmallows; boiled candy in every colour | =sweets, =candy, candies, toffee, fudge, caramel, marshmallow
picnics | picnics | picnics; packing a hamper; lunch on a blanket by the river; picnics in the park | picnic, hamper
apples | apples and orchards | picking apples; old apple varieties; looking after a small orchard; pruning pear and plum trees | =apple, =apples, orchard, =pear, =pears, =plum, =plums
burgers | burgers | burgers; making smash burgers; hunting for the juiciest burger in the city; home-made fries and burgers | burger, hamburger, cheeseburger
olive oil | olives and olive oil | olive oil; picking olives; tasting peppery new olive oils | =olive, =olives, olive oil
strawberries | strawberries and berries | picking strawberries; raspberries and blackberries; strawberries with cream; summer berries | strawberr, raspberr, blackberr, blueberr, =berry, =berries
`);
