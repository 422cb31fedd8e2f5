/** What a call ran out of, or how it broke, in words: one entry per axis of the server. */
import { type PlainKey, t } from "@/i18n";

const axes: Record<string, PlainKey> = {
  fuel: "axis.fuel",
  memory: "axis.memory",
  wall: "axis.wall",
  hostCalls: "axis.hostCalls",
  output: "axis.output",
  trap: "axis.trap",
};

export function axisWords(axis: string): string {
  return axes[axis] ? t(axes[axis]) : axis;
}
