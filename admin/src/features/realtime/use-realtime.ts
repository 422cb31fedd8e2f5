import { useCallback, useEffect, useRef, useState } from "react";
import { type Action, type ConnectionStatus, RealtimeConnection, type RealtimeEvent } from "@/api/realtime";
import { fetchRecord, fetchRecords } from "@/api/records";
import type { RecordData } from "@/api/types";

interface Heard {
  key: number;
  at: Date;
  topic: string;
  seq: number;
}

export interface SeenRecord extends Heard {
  action: Action;
  record: RecordData;
  /** As it was known before, or `null`. */
  before: RecordData | null;
}

export interface SeenMessage extends Heard {
  action: string;
  record?: undefined;
  data: unknown;
}

export type Seen = SeenRecord | SeenMessage;

export interface Subscription {
  topic: string;
  filter: string;
}

/** More would fill the memory of a tab that is left open. */
const eventsMax = 500;
/** Records that are fetched with a subscription, so that the first change of each has something to compare with. */
const knownMax = 200;

export function useRealtime() {
  const [status, setStatus] = useState<ConnectionStatus>("connecting");
  const [subscriptions, setSubscriptions] = useState<Subscription[]>([]);
  const [events, setEvents] = useState<Seen[]>([]);
  const [held, setHeld] = useState<Seen[]>([]);
  const [paused, setPaused] = useState(false);
  const [gap, setGap] = useState(false);
  const connection = useRef<RealtimeConnection>(null);
  const known = useRef(new Map<string, RecordData>());
  const pausedNow = useRef(false);
  const count = useRef(0);

  useEffect(() => {
    const onEvent = (event: RealtimeEvent) => {
      count.current += 1;
      const seen = remember(event, known.current, count.current);
      const add = (list: Seen[]) => [seen, ...list].slice(0, eventsMax);
      if (pausedNow.current) setHeld(add);
      else setEvents(add);
    };
    const made = new RealtimeConnection({ onStatus: setStatus, onEvent, onGap: () => setGap(true) });
    connection.current = made;
    return () => made.close();
  }, []);

  /** To a topic of a collection, or with `own` to one that has no records. */
  const subscribe = useCallback(async (topic: string, filter: string, own = false) => {
    await connection.current?.subscribe(topic, filter);
    setSubscriptions((all) => [...all.filter((each) => each.topic !== topic), { topic, filter }]);
    if (!own) await learn(topic, known.current);
  }, []);

  const unsubscribe = useCallback((topic: string) => {
    connection.current?.unsubscribe(topic);
    setSubscriptions((all) => all.filter((each) => each.topic !== topic));
  }, []);

  const pause = (on: boolean) => {
    pausedNow.current = on;
    setPaused(on);
    if (on) return;
    setEvents((list) => [...held, ...list].slice(0, eventsMax));
    setHeld([]);
  };

  return {
    status,
    subscriptions,
    events,
    /** How many came while it was paused. */
    held: held.length,
    paused,
    gap,
    subscribe,
    unsubscribe,
    pause,
    clear: () => {
      setEvents([]);
      setHeld([]);
      setGap(false);
    },
    retry: () => connection.current?.retry(),
  };
}

function remember(event: RealtimeEvent, known: Map<string, RecordData>, key: number): Seen {
  if (!event.record) return { key, at: new Date(), ...event };
  const { topic, seq, action, record } = event;
  const place = `${topic.split("/")[0]}/${record.id}`;
  const before = known.get(place) ?? null;
  if (action === "delete") known.delete(place);
  else known.set(place, record);
  return { key, at: new Date(), topic, seq, action, record, before };
}

/** Fetches what a topic speaks of. Without it the first change of each record has no past; nothing else is lost. */
async function learn(topic: string, known: Map<string, RecordData>): Promise<void> {
  const [collection = "", id = "*"] = topic.split("/");
  try {
    if (id === "*") {
      const { items } = await fetchRecords(collection, { perPage: knownMax, skipTotal: true });
      for (const record of items) known.set(`${collection}/${record.id}`, record);
    } else {
      const { record } = await fetchRecord(collection, id);
      known.set(`${collection}/${id}`, record);
    }
  } catch {
    // The subscription stands; a record that is not there yet has no past anyway.
  }
}
