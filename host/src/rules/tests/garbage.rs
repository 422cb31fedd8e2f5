//! Whatever is thrown at the language is answered: with a rule that the engine can run, or with a mistake that
//! has a place. `host/fuzz` does the same with a fuzzer.

use super::super::error::utf16;
use super::super::{Purpose, check_all, lint, parse, sort};
use super::equality::{body, rule, schema};
use super::*;
use proptest::prelude::*;
use proptest::sample::Index;

const PURPOSES: [Purpose; 3] =
    [Purpose::Rule, Purpose::ClientFilter { superuser: true }, Purpose::ClientFilter { superuser: false }];
/// What mutations put in: pieces that mean something, and some that nearly do.
const PIECES: &[&str] = &[
    "",
    "(",
    ")",
    "'",
    "\"",
    "\\",
    "&&",
    "||",
    "&",
    "|",
    "=",
    "?",
    "!",
    "~",
    "<",
    ">",
    "//",
    "\n",
    "\r",
    "\0",
    ".",
    ":",
    ",",
    "@",
    "#",
    "-",
    "1e9",
    "0x1",
    "99999999999",
    "é",
    "😀",
    "@request.",
    "@collection.",
    "_via_",
    ":each",
    ":length",
    ":isset",
    ":changed",
    ":lower",
    "null",
    "true",
    "geoDistance(",
    "strftime(",
    "id",
    "sec",
    "author.",
    "tags.",
    "profile_via_user.",
];

fn answer(world: &World, database: &Database, text: &str, facts: &Facts<'_>) -> Result<(), TestCaseError> {
    let base = world.named("posts");
    let row = world.record_of("posts", &serde_json::json!({"id": "p1", "tags": ["t1", "t2"], "sel": ["x"]}));
    for purpose in PURPOSES {
        let mistakes = match parse(text) {
            Err(error) => vec![error],
            Ok(expr) => match check_all(&expr, &base, world, purpose) {
                Err(errors) => errors,
                Ok(checked) => {
                    let found = database.selected("posts", checked.to_sql(facts, world).condition);
                    prop_assert!(found.is_ok(), "{:?}: {:?}", text, found);
                    let _ = checked.evaluate(facts, &row, world);
                    prop_assert!(!checked.explain(&expr).is_empty(), "{:?}", text);
                    lint::lint(&expr, &base, false)
                }
            },
        };
        let mistakes = mistakes.into_iter().chain(sort(text, &base, world, purpose).err());
        for mistake in mistakes {
            prop_assert!(mistake.span.end <= text.len() && mistake.span.start <= mistake.span.end, "{:?}", mistake);
            prop_assert!(text.get(mistake.span.clone()).is_some(), "{:?} in {:?}", mistake, text);
            prop_assert!(utf16(text, &mistake.span).end <= text.encode_utf16().count());
            prop_assert!(mistake.render(text).contains('^'));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(super::super::test_config(400))]

    #[test]
    fn anything_is_answered(
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        rules in prop::collection::vec(rule(true), 6),
        cuts in prop::collection::vec((any::<Index>(), any::<Index>(), 0..3, prop::sample::select(PIECES)), 1..5),
        body in body(),
    ) {
        let world = schema();
        let database = world.database();
        let facts = Facts { body: &body, ..facts() };
        answer(&world, &database, &String::from_utf8_lossy(&bytes), &facts)?;
        for rule in &rules {
            let mut chars: Vec<char> = rule.chars().collect();
            for (from, length, mode, piece) in &cuts {
                let start = from.index(chars.len() + 1);
                let end = (start + length.index(8)).min(chars.len());
                match mode {
                    0 => drop(chars.splice(start..end, piece.chars())),
                    1 => drop(chars.splice(start..start, piece.chars())),
                    _ => drop(chars.drain(start..end)),
                }
                answer(&world, &database, &chars.iter().collect::<String>(), &facts)?;
            }
        }
    }
}
