//! `?fields=`: which parts of a JSON answer are wanted.
//!
//! `id,expand.author.name,*,text:excerpt(200,true)`: dotted paths, `*` for every key of its level, a
//! modifier after `:`. Unknown names are ignored and lists are traversed. It runs on finished JSON, after
//! visibility, so it cannot reveal anything.

mod excerpt;

use crate::error::{Error, Result};
use excerpt::Excerpt;
use serde_json::{Map, Value};

/// Longest expression.
const LENGTH_MAX: usize = 10_000;

/// Most paths in an expression.
const PATHS_MAX: usize = 500;

/// Most levels of a path.
const DEPTH_MAX: usize = 20;

/// Keys of a page that stay whatever is picked from its items.
const ITEMS: &str = "items";

/// A parsed `fields` expression.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picker(Branch);

/// What is wanted below one key.
#[derive(Debug, Clone, Default, PartialEq)]
struct Branch {
    /// The value itself is wanted, perhaps modified.
    whole: Option<Modifier>,
    named: Vec<(String, Branch)>,
    /// Every key that `named` does not have.
    rest: Option<Box<Branch>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Modifier {
    Unchanged,
    Excerpt(Excerpt),
}

impl Picker {
    /// Parses an expression; an empty one picks everything.
    ///
    /// # Errors
    /// `Invalid` for an unknown modifier, bad arguments, or an expression beyond the limits.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > LENGTH_MAX {
            return Err(Error::invalid("The fields expression is too long."));
        }
        let mut root = Branch::default();
        for (count, item) in split_outside_parentheses(text).into_iter().enumerate() {
            if count >= PATHS_MAX {
                return Err(Error::invalid("The fields expression has too many paths."));
            }
            let (path, modifier) = match item.split_once(':') {
                Some((path, modifier)) => (path, Modifier::parse(modifier)?),
                None => (item, Modifier::Unchanged),
            };
            root.add(path, modifier)?;
        }
        Ok(Self(root))
    }

    /// Keeps what was picked of a value: of an object, or of each object in a list.
    #[must_use]
    pub fn apply(&self, mut value: Value) -> Value {
        self.0.prune(&mut value);
        value
    }

    /// Keeps what was picked of each item of a page; the page's own keys stay.
    #[must_use]
    pub fn apply_to_items(&self, mut page: Value) -> Value {
        match page.get_mut(ITEMS) {
            Some(items) => self.0.prune(items),
            None => self.0.prune(&mut page),
        }
        page
    }
}

impl Branch {
    fn add(&mut self, path: &str, modifier: Modifier) -> Result<()> {
        let mut branch = self;
        for (depth, name) in path.split('.').enumerate() {
            if depth >= DEPTH_MAX {
                return Err(Error::invalid("The fields expression is too deep."));
            }
            branch = branch.child(name);
        }
        branch.whole = Some(modifier);
        Ok(())
    }

    fn child(&mut self, name: &str) -> &mut Self {
        if name == "*" {
            return self.rest.get_or_insert_default();
        }
        let index = self.named.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.named.push((name.to_owned(), Self::default()));
            self.named.len() - 1
        });
        &mut self.named[index].1
    }

    fn wanted(&self, key: &str) -> Option<&Self> {
        let named = self.named.iter().find(|(name, _)| name == key).map(|(_, branch)| branch);
        named.or(self.rest.as_deref())
    }

    fn prune(&self, value: &mut Value) {
        match value {
            Value::Object(object) => self.prune_object(object),
            Value::Array(items) => items.iter_mut().for_each(|item| self.prune(item)),
            _ => {}
        }
    }

    fn prune_object(&self, object: &mut Map<String, Value>) {
        if self.named.is_empty() && self.rest.is_none() {
            return;
        }
        object.retain(|key, value| {
            let Some(branch) = self.wanted(key) else { return false };
            match &branch.whole {
                Some(Modifier::Unchanged) => {}
                Some(Modifier::Excerpt(excerpt)) => {
                    if let Value::String(text) = value {
                        *text = excerpt.of(text);
                    }
                }
                None => branch.prune(value),
            }
            true
        });
    }
}

impl Modifier {
    fn parse(text: &str) -> Result<Self> {
        let (name, arguments) =
            text.trim().strip_suffix(')').and_then(|text| text.split_once('(')).unwrap_or((text.trim(), ""));
        match name {
            "excerpt" => Ok(Self::Excerpt(Excerpt::parse(arguments)?)),
            _ => Err(Error::invalid("The fields expression has an unknown modifier.")),
        }
    }
}

/// The trimmed, non-empty parts between commas; commas within parentheses belong to arguments.
fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pick(fields: &str) -> Value {
        let value = json!({
            "id": "1", "title": "Hello", "body": "<p>One <b>two</b> three</p><script>evil()</script><p>four</p>",
            "meta": {"a": 1, "b": {"c": 2, "d": 3}, "l": [{"x": 1, "y": 2}, {"x": 3, "y": 4}], "n": [1, 2]},
        });
        Picker::parse(fields).unwrap().apply(value)
    }

    #[test]
    fn paths_select() {
        assert_eq!(pick("id, title,nope"), json!({"id": "1", "title": "Hello"}));
        assert_eq!(pick("meta.b.*"), json!({"meta": {"b": {"c": 2, "d": 3}}}));
        assert_eq!(pick("meta.l.x"), json!({"meta": {"l": [{"x": 1}, {"x": 3}]}}));
        assert_eq!(pick("meta.n.x,title.y"), json!({"title": "Hello", "meta": {"n": [1, 2]}}));
        assert_eq!(pick("*").as_object().unwrap().len(), 4);
        assert_eq!(pick("meta.a,*")["meta"], json!({"a": 1}));
        assert_eq!(pick("  , ").as_object().unwrap().len(), 4);
    }

    #[test]
    fn a_whole_value_wins_over_its_parts() {
        assert_eq!(pick("meta,meta.a")["meta"].as_object().unwrap().len(), 4);
    }

    #[test]
    fn excerpts() {
        assert_eq!(pick("body:excerpt(13)"), json!({"body": "One two three"}));
        let star = pick("*,body:excerpt(3,true)");
        assert_eq!((&star["body"], &star["title"]), (&json!("One..."), &json!("Hello")));
    }

    #[test]
    fn pages_keep_their_keys() {
        let page = json!({"page": 1, "items": [{"a": 1, "b": 2}]});
        assert_eq!(Picker::parse("a").unwrap().apply_to_items(page), json!({"page": 1, "items": [{"a": 1}]}));
    }

    #[test]
    fn mistakes_are_refused() {
        for fields in ["a:nope(1)", "a:excerpt", "a:excerpt()", "a:excerpt(0)", "a:excerpt(x)", "a:excerpt(1,2,3)"] {
            assert!(Picker::parse(fields).is_err(), "{fields}");
        }
        assert!(Picker::parse(&"a.".repeat(50)).is_err());
        assert!(Picker::parse(&"a,".repeat(600)).is_err());
    }
}
