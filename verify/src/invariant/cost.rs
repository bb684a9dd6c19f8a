//! How long an expression may take, and how large what it makes: CEL always ends, but comprehensions in comprehensions end
//! late, and sums of sums of lists fill the memory before.

use std::collections::BTreeMap;

use cel::IdedExpr;
use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, LiteralValue};

/// The most bytes of an expression.
pub(super) const TEXT_MAX: usize = 4_096;
/// The most levels of an expression; CEL's evaluation and everything here goes down by recursion. A sum of many terms has a
/// level for each.
pub(super) const DEPTH_MAX: usize = 200;
/// The most steps of one rule for one name, over all classes and worlds: a few minutes.
pub(super) const STEPS_MAX: f64 = 1e9;
/// The most parts, members and bytes of text, that one value may have, unless what the rule is given has more.
const PARTS_MAX: f64 = 1e6;

/// The most parts that a value may have where every list that a rule is given has so many members: twice what is given, as
/// what goes through all answers may list them again.
pub(super) fn parts_max(members: f64) -> f64 {
    PARTS_MAX.max(2.0 * listed(members).parts())
}

/// How deep an expression is, or more than [`DEPTH_MAX`]; without recursion.
pub(super) fn depth(expression: &IdedExpr) -> usize {
    let (mut level, mut depth) = (vec![expression], 0_usize);
    while !level.is_empty() && depth <= DEPTH_MAX {
        depth = depth.saturating_add(1);
        level = level.into_iter().flat_map(below).collect();
    }
    depth
}

/// What stands directly below an expression.
fn below(expression: &IdedExpr) -> Vec<&IdedExpr> {
    match &expression.expr {
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::Comprehension(one) => {
            vec![&one.iter_range, &one.accu_init, &one.loop_cond, &one.loop_step, &one.result]
        }
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => map.entries.iter().flat_map(|one| entry(&one.expr)).collect(),
        Expr::Struct(fields) => fields.entries.iter().flat_map(|one| entry(&one.expr)).collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => Vec::new(),
    }
}

/// What stands in an entry of a map or a structure.
fn entry(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}

/// What an expression costs at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cost {
    /// About how many steps it takes.
    pub(super) steps: f64,
    /// How many parts the largest value has that it makes.
    pub(super) parts: f64,
}

/// What an expression costs at most where every list that it is given has so many members.
pub(super) fn cost(expression: &IdedExpr, members: f64) -> Cost {
    let mut bounds = Bounds { members, scopes: Vec::new(), cost: Cost { steps: 0.0, parts: 0.0 } };
    let (steps, _) = bounds.of(expression);
    Cost { steps, ..bounds.cost }
}

/// How large a value is at most.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Size {
    /// Its members, or bytes; 1 for a number.
    length: f64,
    /// The parts of its largest member, all below included.
    inside: f64,
    /// The length of the longest value inside.
    longest: f64,
}

impl Size {
    const ONE: Self = Self { length: 1.0, inside: 0.0, longest: 1.0 };

    fn parts(self) -> f64 {
        self.length * (1.0 + self.inside)
    }

    /// What is found in it, by an index, a field or a comprehension.
    fn member(self) -> Self {
        Self { length: self.longest, inside: self.inside, longest: self.longest }
    }

    /// Either of two.
    fn or(self, other: Self) -> Self {
        Self {
            length: self.length.max(other.length),
            inside: self.inside.max(other.inside),
            longest: self.longest.max(other.longest),
        }
    }

    /// A list of these.
    fn list(members: impl Iterator<Item = Self>) -> Self {
        members.fold(Self { length: 0.0, inside: 0.0, longest: 0.0 }, |list, member| Self {
            length: list.length + 1.0,
            inside: list.inside.max(member.parts()),
            longest: list.longest.max(member.length).max(member.longest),
        })
    }
}

struct Bounds {
    members: f64,
    /// Variables of the comprehensions around, innermost last.
    scopes: Vec<BTreeMap<String, Size>>,
    cost: Cost,
}

impl Bounds {
    /// The steps of an expression, and the size of its value.
    fn of(&mut self, expression: &IdedExpr) -> (f64, Size) {
        let (steps, size) = match &expression.expr {
            Expr::Call(call) => {
                let arguments: Vec<(f64, Size)> =
                    call.target.as_deref().into_iter().chain(&call.args).map(|one| self.of(one)).collect();
                let steps = arguments.iter().map(|(steps, _)| steps).sum();
                (steps, called(&call.func_name, arguments.iter().map(|(_, size)| *size)))
            }
            Expr::Comprehension(one) => self.comprehension(one),
            Expr::List(list) => {
                let members: Vec<(f64, Size)> = list.elements.iter().map(|one| self.of(one)).collect();
                (members.iter().map(|(steps, _)| steps).sum(), Size::list(members.into_iter().map(|(_, size)| size)))
            }
            Expr::Map(_) | Expr::Struct(_) => {
                let members: Vec<(f64, Size)> = below(expression).into_iter().map(|one| self.of(one)).collect();
                (members.iter().map(|(steps, _)| steps).sum(), Size::list(members.into_iter().map(|(_, size)| size)))
            }
            Expr::Select(select) => {
                let (steps, size) = self.of(&select.operand);
                (steps, size.member())
            }
            Expr::Ident(name) => (0.0, self.variable(name)),
            Expr::Literal(LiteralValue::String(text)) => (0.0, text_of(text.inner().len())),
            Expr::Literal(LiteralValue::Bytes(bytes)) => (0.0, text_of(bytes.inner().len())),
            Expr::Literal(_) | Expr::Unspecified => (0.0, Size::ONE),
        };
        self.cost.parts = self.cost.parts.max(size.parts());
        (1.0 + steps, size)
    }

