import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "$design/tokens.css";
import "$design/base.css";

import { mount } from "svelte";

import { apply } from "$lib/state/appearance.svelte";
import { cluster } from "$lib/state/cluster.svelte";
import { watchLink } from "$lib/state/link.svelte";
import { rebalance } from "$lib/state/rebalance.svelte";
import { watchRoute } from "$lib/state/route.svelte";

import App from "./App.svelte";

apply();
watchLink();
watchRoute();
cluster.start();
rebalance.start();

const target = document.querySelector(".root");
if (target === null) throw new Error("the page has no place for the panel");
mount(App, { target });
document.documentElement.dataset["mounted"] = "yes";
