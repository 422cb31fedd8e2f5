//! The views of a schema: the engine is asked, in a database in memory, what each query yields, so that a view's
//! fields are known and a change that would break a view is refused before anything is done.

use super::ddl;
use crate::db::{Failure, Scratch, migrations};
use crate::error::{Error, Result};
use crate::model::{Collection, Field, Kind, quotes, view};
use crate::sql::Sql;
use std::sync::Arc;

/// A view that cannot be.
#[derive(Debug)]
pub struct Broken {
    /// Of the view.
    pub id: String,
    pub name: String,
    /// Why, for the superuser who wrote the query.
    pub words: String,
}

impl Broken {
    /// The table that it reads and that is not there.
    #[must_use]
    pub fn missing(&self) -> Option<&str> {
        self.words.strip_prefix("no such table: ")?.rsplit('.').next()
    }
}

/// Views with their fields as they follow from the queries.
#[derive(Debug)]
pub struct Views {
    /// Every collection, in the same order.
    pub collections: Vec<Arc<Collection>>,
    /// The statements that make the views.
    pub create: Vec<Sql>,
}

/// Derives the fields of every view from its query and the other collections. In those that are `fresh`, by their ids, texts are
/// put into the quotes of texts; a view that nobody has written anew stays as it is, or is broken.
///
/// # Errors
/// The outer one is ours; the inner one names the view to blame.
pub fn resolve(mut collections: Vec<Arc<Collection>>, fresh: impl Fn(&str) -> bool) -> Result<Result<Views, Broken>> {
    let count = collections.iter().filter(|collection| collection.is_view()).count();
    if count == 0 {
        return Ok(Ok(Views { collections, create: Vec::new() }));
    }
    let scratch = scratch(&collections)?;
    // A view may stand on another one, whose fields are known a round later.
    for _ in 0..=count {
        let mut changed = false;
        for at in 0..collections.len() {
            let Some(mut query) = query(&collections[at]).map(str::to_owned) else { continue };
            let (name, is_fresh) = (&collections[at].name, fresh(&collections[at].id));
            let found = if is_fresh {
                settled(&scratch, name, &mut query, &collections)
            } else {
                yielded(&scratch, name, &query, &collections)
            };
            match found {
                Ok(fields) => {
                    let kind = Kind::View { query };
                    if fields != collections[at].fields || kind != collections[at].kind {
                        collections[at] = Arc::new(Collection { kind, fields, ..(*collections[at]).clone() });
                        changed = true;
                    }
                }
                Err(words) => {
                    let Collection { id, name, .. } = (*collections[at]).clone();
                    return Ok(Err(Broken { id, name, words: words? }));
                }
            }
        }
        if !changed {
            break;
        }
    }
    let create = collections.iter().filter_map(|collection| create(&scratch, collection)).collect();
    Ok(Ok(Views { collections, create }))
}

/// A query that is no view's yet, with its texts in the quotes of texts, and its fields.
///
/// # Errors
/// As [`resolve`].
pub fn fields_of(query: &str, collections: &[Arc<Collection>]) -> Result<Result<(String, Vec<Field>), String>> {
    let (scratch, mut query) = (scratch(collections)?, query.to_owned());
    match settled(&scratch, TRIAL, &mut query, collections) {
        Ok(fields) => Ok(Ok((query, fields))),
        Err(words) => Ok(Err(words?)),
    }
}

/// No collection is called so.
const TRIAL: &str = "~trial";

/// A database with the tables of all collections and their views as they are given. What views may not read is not there:
/// the system's own tables, some of which hold secrets.
fn scratch(collections: &[Arc<Collection>]) -> Result<Scratch> {
    let scratch = Scratch::open(migrations::TENANT).map_err(Failure::into_error)?;
    // Views of the system's own tables first: one that dangles keeps every table from being renamed.
    drop_all(&scratch, "VIEW", |_| false)?;
    for table in collections.iter().filter(|collection| !collection.is_view()) {
        scratch.run(&ddl::create_table(table)).map_err(|failure| match failure {
            // Another table of the system has that name, or the like: not for whoever changes something else.
            Failure::Statement(words) => Error::invalid(format!("The collection {} cannot be: {words}.", table.name)),
            other => other.into_error(),
        })?;
    }
    let known = |name: &str| collections.iter().any(|collection| collection.name.eq_ignore_ascii_case(name));
    drop_all(&scratch, "TABLE", known)?;
    for (name, query) in collections.iter().filter_map(|collection| Some((&collection.name, query(collection)?))) {
        // What is wrong with it is told when its columns are asked for.
        let _ = scratch.run(&ddl::create_view(name, Sql::new("*"), query));
    }
    Ok(scratch)
}

