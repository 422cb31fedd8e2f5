//! Lays the modules together: where each thing of each part is in the whole, and the whole with the hooks on top of it.

use super::part::{Import, Part, value};
use super::{CALL, LIBRARY, MEMORY_BASE, Outcome, broken};
use crate::plugins::wrap::{PACKAGE, full_name};
use crate::tenant::hooks::Stage;
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, ImportSection, MemArg, MemArgTarget, MemorySection,
    Module, TableSection, TypeSection,
};
use wasmparser_reencode::{ExternalKind, Parser, Payload, TypeRef};

pub(super) struct Merge<'a> {
    parts: Vec<Part<'a>>,
    places: Vec<Places>,
    /// Imports that stay: whence, what, and its type in the whole.
    kept: Vec<(&'a str, &'a str, u32)>,
    /// Functions that nobody provides any more, with their types in the whole.
    missing: Vec<(Missing, u32)>,
    /// Functions whose address is in a global.
    addressed: Vec<(i32, u32)>,
}

/// The parts by what they are.
const ENV: usize = 0;
const JS: usize = 1;
const INTERFACES: usize = 2;
const WORDS: usize = 3;

impl<'a> Merge<'a> {
    pub(super) fn new(parts: Vec<Part<'a>>) -> Outcome<Self> {
        let mut merge = Self {
            places: vec![Places::default(); parts.len()],
            parts,
            kept: vec![],
            missing: vec![],
            addressed: vec![],
        };
        merge.place_sections();
        merge.place_globals()?;
        merge.place_functions()?;
        Ok(merge)
    }

    fn place_sections(&mut self) {
        let mut next = [0; 3];
        for (part, places) in self.parts.iter().zip(&mut self.places) {
            [places.types, places.elements, places.data] = next;
            for (next, count) in next.iter_mut().zip(part.counts) {
                *next += count;
            }
        }
    }

    /// Globals of the memory's module are first; what the others import of them are theirs.
    fn place_globals(&mut self) -> Outcome<()> {
        let mut next = 0;
        for index in 0..self.parts.len() {
            let part = &self.parts[index];
            let library = self.library(index)?;
            let mut places = Vec::new();
            for import in part.imported(|ty| matches!(ty, TypeRef::Global(_))) {
                let name = match (import.module, import.name) {
                    ("env", "__memory_base") => format!("{library}{MEMORY_BASE}"),
                    ("env", "__table_base") => format!("{library}:table_base"),
                    ("GOT.func", name) => format!("{library}:{name}"),
                    ("env" | "GOT.mem", name) => name.to_owned(),
                    (module, name) => return Err(format!("it wants the global {module}.{name}")),
                };
                let global = self.parts[ENV].exported(&name, ExternalKind::Global);
                let global = global.ok_or_else(|| format!("there is no global {name}"))?;
                places.push((global, self.places[ENV].values.get(global as usize).copied().flatten()));
            }
            // One that its linker adds, and that nothing there reads.
            let own = if index == WORDS { &[] } else { part.globals.as_slice() };
            for init in own {
                let known: Vec<_> = places.iter().map(|(_, value)| *value).collect();
                places.push((next, value(init, &known)));
                next += 1;
            }
            (self.places[index].globals, self.places[index].values) = places.into_iter().unzip();
        }
        Ok(())
    }

