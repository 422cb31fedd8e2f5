import { t } from "@/i18n";
import { Input } from "@/ui/input";
import { Nothing } from "./cells";
import { defineKind } from "./editor";

interface Point {
  lon: string;
  lat: string;
}

interface StoredPoint {
  lon: number;
  lat: number;
}

function isPoint(value: unknown): value is StoredPoint {
  return typeof value === "object" && value !== null && "lon" in value && "lat" in value;
}

const axes = [
  { axis: "lon", label: "record.geo.lon", most: 180 },
  { axis: "lat", label: "record.geo.lat", most: 90 },
] as const;

export const kindEditor = defineKind<Point>({
  kinds: ["geoPoint"],
  group: true,
  fromRecord: (value) =>
    isPoint(value) ? { lon: String(value.lon), lat: String(value.lat) } : { lon: "0", lat: "0" },
  toWire: ({ lon, lat }) => {
    const point = { lon: Number(lon || 0), lat: Number(lat || 0) };
    const fits = axes.every(({ axis, most }) => Math.abs(point[axis]) <= most);
    return fits ? { value: point } : { problem: t("record.problem.geo") };
  },
  Editor: ({ draft, onChange, control }) => (
    <span className="flex flex-wrap gap-3">
      {axes.map(({ axis, label }, index) => (
        <label
          key={axis}
          htmlFor={index === 0 ? control.id : `${control.id}-${axis}`}
          className="flex items-center gap-2 text-ink-soft text-sm"
        >
          {t(label)}
          <Input
            {...control}
            id={index === 0 ? control.id : `${control.id}-${axis}`}
            inputMode="decimal"
            className="w-36 tabular-nums"
            value={draft[axis]}
            onChange={(event) => onChange({ ...draft, [axis]: event.target.value })}
          />
        </label>
      ))}
    </span>
  ),
  Cell: ({ value }) =>
    isPoint(value) && (value.lon !== 0 || value.lat !== 0) ? (
      <span className="tabular-nums">{`${value.lat}, ${value.lon}`}</span>
    ) : (
      <Nothing />
    ),
});
