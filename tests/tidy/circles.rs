//! Files of one crate do not use each other in circles, so that each can be read with only those below it in mind.
//!
//! A file uses another when it names one of its items: in a `use` declaration, which is followed through re-exports to the
//! file that has the item, or by a path in code or in the arguments of a macro. `mod` declarations are no use, tests do
//! not count, and a method of another file's `impl` block is not seen.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Result, ensure};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::CRATES;
use crate::tree::{files, report};

/// Files, or folders of files, that are still in a circle. This list gets shorter.
const STILL_IN_CIRCLES: [&str; 0] = [];

#[test]
fn files_do_not_use_each_other_in_circles() -> Result<()> {
    let all: BTreeMap<String, String> = files(&[".rs"])?.into_iter().map(|file| (file.path, file.text)).collect();
    let (mut faults, mut crates, mut exempted) = (Vec::new(), 0_usize, BTreeSet::new());
    for (folder, _) in CRATES {
        let source = format!("{folder}/src/");
        let is_root = |path: &str| path == "lib.rs" || path == "main.rs" || path.starts_with("bin/");
        let roots = all.keys().filter(|path| path.strip_prefix(&source).is_some_and(is_root));
        for root in roots {
            crates += 1;
            for circle in circles(&all, root)? {
                let exemption =
                    STILL_IN_CIRCLES.iter().find(|prefix| circle.iter().all(|(file, _)| file.starts_with(**prefix)));
                match exemption {
                    Some(prefix) => drop(exempted.insert(*prefix)),
                    None => faults.push(in_words(&circle)),
                }
            }
        }
    }
    ensure!(crates >= CRATES.len(), "only {crates} crates were found: does the search still work?");
    let needless = STILL_IN_CIRCLES.iter().filter(|prefix| !exempted.contains(*prefix));
    faults.extend(needless.map(|prefix| format!("{prefix} has no circle any more: take it out of STILL_IN_CIRCLES")));
    report(&faults)
}

/// Files of a circle, each with the items of the next one that it uses.
type Circle = Vec<(String, BTreeSet<String>)>;

fn in_words(circle: &Circle) -> String {
    let first = circle.first().map(|(file, _)| file.as_str()).unwrap_or_default();
    let next = circle.iter().skip(1).map(|(file, _)| file.as_str()).chain([first]);
    let mut text = String::from("files that use each other in a circle; move what both need below both:");
    for ((file, items), next) in circle.iter().zip(next) {
        let items: Vec<&str> = items.iter().map(String::as_str).collect();
        text.push_str(&format!("\n    {file} uses {} of {next}", items.join(", ")));
    }
    text
}

/// One circle for each knot of files of the crate with this root: a shortest one.
fn circles(all: &BTreeMap<String, String>, root: &str) -> Result<Vec<Circle>> {
    let mut reader = Crate { all, modules: Vec::new() };
    let (folder, _) = root.rsplit_once('/').unwrap_or(("", root));
    reader.read_file(root, folder, None)?;
    let uses = reader.uses();
    let (mut found, mut seen): (Vec<Circle>, BTreeSet<&str>) = (Vec::new(), BTreeSet::new());
    for file in uses.keys().copied() {
        if seen.contains(file) {
            continue;
        }
        if let Some(circle) = shortest_circle(&uses, file) {
            // Whatever reaches this circle and is reached from it belongs to the same knot.
            let below = reached(&uses, file);
            seen.extend(below.keys().copied().filter(|other| reached(&uses, other).contains_key(file)));
            found.push(circle);
        }
    }
    Ok(found)
}

/// By file and the file that it uses: the items.
type Uses<'u> = BTreeMap<&'u str, BTreeMap<&'u str, BTreeSet<String>>>;

/// Every file that can be reached from one, with the file it is reached from first.
fn reached<'u>(uses: &Uses<'u>, from: &'u str) -> BTreeMap<&'u str, &'u str> {
    let (mut before, mut queue) = (BTreeMap::new(), VecDeque::from([from]));
    while let Some(file) = queue.pop_front() {
        for next in uses.get(file).into_iter().flat_map(BTreeMap::keys) {
            if let std::collections::btree_map::Entry::Vacant(entry) = before.entry(*next) {
                entry.insert(file);
                queue.push_back(*next);
            }
        }
    }
    before
}

fn shortest_circle<'u>(uses: &Uses<'u>, file: &'u str) -> Option<Circle> {
    let before = reached(uses, file);
    let mut way = vec![*before.get(file)?];
    while let Some(last) = way.last().filter(|last| **last != file) {
        way.push(*before.get(last)?);
    }
    way.reverse();
    let next = way.iter().skip(1).chain([&file]);
    way.iter().zip(next).map(|(from, to)| Some(((*from).to_owned(), uses.get(from)?.get(to)?.clone()))).collect()
}

/// A crate as modules, the root first.
struct Crate<'c> {
    all: &'c BTreeMap<String, String>,
    modules: Vec<Module<'c>>,
}

