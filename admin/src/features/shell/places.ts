/** The pages that the navigation, the palette and the keyboard lead to, in one list. */
import { Blocks, House, Layers, Radio, ScrollText, Settings, SquareTerminal } from "lucide-react";
import { paths } from "@/paths";

export const places = [
  { label: "nav.home", icon: House, to: paths.home(), key: "h", exact: true },
  { label: "nav.collections", icon: Layers, to: paths.collections(), key: "c", exact: false },
  { label: "nav.realtime", icon: Radio, to: paths.realtime(), key: "e", exact: false },
  { label: "nav.plugins", icon: Blocks, to: paths.plugins(), key: "p", exact: false },
  { label: "nav.logs", icon: ScrollText, to: paths.logs(), key: "l", exact: false },
  { label: "nav.sql", icon: SquareTerminal, to: paths.sql(), key: "s", exact: false },
  { label: "nav.settings", icon: Settings, to: paths.settings(), key: ",", exact: false },
] as const;

/** Those within reach of a thumb. Statements are typed at a desk: on a phone the menu of the account and the palette lead to them. */
export const thumbPlaces = places.filter(({ label }) => label !== "nav.sql");
export const otherPlaces = places.filter(({ label }) => label === "nav.sql");
