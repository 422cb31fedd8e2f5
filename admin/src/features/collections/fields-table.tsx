import { Check, EyeOff, Minus } from "lucide-react";
import type { Field } from "@/api/types";
import { type Column, DataTable } from "@/components/data-table";
import { type CollectionName, fieldOptions, kindIcon, kindLabel } from "@/components/field-kinds";
import { Notice } from "@/components/query-view";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";

interface FieldsTableProps {
  fields: Field[];
  collectionName: CollectionName;
}

export function FieldsTable({ fields, collectionName }: FieldsTableProps) {
  if (fields.length === 0)
    return (
      <Notice icon={Minus} title={t("field.empty")}>
        {null}
      </Notice>
    );
  return (
    <DataTable
      label={t("collection.tab.fields")}
      columns={columns(collectionName)}
      rows={fields}
      rowKey={(field) => field.id}
    />
  );
}

function columns(collectionName: CollectionName): Column<Field>[] {
  return [
    {
      id: "name",
      header: t("field.column.name"),
      cell: (field) => (
        <span className="flex flex-wrap items-center gap-2">
          <span className="break-words font-medium font-mono text-[0.8125rem] [overflow-wrap:anywhere]">
            {field.name}
          </span>
          {field.system && <Badge tone="outline">{t("field.system")}</Badge>}
          {field.presentable && <Badge tone="outline">{t("field.presentable")}</Badge>}
        </span>
      ),
      skeleton: "w-32",
      card: "title",
    },
    {
      id: "kind",
      header: t("field.column.kind"),
      cell: ({ type }) => <Kind type={type} />,
      className: "w-36",
      skeleton: "w-20",
      card: "aside",
    },
    {
      id: "required",
      header: t("field.column.required"),
      cell: ({ required }) => <Flag on={required === true} icon={Check} />,
      className: "w-24",
      skeleton: "w-8",
      card: "line",
      cardWhen: ({ required }) => required === true,
    },
    {
      id: "hidden",
      header: t("field.column.hidden"),
      cell: ({ hidden }) => <Flag on={hidden === true} icon={EyeOff} />,
      className: "w-24",
      skeleton: "w-8",
      card: "line",
      cardWhen: ({ hidden }) => hidden === true,
    },
    {
      id: "options",
      header: t("field.column.options"),
      cell: (field) => <Options options={fieldOptions(field, collectionName)} />,
      className: "w-2/5 text-ink-soft",
      skeleton: "w-48",
      card: "line",
      cardWhen: (field) => fieldOptions(field, collectionName).length > 0,
    },
  ];
}

function Kind({ type }: { type: string }) {
  const Icon = kindIcon(type);
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap">
      <Icon aria-hidden className="size-4 text-ink-soft" />
      {kindLabel(type)}
    </span>
  );
}

function Flag({ on, icon: Icon }: { on: boolean; icon: typeof Check }) {
  return (
    <>
      {on ? (
        <Icon aria-hidden className="size-4 text-accent" />
      ) : (
        <Minus aria-hidden className="size-4 text-ink-soft/45" />
      )}
      <span className="sr-only">{on ? t("value.yes") : t("value.no")}</span>
    </>
  );
}

function Options({ options }: { options: string[] }) {
  if (options.length === 0) return <span className="sr-only">{t("value.none")}</span>;
  return <span className="text-[0.8125rem] [overflow-wrap:anywhere]">{options.join(" · ")}</span>;
}
