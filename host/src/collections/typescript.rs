//! The collections as TypeScript: an interface for the records of each, for what they are created with, and a map of
//! them all by name.

use super::shape::{Shape, is_demanded, is_optional, is_set, is_shown, of};
use crate::model::{Collection, Field, FieldKind};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

const HEAD: &str =
    "// Made by Tinybase of its collections; do not edit. `tinybase types`, or GET /api/types.ts, makes it anew.

/** In UTC, as `2026-01-02 03:04:05.678Z`; empty when there is none. */
export type DateText = string;

export interface GeoPoint {
  lon: number;
  lat: number;
}

/** What every record has. */
export interface AnyRecord {
  id: string;
  collectionId: string;
  collectionName: string;
}
";

/// The module for these collections.
#[must_use]
pub fn typescript(collections: &[Arc<Collection>], hidden_too: bool) -> String {
    let names = type_names(collections);
    let mut out = HEAD.to_owned();
    for collection in collections {
        let _ = Writer { collection, names: &names, hidden_too }.write(&mut out);
    }
    let _ = map(&mut out, collections, &names, "The records of each collection.", "Collections", "Record");
    let writable: Vec<_> = collections.iter().filter(|collection| !collection.is_view()).cloned().collect();
    let about = "What records of each collection are created with.";
    let _ = map(&mut out, &writable, &names, about, "Creates", "Create");
    out.push_str("\nexport type CollectionName = keyof Collections;\n");
    out
}

fn map(
    out: &mut String,
    collections: &[Arc<Collection>],
    names: &HashMap<String, String>,
    about: &str,
    name: &str,
    suffix: &str,
) -> std::fmt::Result {
    writeln!(out, "\n/** {about} */\nexport interface {name} {{")?;
    for collection in collections {
        writeln!(out, "  {}: {}{suffix};", collection.name, names[&collection.id])?;
    }
    out.push_str("}\n");
    Ok(())
}

struct Writer<'a> {
    collection: &'a Collection,
    /// Names of types by the ids of collections.
    names: &'a HashMap<String, String>,
    hidden_too: bool,
}

impl Writer<'_> {
    fn write(&self, out: &mut String) -> std::fmt::Result {
        let Self { collection, hidden_too, .. } = *self;
        let name = &self.names[&collection.id];
        writeln!(out, "\nexport interface {name}Record extends AnyRecord {{")?;
        writeln!(out, "  collectionName: {};", quoted(&collection.name))?;
        let shown = || collection.fields.iter().filter(|field| is_shown(collection, field, hidden_too));
        for field in shown().filter(|field| field.name != "id") {
            let mark = if is_optional(collection, field) { "?" } else { "" };
            property(out, field, mark)?;
        }
        let related: Vec<_> = shown().filter_map(|field| self.related(field)).collect();
        if !related.is_empty() {
            writeln!(out, "  /** With `expand`. */\n  expand?: {{ {} }};", related.join("; "))?;
        }
        out.push_str("}\n");
        if collection.is_view() {
            return Ok(());
        }
        writeln!(out, "\nexport interface {name}Create {{")?;
        for field in collection.fields.iter().filter(|field| is_set(collection, field, hidden_too)) {
            let mark = if is_demanded(field) { "" } else { "?" };
            property(out, field, mark)?;
            if matches!(field.kind, FieldKind::Password(_)) && collection.auth().is_some() {
                writeln!(out, "  {}Confirm{mark}: string;", field.name)?;
            }
        }
        out.push_str("}\n");
        writeln!(out, "\nexport type {name}Update = Partial<{name}Create>;")
    }

    /// The member of `expand` for a relation into a collection that is known here.
    fn related(&self, field: &Field) -> Option<String> {
        let FieldKind::Relation(relation) = &field.kind else { return None };
        let name = self.names.get(&relation.collection_id)?;
        let list = if field.kind.is_multiple() { "[]" } else { "" };
        Some(format!("{}?: {name}Record{list}", field.name))
    }
}

fn property(out: &mut String, field: &Field, mark: &str) -> std::fmt::Result {
    if !field.help.is_empty() {
        writeln!(out, "  /** {} */", field.help.replace("*/", "* /").replace(['\n', '\r'], " "))?;
    }
    let null = if field.nullable || matches!(field.kind, FieldKind::Vector(_)) { " | null" } else { "" };
    writeln!(out, "  {}{mark}: {}{null};", field.name, spelled(&of(field), field))
}

fn spelled(shape: &Shape, field: &Field) -> String {
    match shape {
        Shape::Text | Shape::Id(_) => "string".to_owned(),
        Shape::Date => "DateText".to_owned(),
        Shape::Number { .. } => "number".to_owned(),
        Shape::Bool => "boolean".to_owned(),
        Shape::Choice(values) => {
            let empty = (!field.required && !field.kind.is_multiple()).then(String::new);
            let values: Vec<String> = values.iter().cloned().chain(empty).map(|value| quoted(&value)).collect();
            if values.is_empty() { "never".to_owned() } else { values.join(" | ") }
        }
        Shape::GeoPoint => "GeoPoint".to_owned(),
        Shape::Anything => "unknown".to_owned(),
        Shape::List(item) => {
            let item = spelled(item, field);
            if item.contains('|') { format!("({item})[]") } else { format!("{item}[]") }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `blog_posts` is `BlogPosts`; names that would be the same get a number.
#[must_use]
pub fn type_names(collections: &[Arc<Collection>]) -> HashMap<String, String> {
    // Names of the module itself.
    let mut taken: HashSet<String> = ["Any"].map(str::to_owned).into();
    let mut names = HashMap::new();
    for collection in collections {
        let mut name = pascal_case(&collection.name);
        if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            name.insert(0, 'C');
        }
        let mut unique = name.clone();
        let mut number = 2;
        while !taken.insert(unique.clone()) {
            unique = format!("{name}{number}");
            number += 1;
        }
        names.insert(collection.id.clone(), unique);
    }
    names
}

fn pascal_case(name: &str) -> String {
    let mut pascal = String::with_capacity(name.len());
    let mut upper = true;
    for letter in name.chars() {
        if !letter.is_ascii_alphanumeric() {
            upper = true;
            continue;
        }
        pascal.push(if upper { letter.to_ascii_uppercase() } else { letter });
        upper = false;
    }
    pascal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::system;

    #[test]
    fn names_of_types_are_unique() {
        let collection = |id: &str, name: &str| {
            Arc::new(Collection { id: id.to_owned(), name: name.to_owned(), ..system::external_auths("") })
        };
        let names = type_names(&[
            collection("1", "blog_posts"),
            collection("2", "blogPosts"),
            collection("3", "7up"),
            collection("4", "_any"),
        ]);
        assert_eq!(["1", "2", "3", "4"].map(|id| names[id].as_str()), ["BlogPosts", "BlogPosts2", "C7up", "Any2"]);
    }

    #[test]
    fn an_auth_collection() {
        let users = Arc::new(system::users("", &mut |length| "x".repeat(length)));
        let module = typescript(&[users], false);
        let expected = "export interface UsersRecord extends AnyRecord {\n  collectionName: \"users\";\n  email?: string;\n  \
             emailVisibility: boolean;\n  verified: boolean;\n  name: string;\n  avatar: string;\n  created: DateText;\n  \
             updated: DateText;\n}\n";
        assert!(module.contains(expected), "{module}");
        assert!(module.contains("  password: string;\n  passwordConfirm: string;\n"), "{module}");
        assert!(!module.contains("tokenKey"), "{module}");
    }
}
