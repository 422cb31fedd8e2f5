import { Plus } from "lucide-react";
import type { Settings } from "@/api/types";
import { Section } from "@/components/page";
import { useEntries } from "@/components/use-entries";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { PartForm, useSettingsPart } from "./settings-part";
import { TopicPattern, type TopicRules } from "./topic-pattern";

interface Topics {
  topics: TopicRules[];
}

const another: TopicRules = { pattern: "", subscribeRule: null, publishRule: null, presenceRule: null };

/** Who may listen, speak and be seen on topics that are no collection's: patterns in their order. */
export function TopicsForm({ stored }: { stored: Settings }) {
  const part = useSettingsPart({
    name: "realtime",
    stored: stored.realtime as unknown as Topics,
    toSend: ({ topics }) => ({
      topics: topics.map((topic) => ({ ...topic, pattern: topic.pattern.trim() })),
    }),
    done: t("topics.saved"),
  });
  const { topics } = part.value;
  const entries = useEntries(topics, (next) => part.set({ topics: next }), part.replaced);

  return (
    <Section title={t("topics.title")} description={t("topics.text")}>
      <PartForm part={part} placed={/^realtime\.topics\.\d/}>
        <Card className="grid gap-2 px-4 py-5 sm:px-5">
          {topics.length === 0 && <p className="text-ink-soft text-sm">{t("topics.none")}</p>}
          <ol key={part.edition} aria-label={t("topics.patterns")} className="grid gap-2 empty:hidden">
            {topics.map((topic, index) => (
              <TopicPattern
                key={entries.key(index)}
                topic={topic}
                index={index}
                count={topics.length}
                problem={(field) => part.problem(`topics.${index}.${field}`)}
                whole={part.problems[`realtime.topics.${index}`]?.message}
                onChange={(next) => entries.change(index, next)}
                onMove={(to) => entries.move(index, to)}
                onRemove={() => entries.remove(index)}
              />
            ))}
          </ol>
          <Button size="sm" className="w-fit" onClick={() => entries.add(another)}>
            <Plus aria-hidden />
            {t("topics.add")}
          </Button>
        </Card>
      </PartForm>
    </Section>
  );
}
