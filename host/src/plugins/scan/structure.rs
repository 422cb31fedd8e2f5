//! The walk over a component's sections: counts what makes compiling dear, and notes the outer names.
//!
//! Every count has a bound in `limits::upload`, well below what the format allows, so that the compiler
//! is never handed something that was made to exhaust it.

use super::functions::{Finder, Place, described};
use super::{Rejection, printable};
use crate::error::code;
use crate::plugins::limits::{store, upload};
use crate::plugins::manifest::Manifest;
use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentName, ComponentType, CompositeInnerType, CustomSectionReader,
    FunctionBody, KnownCustom, MemoryType, Name, Operator, Parser, Payload, RecGroup, TableType,
};

/// A custom section in which a plugin describes itself, as JSON.
const MANIFEST: &str = "tinybase:manifest";

/// The names of the outermost component's imports and exports, as it spells them.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// From the outer name section, else from `tinybase:manifest`, wherever that is, else that of the first module with one.
    pub name: Option<String>,
    pub imports: Vec<String>,
    pub exports: Vec<String>,
    /// The outermost `tinybase:manifest`, of several on one level the first.
    pub manifest: Option<Manifest>,
    /// On which level it was found.
    manifest_depth: u32,
}

/// What has been counted so far, over all nested parts.
#[derive(Debug, Default)]
struct Counts {
    depth: u32,
    modules: u32,
    components: u32,
    functions: u32,
    types: u32,
    globals: u32,
    data: u32,
    elements: u32,
    custom_bytes: usize,
    /// Of the module at hand.
    module_functions: u32,
}

pub(super) fn walk(bytes: &[u8]) -> Result<Names, Rejection> {
    let mut names = Names::default();
    let mut counts = Counts::default();
    let mut finder = Finder::default();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| broken(&error))?;
        counts.section(&payload)?;
        if let (Some(place), Payload::CodeSectionEntry(body)) = (finder.find(&payload), &payload) {
            check_body(body).map_err(|fault| fault.of(bytes, place))?;
        }
        if counts.depth == 1 {
            names.note(&payload)?;
        }
        if let Payload::CustomSection(section) = &payload {
            names.note_manifest(section, counts.depth)?;
            names.note_name(section, counts.depth == 1);
        }
        if matches!(payload, Payload::End(_)) {
            counts.depth = counts.depth.saturating_sub(1);
        }
    }
    Ok(names)
}

fn broken(error: &wasmparser::BinaryReaderError) -> Rejection {
    Rejection::new(code::PLUGIN_INVALID, format!("{}.", printable(&error.to_string())))
}

fn too_complex(what: &str, found: impl Into<u64>, most: impl Into<u64>) -> Rejection {
    Rejection::new(code::PLUGIN_TOO_COMPLEX, format!("It has {} {what}; the most is {}.", found.into(), most.into()))
}

/// Adds to a count and refuses when it passes its bound.
fn count(total: &mut u32, more: u32, what: &str, most: u32) -> Result<(), Rejection> {
    *total = total.saturating_add(more);
    if *total > most { Err(too_complex(what, *total, most)) } else { Ok(()) }
}

