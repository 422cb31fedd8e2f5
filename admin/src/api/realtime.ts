/**
 * The WebSocket of `/api/realtime`: one connection that comes back by itself, and takes its subscriptions along when it does.
 */
import type { RecordData } from "@/api/types";

export type Action = "create" | "update" | "delete";

/** Of a collection's topic. */
export interface RecordEvent {
  topic: string;
  seq: number;
  action: Action;
  record: RecordData;
}

/** Of a topic of one's own: what was said there, or who came and went. */
export interface TopicEvent {
  topic: string;
  seq: number;
  action: string;
  record?: undefined;
  data: unknown;
}

export type RealtimeEvent = RecordEvent | TopicEvent;

export type ConnectionStatus = "connecting" | "open" | "waiting";

interface Listener {
  onStatus: (status: ConnectionStatus) => void;
  onEvent: (event: RealtimeEvent) => void;
  /** Something was lost on the way: what is on the screen may not be all. */
  onGap: () => void;
}

interface Waiting {
  resolve: () => void;
  reject: (error: Error) => void;
}

interface Message {
  type: string;
  id?: number;
  topic?: string;
  seq?: number;
  action?: string;
  record?: RecordData;
  data?: unknown;
  members?: unknown;
  member?: unknown;
  message?: string;
}

const firstWaitMs = 1000;
const longestWaitMs = 15_000;

export class RealtimeConnection {
  private socket: WebSocket | null = null;
  private ready = false;
  private ended = false;
  private nextId = 1;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly waiting = new Map<number, Waiting>();
  /** By topic, the filter, so that a new connection begins where the old one ended. */
  private readonly wanted = new Map<string, string>();

  constructor(private readonly listener: Listener) {
    this.connect();
  }

  /** Resolves when the server has agreed; a refusal is an error with its words. */
  subscribe(topic: string, filter: string): Promise<void> {
    this.wanted.set(topic, filter);
    // Without a connection there is nobody to refuse; the answer comes with the next one.
    if (!this.ready) return Promise.resolve();
    return this.ask("subscribe", topic, filter).catch((error: unknown) => {
      this.wanted.delete(topic);
      throw error;
    });
  }

  unsubscribe(topic: string): void {
    this.wanted.delete(topic);
    if (this.ready) void this.ask("unsubscribe", topic, "").catch(() => {});
  }

  /** Tries at once instead of waiting. */
  retry(): void {
    clearTimeout(this.timer);
    if (!this.socket && !this.ended) this.connect();
  }

  close(): void {
    this.ended = true;
    clearTimeout(this.timer);
    if (!this.socket) return;
    // Whoever closes it wants to hear no more of it.
    this.socket.onclose = null;
    this.socket.close();
  }

  private connect(): void {
    this.listener.onStatus("connecting");
    const address = new URL("/api/realtime", window.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.onmessage = ({ data }) => this.hear(String(data));
    socket.onclose = () => this.lost(socket);
  }

  private hear(text: string): void {
    const message = JSON.parse(text) as Message;
    const { type, id } = message;
    if (type === "hello") this.begin();
    else if (type === "gap") this.listener.onGap();
    else if (type === "event") this.listener.onEvent(eventOf(message));
    else if (id !== undefined) this.answer(id, message);
  }

  private answer(id: number, { type, message }: Message): void {
    const waiting = this.waiting.get(id);
    if (!waiting) return;
    this.waiting.delete(id);
    if (type === "error") waiting.reject(new Error(message ?? ""));
    else waiting.resolve();
  }

  private begin(): void {
    this.ready = true;
    this.failures = 0;
    this.listener.onStatus("open");
    for (const [topic, filter] of this.wanted) void this.ask("subscribe", topic, filter).catch(() => {});
  }

  private lost(socket: WebSocket): void {
    if (this.socket !== socket) return;
    this.socket = null;
    this.ready = false;
    for (const { reject } of this.waiting.values()) reject(new Error(""));
    this.waiting.clear();
    this.listener.onStatus("waiting");
    this.timer = setTimeout(() => this.connect(), Math.min(firstWaitMs * 2 ** this.failures, longestWaitMs));
    this.failures += 1;
  }

  private ask(type: string, topic: string, filter: string): Promise<void> {
    const id = this.nextId;
    this.nextId += 1;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket?.send(JSON.stringify({ type, id, topics: [topic], ...(filter !== "" && { filter }) }));
    });
  }
}

function eventOf({
  topic = "",
  seq = 0,
  action = "",
  record,
  data,
  members,
  member,
}: Message): RealtimeEvent {
  if (record) return { topic, seq, action: action as Action, record };
  return { topic, seq, action, data: data ?? members ?? member ?? null };
}
