// `npm run mock -- [SCENE] [PORT]`: a panel to look at.

import { SCENES } from "./scenes.mjs";
import { serve } from "./server.mjs";

const [scene = "three", port = "4199"] = process.argv.slice(2);
const world = SCENES[scene]();
const { url } = await serve(world, { port: Number(port) });
setInterval(() => world.tick(scene === "load" ? 1 : 0.2), 1_000);
process.stdout.write(`${scene}: ${url}\n`);