    /// What a part is called in the names of the memory's module.
    fn library(&self, part: usize) -> Outcome<&'a str> {
        let names = self.parts[ENV].exports.keys().filter_map(|name| name.strip_suffix(MEMORY_BASE));
        let mut names = names.filter(|name| (*name == LIBRARY) != (part == JS));
        names.next().ok_or_else(|| "a part of it has no place in memory".to_owned())
    }

    fn place_functions(&mut self) -> Outcome<()> {
        // Those that stay imports come first, then those that nobody provides, then what the parts define.
        let mut wanted = Vec::new();
        for (index, part) in self.parts.iter().enumerate() {
            for import in part.functions_imported() {
                let TypeRef::Func(ty) = import.ty else { continue };
                let ty = self.places[index].types + ty;
                if is_ours(import.module) {
                    self.kept.push((import.module, import.name, ty));
                } else if provider(import.module).is_none() {
                    self.missing.push((Missing::of(import), ty));
                }
                wanted.push(index);
            }
        }
        let (mut import, mut trap) = (0, count(&self.kept)?);
        let mut next = trap + count(&self.missing)?;
        let mut unresolved = Vec::new();
        for (index, part) in self.parts.iter().enumerate() {
            let places = &mut self.places[index].functions;
            for wanted in part.functions_imported() {
                if is_ours(wanted.module) {
                    places.push(import);
                    import += 1;
                } else if let Some(provider) = provider(wanted.module) {
                    unresolved.push((index, places.len(), provider, wanted.name));
                    places.push(u32::MAX);
                } else {
                    places.push(trap);
                    trap += 1;
                }
            }
            for _ in &part.functions {
                places.push(next);
                next += 1;
            }
        }
        for (index, at, provider, name) in unresolved {
            self.places[index].functions[at] = self.function(provider, name)?;
        }
        for (index, part) in self.parts.iter().enumerate() {
            let globals = part.imported(|ty| matches!(ty, TypeRef::Global(_))).enumerate();
            for (at, global) in globals.filter(|(_, global)| global.module == "GOT.func") {
                let address = self.places[index].values[at].ok_or_else(|| broken("a function has no address"))?;
                self.addressed.push((address, self.function(JS, global.name)?));
            }
        }
        Ok(())
    }

    /// A function that a part exports.
    fn function(&self, part: usize, name: &str) -> Outcome<u32> {
        let index = self.parts[part].exported(name, ExternalKind::Func);
        let index = index.ok_or_else(|| format!("there is no function {name}"))?;
        at(&self.places[part].functions, index)
    }

    pub(super) fn finish(mut self) -> Outcome<Vec<u8>> {
        let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
        let (mut tables, mut memories, mut globals) = (TableSection::new(), MemorySection::new(), GlobalSection::new());
        let (mut elements, mut data) = (ElementSection::new(), DataSection::new());
        for (missing, ty) in &self.missing {
            functions.function(*ty);
            code.function(&missing.body());
        }
        for (index, (part, places)) in self.parts.iter().zip(&mut self.places).enumerate() {
            for payload in Parser::new(0).parse_all(part.bytes) {
                let written = match payload.map_err(broken)? {
                    Payload::TypeSection(section) => places.parse_type_section(&mut types, section),
                    Payload::FunctionSection(section) => places.parse_function_section(&mut functions, section),
                    // It has code and nothing else, whatever its linker adds to that.
                    Payload::TableSection(_) | Payload::GlobalSection(_) if index == WORDS => Ok(()),
                    Payload::DataSection(_) | Payload::ElementSection(_) if index == WORDS => {
                        return Err(broken("text.c has data"));
                    }
                    Payload::TableSection(section) => places.parse_table_section(&mut tables, section),
                    Payload::MemorySection(section) => places.parse_memory_section(&mut memories, section),
                    Payload::GlobalSection(section) => places.parse_global_section(&mut globals, section),
                    Payload::ElementSection(section) => places.parse_element_section(&mut elements, section),
                    Payload::DataSection(section) => places.parse_data_section(&mut data, section),
                    Payload::CodeSectionEntry(body) => places.parse_function_body(&mut code, body),
                    _ => Ok(()),
                };
                written.map_err(broken)?;
            }
        }
        let exports = self.hooks(&mut functions, &mut code)?;
        for (address, function) in &self.addressed {
            elements.active(None, &ConstExpr::i32_const(*address), Elements::Functions((&[*function][..]).into()));
        }
        let mut imports = ImportSection::new();
        for (module, name, ty) in &self.kept {
            imports.import(module, name, EntityType::Function(*ty));
        }
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
        module.section(&globals).section(&exports).section(&elements);
        module.section(&DataCountSection { count: data.len() }).section(&code).section(&data);
        Ok(module.finish())
    }

    /// The hooks: each asks the engine's function, which is given where the parameters lie, and makes an answer of its text.
    fn hooks(&self, functions: &mut FunctionSection, code: &mut CodeSection) -> Outcome<ExportSection> {
        let mut exports = ExportSection::new();
        exports.export("memory", ExportKind::Memory, 0);
        exports.export("cabi_realloc", ExportKind::Func, self.function(JS, "cabi_realloc")?);
        let [changes, answer, errors] = ["changes", "answer", "errors"].map(|name| self.function(WORDS, name));
        let (changes, answer, errors) = (changes?, answer?, errors?);
        // As `answer` is: from an address to an address.
        let answers = self.parts[WORDS].exported("answer", ExternalKind::Func);
        let answers = answers.and_then(|index| {
            self.parts[WORDS].functions.get(index as usize - self.parts[WORDS].functions_imported().count())
        });
        let ty = self.places[WORDS].types + answers.ok_or_else(|| broken("it gives no answer"))?;
        let last = self.places.iter().flat_map(|places| &places.functions).max();
        let mut next = last.ok_or_else(|| broken("it has no functions"))? + 1;
        for stage in Stage::ALL {
            if self.parts[INTERFACES].exported(stage.interface(), ExternalKind::Func).is_none() {
                continue;
            }
            let hook = self.function(INTERFACES, stage.interface())?;
            let mut body = Function::new([]);
            let mut write = body.instructions();
            write.local_get(0).call(hook);
            match stage {
                // Where the draft is among the parameters.
                Stage::BeforeCreate => write.local_get(0).i32_const(0).call(changes),
                Stage::BeforeUpdate => write.local_get(0).i32_const(1).call(changes),
                Stage::Validate => write.call(errors),
                _ => write.call(answer),
            };
            write.end();
            functions.function(ty);
            code.function(&body);
            exports.export(&full_name(stage), ExportKind::Func, next);
            next += 1;
        }
        Ok(exports)
    }
}

