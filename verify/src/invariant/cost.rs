//! How long an expression may take: CEL always ends, but comprehensions in comprehensions end late.

use cel::IdedExpr;
use cel::common::ast::{EntryExpr, Expr};

/// The most steps of one rule for one name, over all classes and worlds: a few minutes.
pub(super) const STEPS_MAX: f64 = 1e9;

/// About how many steps an expression takes at most where every list that it is given has so many members.
pub(super) fn steps(expression: &IdedExpr, members: f64) -> f64 {
    let of = |one: &IdedExpr| steps(one, members);
    let entry = |entry: &EntryExpr| match entry {
        EntryExpr::StructField(field) => of(&field.value),
        EntryExpr::MapEntry(entry) => of(&entry.key) + of(&entry.value),
    };
    1.0 + match &expression.expr {
        Expr::Call(call) => call.args.iter().chain(call.target.as_deref()).map(of).sum(),
        Expr::Comprehension(comprehension) => {
            let inside = of(&comprehension.loop_cond) + of(&comprehension.loop_step);
            let around = of(&comprehension.iter_range) + of(&comprehension.accu_init) + of(&comprehension.result);
            around + inside * literals(&comprehension.iter_range).max(members)
        }
        Expr::List(list) => list.elements.iter().map(of).sum(),
        Expr::Map(map) => map.entries.iter().map(|one| entry(&one.expr)).sum(),
        Expr::Struct(fields) => fields.entries.iter().map(|one| entry(&one.expr)).sum(),
        Expr::Select(select) => of(&select.operand),
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => 0.0,
    }
}

/// How many members are spelled out in what is gone through.
fn literals(range: &IdedExpr) -> f64 {
    match &range.expr {
        Expr::List(list) => list.elements.len() as f64 + list.elements.iter().map(literals).sum::<f64>(),
        Expr::Map(map) => map.entries.len() as f64,
        Expr::Call(call) => call.args.iter().chain(call.target.as_deref()).map(literals).sum(),
        Expr::Comprehension(inner) => literals(&inner.iter_range),
        _ => 0.0,
    }
}