    /// A comprehension appends to its result or takes another in its place: it grows by the same in every round.
    fn comprehension(&mut self, one: &ComprehensionExpr) -> (f64, Size) {
        let (range_steps, range) = self.of(&one.iter_range);
        let (start_steps, start) = self.of(&one.accu_init);
        let rounds = range.length;
        let member = if one.iter_var2.is_some() { range.member().or(Size::ONE) } else { range.member() };
        let mut scope = BTreeMap::from([(one.iter_var.clone(), member)]);
        scope.extend(one.iter_var2.iter().map(|second| (second.clone(), member)));
        scope.insert(one.accu_var.clone(), start);
        self.scopes.push(scope);
        let (condition, _) = self.of(&one.loop_cond);
        let (step, first) = self.of(&one.loop_step);
        let grown = Size { length: start.length + rounds * (first.length - start.length).max(0.0), ..first.or(start) };
        self.cost.parts = self.cost.parts.max(grown.parts());
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(one.accu_var.clone(), grown);
        }
        let (result_steps, result) = self.of(&one.result);
        self.scopes.pop();
        (range_steps + start_steps + result_steps + (condition + step) * rounds.max(1.0), result)
    }

    fn variable(&self, name: &str) -> Size {
        if let Some(size) = self.scopes.iter().rev().find_map(|scope| scope.get(name)) {
            return *size;
        }
        match name {
            // Objects of a few fields, the longest of which lists values.
            "answers" | "endpoints" => listed(self.members),
            "down" => Size { length: self.members, inside: 256.0, longest: 1.0 },
            "client" => Size { length: 4.0, inside: 64.0, longest: 1.0 },
            "name" => text_of(256),
            _ => Size::ONE,
        }
    }
}

/// The answers or endpoints of a name that has so many.
fn listed(members: f64) -> Size {
    Size { length: members, inside: 512.0 + 64.0 * members, longest: members }
}

/// A text of so many bytes.
fn text_of(bytes: usize) -> Size {
    Size { length: (bytes as f64).max(1.0), inside: 0.0, longest: 1.0 }
}

/// The size of what a function returns.
fn called(function: &str, mut arguments: impl Iterator<Item = Size>) -> Size {
    match function {
        "_+_" => {
            let all: Vec<Size> = arguments.collect();
            let length = all.iter().map(|size| size.length).sum();
            Size { length, ..all.into_iter().fold(Size::ONE, Size::or) }
        }
        "_?_:_" => arguments.skip(1).fold(Size::ONE, Size::or),
        "_[_]" | "_[?_]" | "_?._" => arguments.next().map_or(Size::ONE, Size::member),
        "_&&_"
        | "_||_"
        | "!_"
        | "_-_"
        | "_*_"
        | "_/_"
        | "_%_"
        | "_==_"
        | "_!=_"
        | "_>=_"
        | "_<=_"
        | "_>_"
        | "_<_"
        | "-_"
        | "@in"
        | "@not_strictly_false"
        | "size"
        | "contains"
        | "startsWith"
        | "endsWith"
        | "matches"
        | "int"
        | "uint"
        | "double"
        | "type" => Size::ONE,
        // The others return what they were given, or it in another form.
        _ => {
            let all: Vec<Size> = arguments.collect();
            let length = all.iter().map(|size| size.parts()).sum::<f64>() + 32.0;
            Size { length, ..all.into_iter().fold(Size::ONE, Size::or) }
        }
    }
}

#[cfg(test)]
mod tests {
    use cel::Program;

    use super::*;

    fn of(text: &str) -> Cost {
        cost(Program::compile(text).expect("an expression").expression(), 4.0)
    }

    #[test]
    fn sums_of_sums_are_as_large_as_what_they_make() {
        assert!(of("[1, 2, 3].map(b, b * 2).size() == 3").parts < 100.0);
        let mut text = "[[1]]".to_owned();
        for level in 1..=8 {
            text = format!("{text}.map(b, b + b + b + b + b + b + b + b)");
            let parts = of(&text).parts;
            assert!(parts >= 8_f64.powi(level), "{level}: {parts}");
        }
        // Strings grow as lists do, and what is gone through is as long as it was made.
        assert!(of("['aaaaaaaaaa'].map(a, a + a + a + a)").parts >= 40.0);
        assert!(of("([1, 2, 3, 4] + [5, 6, 7, 8]).map(a, [1, 2].map(b, a))").parts >= 16.0);
        assert!(of("(answers + answers + answers).all(a, true)").steps > 3.0 * of("answers.all(a, true)").steps / 2.0);
    }

    #[test]
    fn a_term_is_a_level() {
        let depth_of = |text: &str| depth(Program::compile(text).expect("an expression").expression());
        assert_eq!(depth_of("1"), 1);
        assert_eq!(depth_of("1 + 1 + 1"), 3);
        assert!(depth_of(&["1"; 300].join(" + ")) > DEPTH_MAX);
    }
}