/// The part whose functions are imported by that name, where there is one.
fn provider(module: &str) -> Option<usize> {
    match module {
        "env" => Some(JS),
        CALL => Some(WORDS),
        _ => None,
    }
}

/// Whether an interface is one of the contract's.
fn is_ours(interface: &str) -> bool {
    interface.strip_prefix(PACKAGE).is_some_and(|rest| rest.starts_with('/'))
}

fn count<T>(items: &[T]) -> Outcome<u32> {
    u32::try_from(items.len()).map_err(broken)
}

/// What is in the place of a function of WASI.
#[derive(Clone, Copy)]
enum Missing {
    /// The time of day, in seconds and nanoseconds at an address: a clock that stands still.
    WallClock,
    /// The time since some moment, which stands still too.
    MonotonicClock,
    Trap,
}

impl Missing {
    fn of(import: &Import<'_>) -> Self {
        match (import.module.split('@').next(), import.name) {
            (Some("wasi:clocks/wall-clock"), "now") => Self::WallClock,
            (Some("wasi:clocks/monotonic-clock"), "now") => Self::MonotonicClock,
            _ => Self::Trap,
        }
    }

    fn body(self) -> Function {
        let at = |offset, align| MemArg { offset, align, target: MemArgTarget::Memory(0), ordering: None };
        let mut body = Function::new([]);
        let mut write = body.instructions();
        match self {
            Self::WallClock => {
                write.local_get(0).i64_const(0).i64_store(at(0, 3)).local_get(0).i32_const(0).i32_store(at(8, 2))
            }
            Self::MonotonicClock => write.i64_const(0),
            Self::Trap => write.unreachable(),
        };
        write.end();
        body
    }
}

/// Where the indices of one part are in the whole.
#[derive(Default, Clone)]
struct Places {
    types: u32,
    elements: u32,
    data: u32,
    functions: Vec<u32>,
    globals: Vec<u32>,
    /// What globals begin with, where that is known.
    values: Vec<Option<i32>>,
}

impl Reencode for Places {
    type Error = String;

    fn type_index(&mut self, ty: u32) -> Result<u32, reencode::Error<String>> {
        Ok(self.types + ty)
    }

    fn element_index(&mut self, element: u32) -> Result<u32, reencode::Error<String>> {
        Ok(self.elements + element)
    }

    fn data_index(&mut self, data: u32) -> Result<u32, reencode::Error<String>> {
        Ok(self.data + data)
    }

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<String>> {
        at(&self.functions, function).map_err(reencode::Error::UserError)
    }

    fn global_index(&mut self, global: u32) -> Result<u32, reencode::Error<String>> {
        at(&self.globals, global).map_err(reencode::Error::UserError)
    }

    /// Only a global that is imported may be named there, and none is any more.
    fn const_expr(&mut self, expr: wasmparser_reencode::ConstExpr<'_>) -> Result<ConstExpr, reencode::Error<String>> {
        let operators: Vec<_> = expr.get_operators_reader().into_iter().collect::<Result<_, _>>()?;
        match value(&operators, &self.values) {
            Some(value) => Ok(ConstExpr::i32_const(value)),
            None => reencode::utils::const_expr(self, expr),
        }
    }
}

fn at(places: &[u32], index: u32) -> Outcome<u32> {
    places.get(index as usize).copied().ok_or_else(|| broken("it names what is not there"))
}
