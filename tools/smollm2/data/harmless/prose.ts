/** Ordinary prose of many kinds, written for this: how likely the LLM finds it as an answer. */
export const PROSE: readonly string[] = [
  // news, towns, money
  'The bridge was closed for repairs in March. Buses took the longer way through the village, and the journey to the station lasted almost an hour.',
  'The council voted on the new library after a long debate. Most members wanted the building to open before the end of the year.',
  'Prices rose by two percent last year. Rents in the city grew faster, while the cost of food stayed almost the same.',
  'The company will close its oldest plant in autumn. About two hundred workers are to move to the new site, the owner said on Tuesday.',
  'Turnout was low in the north, where it rained all day. The result is expected on Monday, and both sides say that they will accept it.',
  // nature, science, the body
  'Water boils at a lower temperature in the mountains, because the air presses on it with less force. Cooking potatoes there takes more time.',
  'The heart pumps blood through the body. It has four chambers, and its valves keep the blood from flowing back.',
  'A leaf looks green because it takes in red and blue light and sends back the rest. In autumn other colours show, which were there all along.',
  'Iron rusts when water and air reach it. A thin coat of paint or oil keeps both away, which is why tools last longer when they are looked after.',
  'The moon turns once around itself in the time that it needs to go around the earth. So we always see the same side of it.',
  // stories
  'She put the letter into the drawer, locked it, and went downstairs. Nobody in the house asked her about it again.',
  'When the train finally arrived, the platform was empty. The driver waited for a minute and then closed the doors.',
  'The old man counted his coins twice before he bought the bread. On the way home he gave half of it to the girl at the gate.',
  'He had never seen the sea before. He stood there with his shoes in his hand and did not know what to say.',
  // the past
  'Early maps showed the coast in great detail but left the inland blank. Sailors needed harbours, not mountains.',
  'The town burned down twice in one century. After the second fire the houses were built of stone, and the streets were made wider.',
  'Letters took three weeks to cross the ocean. By the time an answer came, the question had often been settled.',
  // how to
  'Press the button for five seconds until the light turns green. If it stays red, take out the battery and wait for a minute before you try again.',
  'Melt the butter, add the flour, and stir until the mixture is smooth. Pour in the milk slowly and let it simmer for ten minutes.',
  'Keep this form with your contract. You may cancel within fourteen days, in writing and without giving a reason.',
  // letters, talk
  'Dear Mrs Hall, thank you for your letter of the second of May. I am sorry to say that the room is no longer free in the week you asked for.',
  'Could you close the window, please? It is getting cold in here, and the papers on the desk keep flying about.',
  // thought, teaching
  'An argument can be wrong even if its conclusion is true. What matters is whether the conclusion follows from what was said before.',
  'To find the average, add all the values and divide the sum by how many there are. A single very large value can pull it far up.',
];
