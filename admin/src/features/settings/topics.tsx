import type { TaggedSettings } from "@/api/settings";
import { Section } from "@/components/page";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { PartEntries } from "./part-entries";
import { PartForm, useSettingsPart } from "./settings-part";
import { TopicAccess, TopicName, type TopicRules } from "./topic-pattern";

interface Topics {
  topics: TopicRules[];
}

const another: TopicRules = { pattern: "", subscribeRule: null, publishRule: null, presenceRule: null };

/** Who may listen, speak and be seen on topics that are no collection's: patterns in their order. */
export function TopicsForm({ stored }: { stored: TaggedSettings }) {
  const part = useSettingsPart<Topics>({
    name: "realtime",
    stored,
    toSend: ({ topics }) => ({
      topics: topics.map((topic) => ({ ...topic, pattern: topic.pattern.trim() })),
    }),
    names: { topics: "topics.patterns" },
    done: t("topics.saved"),
  });

  return (
    <Section title={t("topics.title")} description={t("topics.text")}>
      <PartForm part={part} placed={/^realtime\.topics\.\d/}>
        <Card className="grid gap-2 px-4 py-5 sm:px-5">
          <PartEntries
            part={part}
            entries={part.value.topics}
            onEntries={(topics) => part.set({ topics })}
            path="topics"
            words={{ list: "topics.patterns", none: "topics.none", add: "topics.add" }}
            entryWords={(place) => ({
              name: t("topics.pattern", { place }),
              up: t("topics.up", { place }),
              down: t("topics.down", { place }),
              remove: t("topics.remove", { place }),
            })}
            another={another}
            Head={TopicName}
            Body={TopicAccess}
          />
        </Card>
      </PartForm>
    </Section>
  );
}
