//! What is said when the database refuses a change of the schema: of an index its place, of anything else the engine's words.
//! The statements came from superusers, who are helped by them.

use crate::db::{Failure, Unique};
use crate::error::{Error, FieldErrors, code};
use crate::model::Collection;
use crate::model::index::Index;
use crate::schema::IndexStep;
use std::sync::Arc;

/// The error of a unit that broke off at a step. `made` are the steps that make indexes of `after`.
pub(super) fn refusal(
    failure: Failure,
    step: Option<usize>,
    made: &[IndexStep],
    after: &[Arc<Collection>],
    message: &'static str,
) -> Error {
    let made = made.iter().find(|made| Some(made.step) == step);
    let at = made.and_then(|made| Some((after.iter().find(|known| known.id == made.collection)?, made.position)));
    match (failure, at) {
        (Failure::Statement(words), Some((of, position))) => of_index(of, position, &words, message),
        (Failure::Unique(unique), Some((of, position))) => not_unique(of, position, &unique, message),
        (Failure::Statement(words), None) => Error::invalid(format!("{message} Raw error: {words}")),
        (failure, _) => failure.into_error().with_message(message),
    }
}

fn of_index(of: &Collection, position: usize, words: &str, message: &'static str) -> Error {
    let words = format!("Failed to create index {} - {words}.", name_of(of, position));
    let error = code::INVALID_INDEX_EXPRESSION.say(words);
    let mut fields = FieldErrors::default();
    fields.nest("indexes", FieldErrors::one(&position.to_string(), error));
    Error::Invalid { message: message.into(), fields }
}

/// Records that are there have the same. An index that a field owns was asked for by the field's option.
fn not_unique(of: &Collection, position: usize, unique: &Unique, message: &'static str) -> Error {
    let Some(field) = of.owner_of_index(&name_of(of, position)) else {
        let columns = if unique.columns.is_empty() { "what it is over".to_owned() } else { unique.columns.join(", ") };
        return of_index(of, position, &format!("records that are there have the same {columns}"), message);
    };
    let option = FieldErrors::one("unique", code::NOT_UNIQUE.say("Records that are there have the same value."));
    let (mut list, mut fields) = (FieldErrors::default(), FieldErrors::default());
    list.nest(&field.to_string(), option);
    fields.nest("fields", list);
    Error::Invalid { message: message.into(), fields }
}

fn name_of(of: &Collection, position: usize) -> String {
    of.indexes.get(position).and_then(|statement| Index::parse(statement)).map(|index| index.name).unwrap_or_default()
}
