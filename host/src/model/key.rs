//! An API key and what it may do.
//!
//! A scope is `COLLECTION:VERB`, either of which may be `*`, or an area of the server: `plugins`, `settings`, `schema`,
//! `logs`, `system`, `realtime`. `plugins:read`, `settings:read` and `realtime:read` are for looking only, as the other areas are anyway. `*` stands for the collections that people made: what the system
//! keeps (superusers, sign-ins, one-time passwords) is not for keys, since it leads to everything else.

use super::Collection;
use std::fmt;

/// What is done with records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    List,
    View,
    Create,
    Update,
    Delete,
}

impl Verb {
    pub const ALL: [Self; 5] = [Self::List, Self::View, Self::Create, Self::Update, Self::Delete];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::View => "view",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// The verb of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.name() == name)
    }

    fn only_looks(self) -> bool {
        matches!(self, Self::List | Self::View)
    }
}

/// A part of the server that is not records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    Plugins,
    Settings,
    /// The definitions of collections.
    Schema,
    /// The request log and the audit trail.
    Logs,
    /// Figures of the running server.
    System,
    /// Topics that are no collection's; to change it is to speak there.
    Realtime,
}

impl Area {
    pub const ALL: [Self; 6] = [Self::Plugins, Self::Settings, Self::Schema, Self::Logs, Self::System, Self::Realtime];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plugins => "plugins",
            Self::Settings => "settings",
            Self::Schema => "schema",
            Self::Logs => "logs",
            Self::System => "system",
            Self::Realtime => "realtime",
        }
    }

    /// Whether a key may change anything in it. Who changes a definition can read and become whomever they like.
    fn can_be_changed(self) -> bool {
        matches!(self, Self::Plugins | Self::Settings | Self::Realtime)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A collection by its id, or all; a verb, or all.
    Records {
        collection: Option<String>,
        verb: Option<Verb>,
    },
    Area {
        area: Area,
        looks_only: bool,
    },
}

impl Scope {
    /// Reads a scope; the collection may be given by anything that `id_of` knows.
    #[must_use]
    pub fn parse(text: &str, id_of: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let area = |name: &str| Area::ALL.into_iter().find(|area| area.name() == name);
        match text.split_once(':') {
            None => area(text).map(|area| Self::Area { area, looks_only: !area.can_be_changed() }),
            Some((name, "read")) => area(name).map(|area| Self::Area { area, looks_only: true }),
            Some((name, verb)) => {
                let verb = match verb {
                    "*" => None,
                    verb => Some(Verb::parse(verb)?),
                };
                let collection = if name == "*" { None } else { Some(id_of(name)?) };
                Some(Self::Records { collection, verb })
            }
        }
    }

    /// The id of the collection that it is for.
    #[must_use]
    pub fn collection(&self) -> Option<&str> {
        match self {
            Self::Records { collection, .. } => collection.as_deref(),
            Self::Area { .. } => None,
        }
    }

    /// As it is shown, with the collection's name of today.
    #[must_use]
    pub fn show(&self, name_of: impl Fn(&str) -> String) -> String {
        match self {
            Self::Records { collection, verb } => {
                let collection = collection.as_deref().map_or_else(|| "*".to_owned(), name_of);
                format!("{collection}:{}", verb.map_or("*", Verb::name))
            }
            Self::Area { area, looks_only: true } if area.can_be_changed() => format!("{}:read", area.name()),
            Self::Area { area, .. } => area.name().to_owned(),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.show(str::to_owned))
    }
}

/// A key that was presented and is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: String,
    pub name: String,
    pub scopes: Vec<Scope>,
    /// Whatever the scopes say, nothing is changed.
    pub read_only: bool,
    /// Milliseconds since 1970.
    pub expires_ms: Option<i64>,
}

