//! `tinybase collections`.

use super::{Failed, Place, direct, terminal};
use crate::host::control::Command;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Options of a field whose value is a list, written `a|b|c`.
const LISTS: [&str; 5] = ["values", "onlyDomains", "exceptDomains", "mimeTypes", "thumbs"];

/// Options that are text even where the value looks like something else.
const TEXTS: [&str; 3] = ["pattern", "autogeneratePattern", "help"];

#[derive(Debug, Subcommand)]
pub(super) enum Collections {
    /// Create a collection, from fields or from a file.
    Create(Box<Create>),
    /// List the collections: name and type, a line each.
    List {
        /// Print the whole definitions as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// The name; not needed where the file has one.
    #[arg(required_unless_present = "json")]
    name: Option<String>,
    /// A field: NAME:TYPE[:OPTION]..., where an option is `required`, `max=200`, `values=a|b`, `collection=users`.
    #[arg(long = "field", value_name = "FIELD")]
    fields: Vec<String>,
    /// base, auth or view.
    #[arg(long = "type", value_name = "TYPE", default_value = "base")]
    kind: String,
    /// A definition as the API takes it; `-` reads stdin.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fields", "kind"])]
    json: Option<PathBuf>,
    /// The query of a view.
    #[arg(long, value_name = "SQL")]
    query: Option<String>,
    #[command(flatten)]
    rules: Rules,
    #[command(flatten)]
    place: Place,
}

/// Who may do what: empty for everybody, an expression for some; without it superusers only.
#[derive(Debug, Args)]
struct Rules {
    /// Let everybody list, view, create, update and delete.
    #[arg(long)]
    public: bool,
    /// Who may list: empty for everybody, an expression for some; without it superusers only.
    #[arg(long = "list-rule", value_name = "RULE")]
    list: Option<String>,
    #[arg(long = "view-rule", value_name = "RULE")]
    view: Option<String>,
    #[arg(long = "create-rule", value_name = "RULE")]
    create: Option<String>,
    #[arg(long = "update-rule", value_name = "RULE")]
    update: Option<String>,
    #[arg(long = "delete-rule", value_name = "RULE")]
    delete: Option<String>,
}

impl Collections {
    pub(super) fn run(self) -> Result<(), Failed> {
        match self {
            Self::Create(create) => create.run(),
            Self::List { json, place } => {
                let collections = direct::run(place, Command::CollectionList)?;
                if json {
                    terminal::data(&format!("{collections:#}"));
                    return Ok(());
                }
                for collection in collections.as_array().into_iter().flatten() {
                    let text = |key: &str| collection[key].as_str().unwrap_or_default();
                    terminal::data(&format!("{}\t{}", text("name"), text("type")));
                }
                Ok(())
            }
        }
    }
}

impl Create {
    fn run(self) -> Result<(), Failed> {
        let definition = self.definition()?;
        let created = direct::run(self.place, Command::CollectionCreate { definition })?;
        terminal::data(&format!("{created:#}"));
        terminal::say(&format!("created collection {}", created["name"].as_str().unwrap_or_default()));
        Ok(())
    }

    fn definition(&self) -> Result<Map<String, Value>, Failed> {
        let mut definition = if let Some(path) = &self.json {
            read(path)?
        } else {
            let fields = self.fields.iter().map(|text| field(text)).collect::<Result<Vec<_>, _>>()?;
            object(json!({"type": self.kind, "fields": fields}))
        };
        if let Some(name) = &self.name {
            definition.insert("name".to_owned(), json!(name));
        }
        if let Some(query) = &self.query {
            definition.insert("viewQuery".to_owned(), json!(query));
        }
        for (key, rule) in self.rules.given(self.kind == "view") {
            definition.insert(key.to_owned(), json!(rule));
        }
        Ok(definition)
    }
}

impl Rules {
    /// The rules that were given, by their keys; the records of a view can only be read.
    fn given(&self, is_view: bool) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("listRule", &self.list, true),
            ("viewRule", &self.view, true),
            ("createRule", &self.create, !is_view),
            ("updateRule", &self.update, !is_view),
            ("deleteRule", &self.delete, !is_view),
        ];
        all.into_iter().filter_map(|(key, rule, can_be_public)| {
            let default = (self.public && can_be_public).then_some("");
            Some((key, rule.as_deref().or(default)?))
        })
    }
}

fn read(path: &Path) -> Result<Map<String, Value>, Failed> {
    let text = if path.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    let text = text.map_err(|error| Failed::new(format!("failed to read {}: {error}", path.display())))?;
    serde_json::from_str(&text).map_err(|error| Failed::new(format!("{} is no JSON object: {error}", path.display())))
}

/// `title:text:required:max=200` as the API takes it.
fn field(text: &str) -> Result<Value, Failed> {
    let mut parts = text.split(':');
    let (Some(name), Some(kind)) = (parts.next().filter(|name| !name.is_empty()), parts.next()) else {
        return Err(Failed::usage(format!("`{text}` is no field: write NAME:TYPE, for instance title:text:required")));
    };
    let mut field = object(json!({"name": name, "type": kind}));
    for option in parts {
        let (key, value) = match option.split_once('=') {
            Some(("collection", value)) => ("collectionId", json!(value)),
            Some((key, value)) if LISTS.contains(&key) => (key, json!(value.split('|').collect::<Vec<_>>())),
            Some((key, value)) if TEXTS.contains(&key) => (key, json!(value)),
            Some((key, value)) => (key, serde_json::from_str(value).unwrap_or_else(|_| json!(value))),
            None => (option, Value::Bool(true)),
        };
        field.insert(key.to_owned(), value);
    }
    Ok(Value::Object(field))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_short_to_write() {
        let text = "title:text:required:max=200";
        assert_eq!(field(text).unwrap(), json!({"name": "title", "type": "text", "required": true, "max": 200}));
        let text = "state:select:values=open|closed:maxSelect=1";
        assert_eq!(field(text).unwrap()["values"], json!(["open", "closed"]));
        assert_eq!(field("author:relation:collection=users").unwrap()["collectionId"], json!("users"));
        assert_eq!(field("n:text:pattern=12").unwrap()["pattern"], json!("12"));
        assert!(field("title").is_err() && field(":text").is_err());
    }
}
