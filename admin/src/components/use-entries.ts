import { useState } from "react";
import { moved } from "@/components/move-buttons";

/** A list whose entries have no names and can be changed in everything: each keeps its key when it gets another place. */
export function useEntries<T>(entries: T[], set: (next: T[]) => void, onPlaces = () => {}) {
  const [order, setOrder] = useState<number[]>([]);
  // A list of another length is not the one that was arranged here.
  const keys = order.length === entries.length ? order : entries.map((_, index) => index);
  const arrange = (nextKeys: number[], next: T[]) => {
    setOrder(nextKeys);
    set(next);
    onPlaces();
  };
  return {
    key: (index: number) => keys[index],
    change: (index: number, entry: T) => set(entries.map((each, place) => (place === index ? entry : each))),
    add: (entry: T) => arrange([...keys, Math.max(-1, ...keys) + 1], [...entries, entry]),
    move: (from: number, to: number) => arrange(moved(keys, from, to), moved(entries, from, to)),
    remove: (index: number) =>
      arrange(
        keys.filter((_, place) => place !== index),
        entries.filter((_, place) => place !== index),
      ),
  };
}
