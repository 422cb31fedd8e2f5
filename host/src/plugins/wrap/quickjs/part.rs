//! One of the modules that `componentize-qjs` links, as far as it has to be known before it is laid together with the others.

use super::{Outcome, broken};
use std::collections::HashMap;
use wasmparser_reencode::{ExternalKind, Operator, Parser, Payload, TypeRef, Validator};

pub(super) struct Import<'a> {
    pub module: &'a str,
    pub name: &'a str,
    pub ty: TypeRef,
}

/// One of the modules, as far as the merge has to know it beforehand.
#[derive(Default)]
pub(super) struct Part<'a> {
    pub bytes: &'a [u8],
    pub imports: Vec<Import<'a>>,
    pub exports: HashMap<&'a str, (ExternalKind, u32)>,
    /// Number of types, elements and data.
    pub counts: [u32; 3],
    /// Types of the functions that it defines.
    pub functions: Vec<u32>,
    /// The globals that it defines, with what they begin with.
    pub globals: Vec<Vec<Operator<'a>>>,
    /// Whether it runs code when an instance is made.
    pub starts: bool,
}

impl<'a> Part<'a> {
    /// What is read is valid, so that no index in it lies outside of what it has, and no count is beyond what a module may have.
    pub(super) fn read(bytes: &'a [u8]) -> Outcome<Self> {
        Validator::new().validate_all(bytes).map_err(broken)?;
        let mut part = Self { bytes, ..Self::default() };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(broken)? {
                Payload::TypeSection(section) => part.counts[0] = section.count(),
                Payload::ElementSection(section) => part.counts[1] = section.count(),
                Payload::DataSection(section) => part.counts[2] = section.count(),
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import.map_err(broken)?;
                        part.imports.push(Import { module: import.module, name: import.name, ty: import.ty });
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export.map_err(broken)?;
                        part.exports.insert(export.name, (export.kind, export.index));
                    }
                }
                Payload::FunctionSection(section) => {
                    part.functions = section.into_iter().collect::<Result<_, _>>().map_err(broken)?;
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        let init = global.map_err(broken)?.init_expr;
                        let init = init.get_operators_reader().into_iter().collect::<Result<_, _>>().map_err(broken)?;
                        part.globals.push(init);
                    }
                }
                Payload::StartSection { .. } => part.starts = true,
                _ => {}
            }
        }
        Ok(part)
    }

    pub(super) fn imported(&self, wanted: impl Fn(TypeRef) -> bool) -> impl Iterator<Item = &Import<'a>> {
        self.imports.iter().filter(move |import| wanted(import.ty))
    }

    pub(super) fn functions_imported(&self) -> impl Iterator<Item = &Import<'a>> {
        self.imported(|ty| matches!(ty, TypeRef::Func(_)))
    }

    pub(super) fn exported(&self, name: &str, kind: ExternalKind) -> Option<u32> {
        self.exports.get(name).filter(|(found, _)| *found == kind).map(|(_, index)| *index)
    }
}

/// What a constant expression comes to.
pub(super) fn value(operators: &[Operator<'_>], globals: &[Option<i32>]) -> Option<i32> {
    let mut stack: Vec<i32> = Vec::new();
    for operator in operators {
        match operator {
            Operator::I32Const { value } => stack.push(*value),
            Operator::GlobalGet { global_index } => stack.push(globals.get(*global_index as usize).copied().flatten()?),
            Operator::I32Add => {
                let sum = stack.pop()?.wrapping_add(stack.pop()?);
                stack.push(sum);
            }
            Operator::End => {}
            _ => return None,
        }
    }
    stack.pop().filter(|_| stack.is_empty())
}
