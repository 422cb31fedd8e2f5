//! The functions that a component has code for, in the order in which they stand and are compiled, and what they are called.

use super::printable;
use std::fmt;
use wasmparser::{Encoding, KnownCustom, Name, Parser, Payload, TypeRef};

/// Where a function stands, as tools count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plugins) struct Place {
    /// Of the core modules, from 0, in the order of the file.
    pub module: u32,
    /// Its index there, behind those that are imported.
    pub function: u32,
    /// The size of its code.
    pub bytes: usize,
}

/// Counts the functions of a walk over a component's sections.
#[derive(Debug, Default)]
pub(in crate::plugins) struct Finder {
    modules: u32,
    next: u32,
}

impl Finder {
    /// Takes the next section; answers the function that it is the code of.
    pub(in crate::plugins) fn find(&mut self, payload: &Payload<'_>) -> Option<Place> {
        match payload {
            Payload::Version { encoding: Encoding::Module, .. } => {
                self.modules += 1;
                self.next = 0;
            }
            // What cannot be read is told by whoever reads it for its own sake.
            Payload::ImportSection(section) => {
                let imported = section.clone().into_imports().filter_map(Result::ok);
                let functions = imported.filter(|import| matches!(import.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                self.next = u32::try_from(functions.count()).unwrap_or(u32::MAX);
            }
            Payload::CodeSectionEntry(body) => {
                let function = self.next;
                self.next = self.next.saturating_add(1);
                return Some(Place { module: self.modules.saturating_sub(1), function, bytes: body.range().len() });
            }
            _ => {}
        }
        None
    }
}

/// All functions of a component, as far as it can be read.
#[must_use]
pub(in crate::plugins) fn all(component: &[u8]) -> Vec<Place> {
    let mut finder = Finder::default();
    let payloads = Parser::new(0).parse_all(component).map_while(Result::ok);
    payloads.filter_map(|payload| finder.find(&payload)).collect()
}

/// A function for people: `Function 17 of core module 0 (its name)`.
#[must_use]
pub(in crate::plugins) fn described(component: &[u8], place: Place) -> String {
    let Place { module, function, .. } = place;
    let mut text = format!("Function {function} of core module {module}");
    if let Some(name) = name(component, place) {
        // Writing to a text cannot fail.
        let _ = fmt::Write::write_fmt(&mut text, format_args!(" ({})", printable(&name)));
    }
    text
}

/// What its module calls it, if that says.
fn name(component: &[u8], place: Place) -> Option<String> {
    let mut finder = Finder::default();
    for payload in Parser::new(0).parse_all(component).map_while(Result::ok) {
        finder.find(&payload);
        let Payload::CustomSection(section) = payload else { continue };
        let KnownCustom::Name(names) = section.as_known() else { continue };
        if finder.modules != place.module + 1 {
            continue;
        }
        for names in names.into_iter().filter_map(Result::ok) {
            let Name::Function(functions) = names else { continue };
            let mut functions = functions.into_iter().filter_map(Result::ok);
            if let Some(found) = functions.find(|found| found.index == place.function) {
                return Some(found.name.to_owned());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_counted_as_tools_do() {
        let text = "(component
            (core module (import \"a\" \"b\" (func)) (import \"a\" \"m\" (memory 1)) (func $one) (func $two (nop)))
            (component (core module (func $inner)))
            (core module (memory 1)) (core module (func $last)))";
        let component = wat::parse_str(text).unwrap();
        let found = all(&component);
        let places: Vec<_> = found.iter().map(|place| (place.module, place.function)).collect();
        assert_eq!(places, [(0, 1), (0, 2), (1, 0), (3, 0)]);
        assert_eq!(found.iter().map(|place| place.bytes).collect::<Vec<_>>(), [2, 3, 2, 2]);
        let named: Vec<_> = found.iter().map(|place| described(&component, *place)).collect();
        assert_eq!(named[1], "Function 2 of core module 0 (two)");
        assert_eq!(named[2], "Function 0 of core module 1 (inner)");
        assert_eq!(named[3], "Function 0 of core module 3 (last)");
        let nameless = Place { function: 7, ..found[0] };
        assert_eq!(described(&component, nameless), "Function 7 of core module 0");
    }

    #[test]
    fn what_is_cut_off_has_the_functions_before() {
        let component = wat::parse_str("(component (core module (func) (func)))").unwrap();
        assert_eq!(all(&component).len(), 2);
        assert!(all(&component[..component.len() - 3]).len() < 2);
        assert!(all(b"nonsense").is_empty());
    }
}
