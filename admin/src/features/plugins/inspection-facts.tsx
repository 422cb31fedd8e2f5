/** The facts of a component's file: its size and hash, and every interface it exports and imports, as the host read them. */
import { useQuery } from "@tanstack/react-query";
import { Check, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { pluginsQuery } from "@/api/queries";
import { statsPauseMs } from "@/api/system";
import type { Plugin } from "@/api/types";
import { CopyButton } from "@/components/copy-button";
import { formatBytes, formatMilliseconds } from "@/format";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { Folded } from "@/ui/folded";
import { byPackage, contractVersion, isRuntime, type Package } from "./interfaces";

export function InspectionFacts({
  plugin: { size, sha256, compileMs, imports, state, loaded },
}: {
  plugin: Plugin;
}) {
  // Anybody's call loads it, and others push it out.
  useQuery({ ...pluginsQuery(), refetchInterval: statsPauseMs, enabled: state === "active" });
  const contract = contractVersion(imports);
  return (
    <Card className="lg:col-span-2">
      <dl className="grid grid-cols-2 gap-x-3 gap-y-4 px-4 py-4 sm:gap-x-6 sm:px-5 sm:grid-cols-[1fr_1fr_1fr_auto]">
        <Fact name={t("inspection.contract")}>
          <span className="tabular-nums">{contract ?? t("inspection.contractAny")}</span>
        </Fact>
        <Fact name={t("inspection.size")}>
          <span className="tabular-nums">{formatBytes(size)}</span>
        </Fact>
        <Fact name={t("inspection.compile")}>
          <span className="tabular-nums">{formatMilliseconds(compileMs)}</span>
          {/* What nobody may call is not loaded, which is no news. */}
          {state === "active" && (
            <span className="block font-normal text-ink-soft text-xs">
              {t(loaded ? "inspection.loaded" : "inspection.notLoaded")}
            </span>
          )}
        </Fact>
        <Fact name={t("inspection.sha256")}>
          <span className="-my-1 inline-flex items-center gap-1">
            <code title={sha256} className="whitespace-nowrap font-mono text-[0.8125rem]">
              {shortHash(sha256)}
            </code>
            <CopyButton value={sha256} what={t("inspection.sha256")} />
          </span>
        </Fact>
      </dl>
    </Card>
  );
}

/** Enough of a hash to tell two apart at a glance. */
function shortHash(hash: string): string {
  return hash.length > 16 ? `${hash.slice(0, 8)}…${hash.slice(-6)}` : hash;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid content-start gap-1">
      <dt className="text-ink-soft text-xs">{name}</dt>
      <dd className="font-medium">{children}</dd>
    </div>
  );
}

/** The world of a component, package by package. What its language's runtime needs is folded. */
export function Interfaces({ plugin: { exports, imports } }: { plugin: Plugin }) {
  const own = imports.filter((name) => !isRuntime(name));
  const runtime = imports.filter(isRuntime);
  return (
    <Card className="lg:col-span-2">
      <details className="group">
        <summary className="flex min-h-11 flex-wrap items-center gap-x-2 rounded-xl px-4 py-2 font-medium marker:content-none hover:bg-hover/55 group-open:rounded-b-none">
          <ChevronRight
            aria-hidden
            className="size-4 shrink-0 text-ink-soft transition-transform group-open:rotate-90"
          />
          {t("inspection.world")}
          <span className="font-normal text-ink-soft text-sm">
            {t("inspection.worldSummary", { exports: exports.length, imports: imports.length })}
          </span>
        </summary>
        <div className="grid gap-6 border-line border-t px-5 py-4 md:grid-cols-2">
          <Side title={t("inspection.exportList")} packages={byPackage(exports)} />
          <div className="grid content-start gap-4">
            <Side title={t("inspection.importList")} packages={byPackage(own)} provided />
            {runtime.length > 0 && (
              <Folded title={t("inspection.runtime", { count: runtime.length })}>
                <Packages packages={byPackage(runtime)} provided />
              </Folded>
            )}
          </div>
        </div>
      </details>
    </Card>
  );
}

function Side({ title, packages, provided }: { title: string; packages: Package[]; provided?: boolean }) {
  return (
    <section className="grid content-start gap-2">
      <h4 className="text-ink-soft text-xs">{title}</h4>
      {packages.length === 0 ? (
        <p className="text-sm">{t("value.none")}</p>
      ) : (
        <Packages packages={packages} provided={provided} />
      )}
    </section>
  );
}

/** The server takes no component whose imports it does not have, so that each of them is provided. */
function Packages({ packages, provided }: { packages: Package[]; provided?: boolean }) {
  return (
    <ul className="grid gap-2.5">
      {packages.map(({ name, interfaces }) => (
        <li key={name} className="grid gap-1">
          {name && <code className="font-mono text-ink-soft text-xs">{name}</code>}
          <ul className="grid gap-0.5 font-mono text-xs leading-5">
            {interfaces.map((each) => (
              <li key={each} className="flex items-center gap-1.5 [overflow-wrap:anywhere]">
                {provided && (
                  <>
                    <Check aria-hidden className="size-3.5 shrink-0 text-success" />
                    <span className="sr-only">{t("inspection.provided")}</span>
                  </>
                )}
                {each}
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}