impl Names {
    fn note(&mut self, payload: &Payload<'_>) -> Result<(), Rejection> {
        match payload {
            Payload::ComponentImportSection(section) => {
                bound("imports", section.count(), upload::IMPORTS)?;
                for import in section.clone() {
                    self.imports.push(import.map_err(|error| broken(&error))?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) => {
                bound("exports", section.count(), upload::EXPORTS)?;
                for export in section.clone() {
                    self.exports.push(export.map_err(|error| broken(&error))?.name.name.to_owned());
                }
            }
            _ => {}
        }
        bound("imports", u32::try_from(self.imports.len()).unwrap_or(u32::MAX), upload::IMPORTS)?;
        bound("exports", u32::try_from(self.exports.len()).unwrap_or(u32::MAX), upload::EXPORTS)
    }
}

impl Names {
    /// Toolchains leave the section within the core module; a tool that puts it outside means it more.
    fn note_manifest(&mut self, section: &CustomSectionReader<'_>, depth: u32) -> Result<(), Rejection> {
        if section.name() == MANIFEST && (self.manifest.is_none() || depth < self.manifest_depth) {
            let read = Manifest::parse(section.data());
            self.manifest = Some(read.map_err(|why| Rejection::new(code::PLUGIN_INVALID, printable(&why)))?);
            self.manifest_depth = depth;
        }
        Ok(())
    }

    /// What a part calls itself; the component's own name wins over those inside. Names decide nothing, so a section
    /// that cannot be read is passed over.
    fn note_name(&mut self, section: &CustomSectionReader<'_>, outer: bool) {
        let found = match section.as_known() {
            KnownCustom::ComponentName(mut names) if outer => names.find_map(|name| match name {
                Ok(ComponentName::Component { name, .. }) => Some(name.to_owned()),
                _ => None,
            }),
            KnownCustom::Name(mut names) if self.name.is_none() => names.find_map(|name| match name {
                Ok(Name::Module { name, .. }) => Some(name.trim_end_matches(".wasm").to_owned()),
                _ => None,
            }),
            _ if section.name() == MANIFEST => self.manifest.as_ref().and_then(Manifest::name).map(str::to_owned),
            _ => None,
        };
        if let Some(name) = found {
            self.name = Some(name);
        }
    }
}

fn bound(what: &str, found: u32, most: u32) -> Result<(), Rejection> {
    if found > most { Err(too_complex(what, found, most)) } else { Ok(()) }
}

impl Counts {
    fn section(&mut self, payload: &Payload<'_>) -> Result<(), Rejection> {
        match payload {
            Payload::Version { encoding, .. } => {
                self.depth += 1;
                self.module_functions = 0;
                bound("levels of components", self.depth, upload::COMPONENT_DEPTH)?;
                match encoding {
                    wasmparser::Encoding::Module => count(&mut self.modules, 1, "core modules", upload::MODULES),
                    wasmparser::Encoding::Component => count(&mut self.components, 1, "components", upload::COMPONENTS),
                }
            }
            Payload::TypeSection(section) => {
                count(&mut self.types, section.count(), "types", upload::TYPES)?;
                each(section.clone(), |group| check_types(&group))
            }
            Payload::ComponentTypeSection(section) => {
                count(&mut self.types, section.count(), "types", upload::TYPES)?;
                each(section.clone(), |ty| self.component_type(&ty))
            }
            Payload::CoreTypeSection(section) => count(&mut self.types, section.count(), "types", upload::TYPES),
            Payload::FunctionSection(section) => self.functions(section.count()),
            Payload::TableSection(section) => each(section.clone(), |table| check_table(&table.ty)),
            Payload::MemorySection(section) => each(section.clone(), |memory| check_memory(&memory)),
            Payload::GlobalSection(section) => count(&mut self.globals, section.count(), "globals", upload::GLOBALS),
            Payload::ElementSection(section) => {
                count(&mut self.elements, section.count(), "element segments", upload::ELEMENT_SEGMENTS)
            }
            Payload::DataSection(section) => {
                count(&mut self.data, section.count(), "data segments", upload::DATA_SEGMENTS)
            }
            Payload::CustomSection(section) => self.custom(section.data().len()),
            Payload::ComponentCanonicalSection(section) => each(section.clone(), |function| check_canonical(&function)),
            Payload::ComponentStartSection { .. } => {
                Err(Rejection::new(code::PLUGIN_INVALID, "A component with a start function is not supported."))
            }
            Payload::UnknownSection { id, .. } => {
                Err(Rejection::new(code::PLUGIN_INVALID, format!("It has a section of unknown kind {id}.")))
            }
            _ => Ok(()),
        }
    }

    fn functions(&mut self, more: u32) -> Result<(), Rejection> {
        count(&mut self.module_functions, more, "functions in one module", upload::FUNCTIONS_PER_MODULE)?;
        count(&mut self.functions, more, "functions", upload::FUNCTIONS)
    }

    fn custom(&mut self, bytes: usize) -> Result<(), Rejection> {
        self.custom_bytes = self.custom_bytes.saturating_add(bytes);
        if self.custom_bytes > upload::CUSTOM_BYTES {
            return Err(too_complex(
                "bytes of custom sections (strip them)",
                self.custom_bytes as u64,
                upload::CUSTOM_BYTES as u64,
            ));
        }
        Ok(())
    }

    /// Declarations inside component and instance types count as types.
    fn component_type(&mut self, ty: &ComponentType<'_>) -> Result<(), Rejection> {
        let inner = match ty {
            ComponentType::Component(declarations) => declarations.len(),
            ComponentType::Instance(declarations) => declarations.len(),
            _ => 0,
        };
        count(&mut self.types, u32::try_from(inner).unwrap_or(u32::MAX), "types", upload::TYPES)
    }
}

fn each<'a, T: wasmparser::FromReader<'a>>(
    section: wasmparser::SectionLimited<'a, T>,
    mut check: impl FnMut(T) -> Result<(), Rejection>,
) -> Result<(), Rejection> {
    section.into_iter().try_for_each(|item| check(item.map_err(|error| broken(&error))?))
}

fn check_types(group: &RecGroup) -> Result<(), Rejection> {
    for ty in group.types() {
        if let CompositeInnerType::Func(function) = &ty.composite_type.inner {
            let widest = function.params().len().max(function.results().len());
            if widest > upload::PARAMETERS {
                return Err(too_complex("parameters of one function", widest as u64, upload::PARAMETERS as u64));
            }
        }
    }
    Ok(())
}

fn check_memory(memory: &MemoryType) -> Result<(), Rejection> {
    if memory.memory64 || memory.shared {
        return Err(Rejection::new(code::PLUGIN_INVALID, "Shared memories and 64-bit memories are not supported."));
    }
    let bytes = memory.initial.saturating_mul(1 << memory.page_size_log2.unwrap_or(16).min(16));
    if bytes > store::MEMORY_BYTES as u64 {
        return Err(too_complex("bytes of memory at its start", bytes, store::MEMORY_BYTES as u64));
    }
    Ok(())
}

fn check_table(table: &TableType) -> Result<(), Rejection> {
    if table.table64 || table.shared {
        return Err(Rejection::new(code::PLUGIN_INVALID, "Shared tables and 64-bit tables are not supported."));
    }
    if table.initial > store::TABLE_ELEMENTS as u64 {
        return Err(too_complex("elements of one table", table.initial, store::TABLE_ELEMENTS as u64));
    }
    Ok(())
}

/// What is wrong with a function.
enum Fault {
    Broken(Rejection),
    /// It has more of something than it may.
    Beyond(String),
}

impl Fault {
    fn broken(error: &wasmparser::BinaryReaderError) -> Self {
        Self::Broken(broken(error))
    }

    /// Refuses a number beyond its bound.
    fn check(what: &str, found: usize, most: usize) -> Result<(), Self> {
        if found > most { Err(Self::Beyond(format!("has {found} {what}; the most is {most}."))) } else { Ok(()) }
    }

    /// The rejection, which names the function.
    fn of(self, component: &[u8], place: Place) -> Rejection {
        match self {
            Self::Broken(rejection) => rejection,
            Self::Beyond(words) => {
                Rejection::new(code::PLUGIN_TOO_COMPLEX, format!("{} {words}", described(component, place)))
            }
        }
    }
}

fn check_body(body: &FunctionBody<'_>) -> Result<(), Fault> {
    Fault::check("bytes of code", body.range().len(), upload::BODY_BYTES)?;
    let mut locals = 0usize;
    let mut reader = body.get_locals_reader().map_err(|error| Fault::broken(&error))?;
    for _ in 0..reader.get_count() {
        let (more, _) = reader.read().map_err(|error| Fault::broken(&error))?;
        locals = locals.saturating_add(more as usize);
        Fault::check("locals", locals, upload::LOCALS as usize)?;
    }
    let mut depth = 0usize;
    for operator in body.get_operators_reader().map_err(|error| Fault::broken(&error))? {
        match operator.map_err(|error| Fault::broken(&error))? {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } | Operator::TryTable { .. } => {
                depth += 1;
                Fault::check("levels of blocks", depth, upload::BLOCK_DEPTH as usize)?;
            }
            Operator::End => depth = depth.saturating_sub(1),
            Operator::BrTable { targets } => {
                Fault::check("targets of one branch", targets.len() as usize, upload::BRANCH_TARGETS as usize)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Strings cross as UTF-8 only: the other encodings are where string handling has had its holes.
fn check_canonical(function: &CanonicalFunction) -> Result<(), Rejection> {
    let (CanonicalFunction::Lift { options, .. } | CanonicalFunction::Lower { options, .. }) = function else {
        return Ok(());
    };
    if options.iter().any(|option| matches!(option, CanonicalOption::UTF16 | CanonicalOption::CompactUTF16)) {
        return Err(Rejection::new(code::PLUGIN_INVALID, "Strings must cross the border as UTF-8."));
    }
    if options
        .iter()
        .any(|option| matches!(option, CanonicalOption::Async | CanonicalOption::Callback(_) | CanonicalOption::Gc))
    {
        return Err(Rejection::new(code::PLUGIN_INVALID, "Async and GC interfaces are not supported."));
    }
    Ok(())
}
