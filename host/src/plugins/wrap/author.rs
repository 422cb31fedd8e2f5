//! What an author's `world.wit` asks for, for languages whose component is made for another world than the author's.

use super::{PACKAGE, VERSION, WORLD, contract};
use crate::plugins::scan::scan;
use crate::tenant::hooks::Stage;
use wit_parser::{Interface, PackageId, Resolve, WorldItem, WorldKey};

/// The world of an author, as far as a component can have it.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    /// Interfaces of the contract that have functions, by short name (`log`).
    pub imports: Vec<String>,
    /// The hooks, in the order of [`Stage::ALL`].
    pub exports: Vec<Stage>,
}

impl Asked {
    /// Reads `world.wit`.
    ///
    /// # Errors
    /// In words for its author: where it is no WIT, and what it asks for that there is not.
    pub fn of(text: &str) -> Result<Self, String> {
        let failed = |error: &dyn std::fmt::Display| format!("world.wit: {error:#}");
        let mut resolve = Resolve::new();
        let ours = resolve.push_source("contract.wit", &contract()).map_err(|error| failed(&error))?;
        let package = resolve.push_source("world.wit", text).map_err(|error| {
            format!("{}\nThe interfaces that there are have names like {PACKAGE}/log@{VERSION}.", failed(&error))
        })?;
        let world = resolve.select_world(&[package], Some(WORLD)).map_err(|error| failed(&error))?;
        let world = &resolve.worlds[world];
        let mut asked = Self { imports: vec![], exports: vec![] };
        for (key, item) in &world.imports {
            // Types need nobody who provides them.
            if matches!(item, WorldItem::Type { .. }) {
                continue;
            }
            let interface = interface(&resolve, ours, key, item).ok_or_else(|| strange(&resolve, "imports", key))?;
            if !interface.functions.is_empty() {
                asked.imports.extend(interface.name.clone());
            }
        }
        for (key, item) in &world.exports {
            let interface = interface(&resolve, ours, key, item);
            let stage = interface.and_then(|found| {
                Stage::ALL.into_iter().find(|stage| found.name.as_deref() == Some(stage.interface()))
            });
            asked.exports.push(stage.ok_or_else(|| strange(&resolve, "exports", key))?);
        }
        asked.exports.sort_by_key(|stage| Stage::ALL.iter().position(|other| other == stage));
        if asked.exports.is_empty() {
            return Err(format!("world.wit exports no hook, such as {PACKAGE}/before-create@{VERSION}"));
        }
        Ok(asked)
    }

    /// Holds a finished component to it.
    ///
    /// # Errors
    /// In words, when a hook is not there that was asked for, or one is that was not.
    pub fn check(&self, component: &[u8]) -> Result<(), String> {
        let found = scan(component).map_err(|error| error.detail)?.stages();
        if found == self.exports {
            return Ok(());
        }
        let list = |stages: &[Stage]| stages.iter().map(|stage| stage.interface()).collect::<Vec<_>>().join(", ");
        Err(format!("world.wit exports {}, and the component has become one of {}", list(&self.exports), list(&found)))
    }
}

/// The interface of the contract that an item is.
fn interface<'a>(resolve: &'a Resolve, ours: PackageId, key: &WorldKey, item: &WorldItem) -> Option<&'a Interface> {
    match (key, item) {
        (WorldKey::Interface(_), WorldItem::Interface { id, .. }) => {
            Some(&resolve.interfaces[*id]).filter(|interface| interface.package == Some(ours))
        }
        _ => None,
    }
}

fn strange(resolve: &Resolve, verb: &str, key: &WorldKey) -> String {
    let name = resolve.name_world_key(key);
    let possible = if verb == "exports" { "only hooks of the contract can be" } else { "nobody provides that" };
    format!("world.wit {verb} {name}; {possible} ({PACKAGE}@{VERSION})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::wrap::componentize;

    fn asked(lines: &str) -> Result<Asked, String> {
        Asked::of(&format!("package author:plugin;\nworld plugin {{\n{lines}\n}}\n"))
    }

    #[test]
    fn what_shares_a_line_is_asked_for_too() {
        let found = asked(
            "export tinybase:plugin/before-create@0.1.0; export tinybase:plugin/validator@0.1.0; import \
             tinybase:plugin/log@0.1.0;\n  export\n    tinybase:plugin/after-create@0.1.0; // import \
             tinybase:plugin/kv@0.1.0;\n/* export tinybase:plugin/before-delete@0.1.0; */",
        );
        let exports = [Stage::BeforeCreate, Stage::Validate, Stage::AfterCreate];
        let found = found.unwrap();
        assert_eq!(found.imports, ["log"]);
        assert!(found.exports.len() == 3 && exports.iter().all(|stage| found.exports.contains(stage)), "{found:?}");
    }

    #[test]
    fn what_there_is_not_is_refused_in_words() {
        for (lines, words) in [
            ("export tinybase:plugin/before-create@0.9.0;", "0.9.0"),
            ("export tinybase:plugin/before-lunch@0.1.0;", "before-lunch"),
            ("export tinybase:plugin/kv@0.1.0;", "exports tinybase:plugin/kv"),
            ("export run: func();", "exports run"),
            ("export tinybase:plugin/validator@0.1.0; import print: func(text: string);", "imports print"),
            ("import tinybase:plugin/log@0.1.0;", "exports no hook"),
            ("export tinybase:plugin/validator@0.1.0", "expected"),
        ] {
            let error = asked(lines).unwrap_err();
            assert!(error.contains("world.wit") && error.contains(words), "{lines}: {error}");
        }
    }

    #[test]
    fn a_component_is_held_to_it() {
        let text = r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
            (func (export "validate") (param i32) (result i32) (i32.const 8)))"#;
        let component = componentize(&wat::parse_str(text).unwrap()).unwrap();
        let validator = "export tinybase:plugin/validator@0.1.0;";
        assert_eq!(asked(validator).unwrap().check(&component), Ok(()));
        let more = asked(&format!("{validator} export tinybase:plugin/before-create@0.1.0;")).unwrap();
        let error = more.check(&component).unwrap_err();
        assert!(error.contains("before-create") && error.contains("become"), "{error}");
    }
}