/// One module: a file, or a block in one.
struct Module<'c> {
    file: &'c str,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    /// What `use` declarations bring in, by the name that it has here.
    imports: BTreeMap<String, Vec<Vec<String>>>,
    /// Paths in code.
    paths: Vec<Vec<String>>,
}

impl<'c> Crate<'c> {
    /// Reads the module in a file; those that it declares lie in `folder`.
    fn read_file(&mut self, path: &str, folder: &str, parent: Option<usize>) -> Result<Option<usize>> {
        let Some((file, text)) = self.all.get_key_value(path) else { return Ok(None) };
        let tokens: TokenStream = text.parse().map_err(|error| anyhow::anyhow!("{path}: {error}"))?;
        let number = self.add(file, parent);
        self.read(tokens, number, folder)?;
        Ok(Some(number))
    }

    fn add(&mut self, file: &'c str, parent: Option<usize>) -> usize {
        let (children, imports, paths) = Default::default();
        self.modules.push(Module { file, parent, children, imports, paths });
        self.modules.len() - 1
    }

    fn read(&mut self, tokens: TokenStream, module: usize, folder: &str) -> Result<()> {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        // The attributes before the item at hand.
        let (mut at, mut is_test, mut path) = (0, false, None);
        while let Some(token) = tokens.get(at) {
            let word = ident(Some(token));
            let word = word.as_deref();
            if let (true, Some(TokenTree::Group(attribute))) = (is_punct(Some(token), '#'), tokens.get(at + 1)) {
                let text: String = attribute.stream().into_iter().map(|token| token.to_string()).collect();
                is_test |= text == "cfg(test)" || text == "test" || text.starts_with("cfg(all(test,");
                path = text.strip_prefix("path=\"").and_then(|rest| Some(rest.strip_suffix('"')?.to_owned())).or(path);
                at += 2;
                continue;
            }
            if is_test {
                let ends = |token: &TokenTree| is_punct(Some(token), ';') || is_group(token, Delimiter::Brace);
                at += tokens.iter().skip(at).position(ends).map_or(tokens.len(), |end| end + 1);
            } else if let (Some("mod"), Some(name)) = (word, ident(tokens.get(at + 1))) {
                let child = match tokens.get(at + 2) {
                    Some(TokenTree::Group(block)) => {
                        let file = self.modules.get(module).map_or("", |module| module.file);
                        let child = self.add(file, Some(module));
                        self.read(block.stream(), child, &format!("{folder}/{name}"))?;
                        Some(child)
                    }
                    _ => match &path {
                        Some(path) => self.read_file(&format!("{folder}/{path}"), folder, Some(module))?,
                        None => self.read_declared(&name, folder, module)?,
                    },
                };
                if let (Some(child), Some(module)) = (child, self.modules.get_mut(module)) {
                    module.children.entry(name).or_insert(child);
                }
                at += 3;
            } else if word == Some("use") && !is_punct(tokens.get(at + 1), '<') {
                let end = tokens.iter().skip(at).position(|token| is_punct(Some(token), ';')).unwrap_or(0);
                if let (Some(tree), Some(module)) = (tokens.get(at + 1..at + end), self.modules.get_mut(module)) {
                    use_tree(tree, &[], &mut module.imports);
                }
                at += end.max(1);
            } else if let TokenTree::Group(group) = token {
                self.read(group.stream(), module, folder)?;
                at += 1;
            } else if word.is_some() {
                let (found, length) = path_at(tokens.get(at..).unwrap_or_default());
                // What follows a `::` of its own goes on from a type or another crate.
                let is_rest = at >= 2 && tokens.get(at - 2..).is_some_and(is_path_separator);
                if let (true, false, Some(module)) = (found.len() > 1, is_rest, self.modules.get_mut(module)) {
                    module.paths.push(found);
                }
                at += length;
            } else {
                at += 1;
            }
            (is_test, path) = (false, None);
        }
        Ok(())
    }

    /// `mod NAME;`
    fn read_declared(&mut self, name: &str, folder: &str, parent: usize) -> Result<Option<usize>> {
        let own_folder = format!("{folder}/{name}");
        let (beside, inside) = (format!("{own_folder}.rs"), format!("{own_folder}/mod.rs"));
        let path = if self.all.contains_key(&beside) { beside } else { inside };
        self.read_file(&path, &own_folder, Some(parent))
    }

