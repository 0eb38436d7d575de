/** Training interests: arts and crafts. */
import { interestsFrom } from './interest.ts';

export const CRAFT_INTERESTS = interestsFrom(`
watercolours | painting with watercolours | painting with watercolours; watercolour landscapes; loose washes of colour on wet paper; painting outdoors with a small paint box | paint, watercolo, brush, palette
oil painting | oil painting | oil painting; working on canvas with oils; painting portraits in oil; the smell of turpentine and linseed | paint, =canvas, =canvases, easel, oil paint
drawing | drawing | drawing; sketching people on the tram; charcoal portraits; filling sketchbooks with pencil studies | =draw, =drawing, =drawings, sketch, pencil, charcoal
cartooning | drawing cartoons | drawing cartoons; funny comic strips; caricatures of my colleagues | cartoon, caricatur, comic strip
photography | photography | taking photographs; landscape photography; going out with my camera at dawn; portrait photography in natural light | camera, =lens, =lenses, photograph, =photo, =photos
analogue photography | analogue film photography | shooting photographs on film; developing prints in a darkroom; vintage cameras; black-and-white negatives | darkroom, film photograph, camera, negatives, polaroid, photograph, =photo, =photos
street art | street art | street art; murals; graffiti tours; spray-painting with stencils | street art, mural, graffiti, spray, stencil, banksy
digital art | digital illustration | digital illustration; drawing digital art on my tablet; digital painting; pixel art | illustrat, digital art, digital paint, pixel art
printmaking | printmaking | linocut; printmaking; carving lino blocks; etchings and woodcuts | printmak, linocut, =lino, woodcut, etching, block print
screen printing | screen printing | screen printing T-shirts; pulling posters through a silk screen; screen-printed gig posters | screen print, screen-print, silkscreen, silk screen
sewing | sewing | sewing my own clothes; dressmaking; the hum of my sewing machine; sewing and altering dresses | =sew, =sews, sewing, =sewn, dressmak, fabric, =needle, =seam, =seams, seamstress
quilting | quilting | quilting; patchwork blankets; piecing quilts with friends; hand-quilted bedspreads | quilt, patchwork
embroidery | embroidery | embroidery; cross-stitch; stitching flowers on linen; embroidery hoops on every wall | embroider, stitch
weaving | weaving | weaving; my table loom; woven wall hangings; making rugs and tapestries | weav, =woven, =loom, tapestr, =rug, =rugs
tie-dye | dyeing fabric | dyeing cloth with plants; tie-dye; indigo and madder baths; batik | tie-dye, dyeing, =dye, =dyes, =dyed, indigo, batik
leatherwork | leathercraft | leatherwork; stitching leather wallets by hand; tooling leather belts; making leather bags | leather
jewellery making | making jewellery | making jewellery; silver rings and necklaces; threading beads; earrings from sea glass | jewel, bead, necklace, earring, bracelet, silversmith
woodworking | woodworking | woodworking; building furniture; dovetail joints; working wood with planes and saws | carpent, timber, furniture, dovetail, joinery, =wood, wooden, woodwork, woodcarv
whittling | wood carving | whittling; carving spoons; carving animals from lime wood; whittling on the porch with a sharp knife | whittl, carv, =wood, wooden, woodwork, woodcarv
woodturning | woodturning | turning bowls on a lathe; woodturning; turning walnut wood on a lathe | woodturn, wood turning, =lathe, =lathes, =wood, wooden, woodwork, woodcarv
furniture restoration | restoring old furniture | restoring old furniture; stripping and waxing old furniture; reupholstering armchairs; French polishing | furniture, upholster, armchair, restoration, restoring
blacksmithing | blacksmithing | blacksmithing; hammering hot iron; forging knives; my little forge | blacksmith, =forge, =forging, =forged, anvil, =iron, =smith
welding | welding and metalwork | welding; metalwork; building gates and railings from steel; scrap metal creatures | weld, metalwork, =steel, scrap metal
glassblowing | glassblowing | blowing glass; glassblowing; making paperweights and vases from molten glass | glassblow, glass-blow, blowing glass, blown glass, glass art, glasswork, molten glass, coloured glass, colored glass
stained glass | stained glass | stained glass; leaded windows; cutting coloured glass for lampshades | stained glass, stained-glass, glass art, glasswork, molten glass, coloured glass, colored glass
papermaking | making paper | making paper by hand; pulp, deckle and petals; home-made paper from old rags | papermak, handmade paper, making paper, paper making, =pulp
bookbinding | bookbinding | bookbinding; sewing notebooks; rebinding books with broken spines; leather covers with gold tooling | bookbind, book bind, binding, handmade book, handmade notebook, rebind
scrapbooking | scrapbooking | scrapbooking; sticking ticket stubs into albums; decorated photo albums; washi tape and stickers | scrapbook, sticker, photo album
card making | making greeting cards | making greeting cards; handmade birthday cards with pop-ups; paper cutting | greeting card, handmade card, card making, cardmak, paper cut, pop-up card
flower arranging | flower arranging | arranging flowers; bouquets from the meadow; wreaths; ikebana | flower, bouquet, floral, florist, wreath, ikebana
basket weaving | basket weaving | weaving baskets; willow work; cane chairs; soaking and bending willow rods | =baskets, basketry, basketmak, wicker, willow, weav, basket weav, basket mak
macramé | macramé | macramé; knotting plant hangers; cord and knots | macrame, =knot, =knots, knotting
felting | felting | felting; needle felt animals; felting slippers | =felting, needle felt, =felted
scale models | building scale models | building scale models; gluing scale models of Spitfires; dioramas; airbrushing tiny tanks | scale model, model kit, diorama, airbrush, model aeroplane, model airplane, model plane, model tank, model ship
dolls' houses | dolls' houses | dolls' houses; tiny furniture for my dolls' house; wiring lights into a doll's house; dressing porcelain dolls | =doll, =dolls, doll's, dolls', dollhouse, miniature
collage | collage | making collages; cutting up old magazines for collages; mixed media pieces | collage, mixed media, mixed-media
animation | animation | animation; stop-motion with plasticine; drawing flipbooks; 3D animated shorts | animat, stop-motion, flipbook, plasticine
fashion design | fashion | fashion; designing clothes; haute couture; following the fashion shows in Milan | fashion, couture, cloth, outfit, garment, =dress, =dresses
hat making | hats | making hats; fascinators and fedoras; wearing old hats | =hat, =hats, milliner, fedora
cosplay | cosplay | cosplay; making costumes for conventions; foam armour and wigs | cosplay, costume, =wig, =wigs
nail art | nail art | nail art; gel nails; painting tiny patterns on my nails | =nail, =nails, manicur
make-up | makeup | make-up; eyeshadow looks; special effects make-up; testing lipsticks | makeup, lipstick, eyeshadow, cosmetic, mascara, make-up artist, make-up look, make-up brush
face painting | face painting | face painting; turning children into tigers with paint; body paint | face paint, face-paint, body paint, paint
hairdressing | hairdressing | hairdressing; braiding hair; trying new haircuts and colours; cutting my friends' hair | =hair, hairdress, hairstyl, haircut, braid
museums | art museums | going to art museums; galleries; guided tours of exhibitions; museum rooms full of old masters | museum, galler, exhibition, exhibit
Impressionism | Impressionist painting | the Impressionists; Monet's water lilies; Renoir and Degas; art history | impressionis, monet, renoir, degas, art history, paint
Van Gogh | Van Gogh | Van Gogh; sunflowers and cypresses by Van Gogh; Vincent's letters to Theo | van gogh, vincent, sunflower
architecture | architecture | architecture; Art Deco façades; sketching buildings; Bauhaus and concrete | architect, bauhaus, art deco, facade, =buildings
graphic design | graphic design | graphic design; posters and logos; choosing typefaces; layout and fonts | graphic, =logo, =logos, typefac, typograph, =font, =fonts, poster
sandcastles | sand castles | building sandcastles; sand art; carving dragons from wet sand | sandcastle, sand castle, =sand
lace | lace making | making lace; bobbin lace; tatting with fine thread | =lace, lacemak, bobbin, tatting
shoemaking | making shoes | making shoes by hand; cobbling; repairing boots; hand-sewn leather shoes | shoemak, cobbl, =shoe, =shoes, =boot, =boots
toymaking | making wooden toys | making wooden toys; wooden toys with wheels; toy cars for the grandchildren; carving toy jumping jacks and spinning tops | =toy, =toys, toymak
teddy bears | teddy bears | making teddy bears; collecting old teddies; soft toys with button eyes | teddy, teddies, stuffed animal, soft toy, plush
resin art | resin art | pouring resin; resin coasters with pressed leaves; epoxy trays | resin, epoxy
`);
