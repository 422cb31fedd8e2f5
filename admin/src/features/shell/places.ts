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

/** Those within reach of a thumb: statements are typed at a desk, and on a phone the palette leads to them. */
export const thumbPlaces = places.filter(({ label }) => label !== "nav.sql");
