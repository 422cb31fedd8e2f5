/** Messages to those who are subscribed to a topic. `world.wit` has to import `tinybase:plugin/realtime@0.1.0`. */
export const realtime: {
  /** Sends a value as JSON to a granted topic; from a before-hook after the commit of the write. */
  publish(topic: string, message: unknown): void;
};