    /// Which file uses what of which other file.
    fn uses(&self) -> Uses<'c> {
        let mut uses: Uses<'c> = self.modules.iter().map(|module| (module.file, BTreeMap::new())).collect();
        for (number, module) in self.modules.iter().enumerate() {
            for path in module.imports.values().flatten().chain(&module.paths) {
                if let Some((file, item)) = self.find(number, path, 0).filter(|(file, _)| *file != module.file) {
                    uses.entry(module.file).or_default().entry(file).or_default().insert(format!("`{item}`"));
                }
            }
        }
        uses
    }

    /// The file of the item that a path in a module leads to; `None` for another crate's, and for a module as such.
    fn find<'p>(&self, mut module: usize, mut path: &'p [String], depth: usize) -> Option<(&'c str, &'p str)> {
        const DEPTH_MAX: usize = 20;
        let mut is_inside = false;
        loop {
            let (first, rest) = path.split_first()?;
            let at = self.modules.get(module)?;
            match first.as_str() {
                "crate" if !is_inside => module = 0,
                "self" if !is_inside => {}
                "super" => module = at.parent?,
                name => {
                    if let Some(child) = at.children.get(name) {
                        module = *child;
                    } else if let (Some(imports), true) = (at.imports.get(name), depth < DEPTH_MAX) {
                        let mut ways = imports.iter().filter_map(|import| {
                            let way: Vec<String> = import.iter().chain(rest).cloned().collect();
                            Some(self.find(module, &way, depth + 1)?.0)
                        });
                        return ways.next_back().map(|file| (file, name));
                    } else {
                        return is_inside.then_some((at.file, name));
                    }
                }
            }
            (path, is_inside) = (rest, true);
        }
    }
}

fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

fn is_path_separator(tokens: &[TokenTree]) -> bool {
    is_punct(tokens.first(), ':') && is_punct(tokens.get(1), ':')
}

/// The path `a::b::c` that tokens begin with, and how many tokens it takes.
fn path_at(tokens: &[TokenTree]) -> (Vec<String>, usize) {
    let (mut path, mut length) = (Vec::new(), 0);
    while let Some(name) = ident(tokens.get(length)) {
        path.push(name);
        length += 1;
        let rest = tokens.get(length..).unwrap_or_default();
        if !is_path_separator(rest) || ident(rest.get(2)).is_none() {
            break;
        }
        length += 2;
    }
    (path, length)
}

/// What the tree of a `use` declaration brings in, by the name that it has here.
fn use_tree(tokens: &[TokenTree], prefix: &[String], imports: &mut BTreeMap<String, Vec<Vec<String>>>) {
    // `use ::name` is another crate's, whatever modules there are.
    if is_path_separator(tokens) {
        return;
    }
    let (names, length) = path_at(tokens);
    let mut path: Vec<String> = prefix.iter().cloned().chain(names).collect();
    let rest = tokens.get(length..).unwrap_or_default();
    let behind = if is_path_separator(rest) { rest.get(2) } else { rest.first() };
    match behind {
        Some(TokenTree::Group(group)) => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            inner.split(|token| is_punct(Some(token), ',')).for_each(|tree| use_tree(tree, &path, imports));
        }
        Some(star) if is_punct(Some(star), '*') => {
            path.push("*".into());
            imports.entry("*".into()).or_default().push(path);
        }
        other => {
            if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
                path.pop();
            }
            let own = ident(other).filter(|word| word == "as").and_then(|_| ident(rest.get(1)));
            if let Some(name) = own.or_else(|| path.last().cloned()) {
                imports.entry(name).or_default().push(path);
            }
        }
    }
}

#[test]
fn circles_are_found_however_they_are_written() -> Result<()> {
    let of = |a: &str, b: &str| -> Result<Vec<String>> {
        let text = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let all = BTreeMap::from([
            text("x/src/lib.rs", "mod a; mod facade;"),
            text("x/src/facade.rs", "mod b; pub use self::b::{Item, Other as Renamed};"),
            text("x/src/a.rs", a),
            text("x/src/facade/b.rs", &format!("pub struct Item; pub struct Other; {b}")),
        ]);
        Ok(circles(&all, "x/src/lib.rs")?.iter().map(in_words).collect())
    };
    let back = "use crate::a::Thing;";
    for to in [
        "use crate::facade::Item;",
        "use crate::facade::{self, Renamed};",
        "use super::facade; fn f() -> facade::Item { facade::Item }",
        "fn f() { let _ = crate::facade::Item; }",
        "fn f() { assert!(matches!(1, super::facade::Item)); }",
        "mod inner { use super::super::facade::Item; }",
        "use crate::facade::*;",
    ] {
        let found = of(&format!("pub struct Thing; {to}"), back)?;
        // A glob leads to the file that it names, which uses the other one.
        assert_eq!(found.len(), 1, "{to}: {found:?}");
    }
    assert_eq!(
        of("pub struct Thing; use crate::facade::Item;", back)?,
        ["files that use each other in a circle; move what both need below both:\n    \
          x/src/a.rs uses `Item` of x/src/facade/b.rs\n    x/src/facade/b.rs uses `Thing` of x/src/a.rs"]
    );
    for to in [
        "// use crate::facade::Item;",
        "/// [`Item`](crate::facade::Item)\nfn f() {}",
        "#[cfg(test)] mod tests { use crate::facade::Item; }",
        "use ::facade::Item;",
        "const NAME: &str = \"crate::facade::Item\";",
        "use crate::facade;",
    ] {
        assert_eq!(of(&format!("pub struct Thing; {to}"), back)?, Vec::<String>::new(), "{to}");
    }
    Ok(())
}