/// Drops everything of a kind but what is to be kept.
fn drop_all(scratch: &Scratch, kind: &'static str, is_kept: impl Fn(&str) -> bool) -> Result<()> {
    let mut all =
        Sql::new("SELECT name, '' FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND type = lower(");
    all.bind(kind).push(")");
    for [name, _] in scratch.texts(&all).map_err(Failure::into_error)? {
        if !is_kept(&name) {
            let mut drop = Sql::new("DROP ");
            drop.push(kind).push(" ").name(&name);
            scratch.run(&drop).map_err(Failure::into_error)?;
        }
    }
    Ok(())
}

fn query(collection: &Collection) -> Option<&str> {
    match &collection.kind {
        Kind::View { query } => Some(query),
        Kind::Base | Kind::Auth(_) => None,
    }
}

/// The engine's words about a query, or an error of ours.
type Words = Result<String>;

/// The fields of a query, in which texts are put into the quotes of texts.
fn settled(
    scratch: &Scratch,
    name: &str,
    query: &mut String,
    collections: &[Arc<Collection>],
) -> Result<Vec<Field>, Words> {
    loop {
        let words = match yielded(scratch, name, query, collections) {
            Err(Ok(words)) => words,
            other => return other,
        };
        // Of what is some field's name it cannot be known what is meant.
        let is_field = |name: &str| {
            collections.iter().flat_map(|known| &known.fields).any(|field| field.name.eq_ignore_ascii_case(name))
        };
        let unknown = quotes::unknown_name(&words).filter(|name| !is_field(name));
        let meant = unknown.map(|text| quotes::as_texts(query, |name| name == text));
        let Some(meant) = meant.filter(|meant| meant != query) else { return Err(Ok(words)) };
        let mut drop = Sql::new("DROP VIEW IF EXISTS ");
        drop.name(name);
        scratch.run(&drop).map_err(self::words)?;
        *query = meant;
    }
}

fn yielded(scratch: &Scratch, name: &str, query: &str, collections: &[Arc<Collection>]) -> Result<Vec<Field>, Words> {
    let columns = match scratch.columns(name) {
        Ok(columns) if columns.is_empty() => {
            scratch.run(&ddl::create_view(name, Sql::new("*"), query)).map_err(words)?;
            scratch.columns(name).map_err(words)?
        }
        other => other.map_err(words)?,
    };
    let names: Vec<String> = columns.into_iter().map(|column| column.name).collect();
    let find = |name: &str| collections.iter().find(|known| known.name.eq_ignore_ascii_case(name)).map(AsRef::as_ref);
    view::fields(query, &names, &find).map_err(|words| Ok(words.to_owned()))
}

fn words(failure: Failure) -> Words {
    match failure {
        Failure::Statement(words) => Ok(words),
        other => Err(other.into_error()),
    }
}

/// The statement of a view. Ids are texts wherever they come from, because clients send texts; where they are
/// already, an index may serve them.
fn create(scratch: &Scratch, collection: &Collection) -> Option<Sql> {
    let query = query(collection)?;
    let declared = scratch.columns(&collection.name).unwrap_or_default();
    let is_text = declared.iter().any(|column| column.name == "id" && column.declared.eq_ignore_ascii_case("text"));
    let mut columns = Sql::default();
    for (index, field) in collection.fields.iter().enumerate() {
        columns.push(if index > 0 { ", " } else { "" });
        if field.name == "id" && !is_text {
            columns.push("CAST(id AS TEXT) AS id");
        } else {
            columns.name(&field.name);
        }
    }
    Some(ddl::create_view(&collection.name, columns, query))
}

/// The queries of views once tables have new names, by the view's id: those that differ.
///
/// # Errors
/// Only ours.
pub fn follow(before: &[Arc<Collection>], renamed: &[(String, String)]) -> Result<Vec<(String, String)>> {
    let views: Vec<_> = before.iter().filter_map(|view| Some((view, query(view)?))).collect();
    if renamed.is_empty() || views.is_empty() {
        return Ok(Vec::new());
    }
    let scratch = scratch(before)?;
    let aside = |to: &str| format!("~{to}");
    let steps = renamed.iter().map(|(from, to)| (from.clone(), aside(to)));
    let steps: Vec<_> = steps.chain(renamed.iter().map(|(_, to)| (aside(to), to.clone()))).collect();
    for (from, to) in steps {
        // Only a view that was broken before can be in the way; it is found by `resolve`.
        let _ = scratch.run(&ddl::rename_table(&from, &to));
    }
    let stored = scratch.texts(&Sql::new("SELECT name, sql FROM sqlite_schema WHERE type = 'view'"));
    let stored = stored.map_err(Failure::into_error)?;
    let rewritten = views.into_iter().filter_map(|(view, query)| {
        let [_, statement] = stored.iter().find(|[name, _]| *name == view.name)?;
        let head = ddl::view_head(&view.name, Sql::new("*"));
        let new = statement.strip_prefix(head.text())?.strip_suffix(ddl::VIEW_END)?;
        (new != query).then(|| (view.id.clone(), new.to_owned()))
    });
    Ok(rewritten.collect())
}