impl ApiKey {
    /// Whether it may do that with the records of a collection.
    #[must_use]
    pub fn may(&self, collection: &Collection, wanted: Verb) -> bool {
        let matches = |scope: &Scope| match scope {
            Scope::Records { collection: of, verb } => {
                of.as_ref().is_none_or(|id| *id == collection.id) && verb.is_none_or(|verb| verb == wanted)
            }
            Scope::Area { .. } => false,
        };
        !collection.system && (wanted.only_looks() || !self.read_only) && self.scopes.iter().any(matches)
    }

    /// Whether it may do anything at all with them that this allows.
    #[must_use]
    pub fn may_any(&self, collection: &Collection, verbs: &[Verb]) -> bool {
        verbs.iter().any(|verb| self.may(collection, *verb))
    }

    /// Whether it may look into an area, or change what is there.
    #[must_use]
    pub fn may_enter(&self, area: Area, changes: bool) -> bool {
        let matches = |scope: &Scope| match scope {
            Scope::Area { area: of, looks_only } => *of == area && !(changes && *looks_only),
            Scope::Records { .. } => false,
        };
        !(changes && self.read_only) && self.scopes.iter().any(matches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Rules};

    fn collection(id: &str, system: bool) -> Collection {
        Collection {
            id: id.into(),
            name: format!("name of {id}"),
            kind: Kind::Base,
            system,
            fields: Vec::new(),
            indexes: Vec::new(),
            rules: Rules::default(),
            created: String::new(),
            updated: String::new(),
        }
    }

    fn key(scopes: &[&str], read_only: bool) -> ApiKey {
        let scopes = scopes.iter().map(|text| Scope::parse(text, |name| Some(name.to_owned())).unwrap()).collect();
        ApiKey { id: "k".into(), name: "K".into(), scopes, read_only, expires_ms: None }
    }

    #[test]
    fn scopes_are_read_and_shown() {
        for text in
            ["posts:list", "*:view", "posts:*", "*:*", "plugins", "plugins:read", "settings:read", "schema", "logs"]
        {
            let scope = Scope::parse(text, |name| Some(format!("id {name}"))).unwrap();
            assert_eq!(scope.show(|id| id.trim_start_matches("id ").to_owned()), text);
        }
        let logs = |text: &str| Scope::parse(text, |_| None);
        assert_eq!((logs("logs:read"), logs("schema:read")), (logs("logs"), logs("schema")));
        for text in ["", ":", "posts", "posts:", "posts:write", "nope:list", "*", "plugins:write", "plugins:list"] {
            assert_eq!(Scope::parse(text, |_| None), None, "{text}");
        }
    }

    #[test]
    fn a_key_may_what_its_scopes_say() {
        let (posts, notes, superusers) =
            (collection("posts", false), collection("notes", false), collection("s", true));
        let cases = [
            (key(&["posts:list"], false), &posts, vec![Verb::List]),
            (key(&["posts:list"], false), &notes, vec![]),
            (key(&["posts:*"], false), &posts, Verb::ALL.to_vec()),
            (key(&["posts:*"], true), &posts, vec![Verb::List, Verb::View]),
            (key(&["*:view", "notes:create"], false), &notes, vec![Verb::View, Verb::Create]),
            (key(&["*:*"], false), &superusers, vec![]),
            (key(&["s:*"], false), &superusers, vec![]),
            (key(&["plugins", "settings"], false), &posts, vec![]),
        ];
        for (key, collection, expected) in cases {
            let may: Vec<Verb> = Verb::ALL.into_iter().filter(|verb| key.may(collection, *verb)).collect();
            assert_eq!(may, expected, "{key:?}");
        }
    }

    #[test]
    fn areas_are_looked_into_or_changed() {
        let may = |scopes: &[&str], read_only, area| {
            [false, true].map(|changes| key(scopes, read_only).may_enter(area, changes))
        };
        assert_eq!(may(&["plugins"], false, Area::Plugins), [true, true]);
        assert_eq!(may(&["plugins"], true, Area::Plugins), [true, false]);
        assert_eq!(may(&["plugins:read"], false, Area::Plugins), [true, false]);
        assert_eq!(may(&["schema"], false, Area::Schema), [true, false]);
        assert_eq!(may(&["*:*"], false, Area::Settings), [false, false]);
    }
}
