//! What a client may not see makes no difference to it: two databases that differ only in such values answer
//! every filter and every sort alike.

use super::super::{Purpose, check, parse, sort};
use super::equality::{COLUMNS, MULTIPLE_PATHS, Rows, SINGLE_PATHS, fill, rows, rule, schema};
use super::*;
use proptest::prelude::*;
use proptest::sample::select;

/// The rows as somebody else might have them where no client may look: users that are not verified, teams that
/// are off, comments with a high score, addresses that are not shown.
fn twin(rows: &Rows, other: &Rows) -> Rows {
    let mut twin = rows.clone();
    for (user, stranger) in twin.users.iter_mut().zip(&other.users) {
        if user["verified"] == false {
            for field in ["name", "age", "team", "meta", "roles", "groups", "email"] {
                user[field] = stranger[field].clone();
            }
        } else if user["emailVisibility"] == false {
            user["email"] = stranger["email"].clone();
        }
    }
    for (team, stranger) in twin.teams.iter_mut().zip(&other.teams).filter(|(team, _)| team["on"] == false) {
        for field in ["name", "level", "meta", "lead"] {
            team[field] = stranger[field].clone();
        }
    }
    let is_secret = |comment: &Json| comment["score"].as_f64() >= Some(2.0);
    twin.comments.retain(|comment| !is_secret(comment));
    twin.comments.extend(other.comments.iter().filter(|comment| is_secret(comment)).map(|comment| {
        let mut comment = comment.clone();
        comment["id"] = format!("secret {}", comment["id"]).into();
        comment
    }));
    twin
}

fn guarded(rows: &Rows) -> World {
    let mut world = schema();
    for (name, rule) in [
        ("users", Some("verified = true")),
        ("teams", Some("on = true")),
        ("comments", Some("score < 2")),
        ("profile", None),
    ] {
        let collection = world.collections.iter_mut().find(|known| known.name == name).expect("it is there");
        Arc::make_mut(collection).rules.list = rule.map(str::to_owned);
    }
    fill(&mut world, rows);
    world
}

const CLIENT: Purpose = Purpose::ClientFilter { superuser: false };

fn filtered(world: &World, database: &Database, text: &str) -> Option<Result<Vec<String>, String>> {
    let checked = check(&parse(text).ok()?, &world.named("posts"), world, CLIENT).ok()?;
    Some(database.selected("posts", checked.to_sql(&facts(), world).condition))
}

fn sorted(world: &World, database: &Database, text: &str) -> Option<Result<Vec<String>, String>> {
    let order = sort(text, &world.named("posts"), world, CLIENT).ok()?.to_sql(&facts(), world);
    let mut sql = Sql::new("SELECT id FROM posts WHERE ");
    sql.append(order.guard.condition).push(" ORDER BY ").append(order.terms).push(", id");
    Some(database.texts(&sql))
}

proptest! {
    #![proptest_config(super::super::test_config(150))]

    #[test]
    fn what_is_not_visible_makes_no_difference(
        rows in rows(),
        other in rows(),
        filters in prop::collection::vec(rule(false), 8),
        sorts in prop::collection::vec(prop_oneof![select(COLUMNS), select(SINGLE_PATHS), select(MULTIPLE_PATHS)], 6),
    ) {
        let (here, there) = (guarded(&rows), guarded(&twin(&rows, &other)));
        let (here_rows, there_rows) = (here.database(), there.database());
        for filter in &filters {
            let (one, two) = (filtered(&here, &here_rows, filter), filtered(&there, &there_rows, filter));
            prop_assert!(!matches!(one, Some(Err(_))), "{}: {:?}", filter, one);
            prop_assert_eq!(one, two, "{}", filter);
        }
        for path in &sorts {
            for text in [(*path).to_owned(), format!("-{path}")] {
                let (one, two) = (sorted(&here, &here_rows, &text), sorted(&there, &there_rows, &text));
                prop_assert!(!matches!(one, Some(Err(_))), "{}: {:?}", text, one);
                prop_assert_eq!(one, two, "sorted by {}", text);
            }
        }
    }
}
