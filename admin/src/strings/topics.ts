/** Texts of the topics that are no collection's. */
export const topics = {
  "topics.title": "Topics",
  "topics.text":
    "What clients say to each other without storing it, and who may. The first pattern that fits a topic counts; a topic that none fits is for superusers.",
  "topics.patterns": "Patterns",
  "topics.pattern": "Pattern {place}",
  "topics.topic": "Topic",
  "topics.hint": "rooms/{name}, news or chat/*",
  "topics.subscribe": "Who listens",
  "topics.publish": "Who speaks",
  "topics.presence": "Who is seen",
  "topics.expression": "Rule: {rule}",
  "topics.emptyRule": "An empty rule is everyone.",
  "topics.up": "Move pattern {place} up",
  "topics.down": "Move pattern {place} down",
  "topics.remove": "Remove pattern {place}",
  "topics.add": "Add a pattern",
  "topics.none": "No patterns: only superusers and plugins speak and listen on topics.",
  "topics.saved": "The topics are in force",
} as const;
