//! What is measured: pieces of work with a name, in groups that are measured side by side.

use std::hint::black_box;

use anyhow::Result;

use crate::figures::Budget;

/// A piece of work that can be repeated.
pub struct Case {
    /// Stable name, such as `resolve/weighted/10000`.
    pub id: String,
    /// The same for readers.
    pub what: String,
    /// How its time is shown.
    pub measure: Measure,
    /// What it may cost.
    pub budget: Option<Budget>,
    /// What stands in the way, should the budget not be kept.
    pub in_the_way: &'static str,
    /// How often to do it for a count of its instructions; 0 for not at all.
    pub count: u64,
    /// Does it so many times.
    pub run: Box<dyn FnMut(u64) -> Result<()>>,
}

/// How a time is shown.
#[derive(Debug, Clone, Copy)]
pub enum Measure {
    /// Time for each repetition.
    Time,
    /// Megabytes a second, of so many bytes each time.
    Throughput(usize),
    /// Time for each of so many parts of a repetition.
    TimeEach(u64),
}

impl Case {
    /// A piece of work that is shown as time, without a budget, and counted a thousand times.
    pub fn new(id: impl Into<String>, what: impl Into<String>, run: impl FnMut(u64) -> Result<()> + 'static) -> Self {
        Self {
            id: id.into(),
            what: what.into(),
            measure: Measure::Time,
            budget: None,
            in_the_way: "",
            count: 1000,
            run: Box::new(run),
        }
    }

    /// The same from something that is done once and cannot fail.
    pub fn each<T>(id: impl Into<String>, what: impl Into<String>, mut work: impl FnMut() -> T + 'static) -> Self {
        Self::new(id, what, move |times| {
            for _ in 0..times {
                black_box(work());
            }
            Ok(())
        })
    }

    /// The same for each of some items in turn.
    pub fn over<I: 'static, T>(
        id: impl Into<String>,
        what: impl Into<String>,
        items: Vec<I>,
        mut work: impl FnMut(&I) -> T + 'static,
    ) -> Self {
        Self::new(id, what, move |times| {
            for item in items.iter().cycle().take(usize::try_from(times).unwrap_or(usize::MAX)) {
                black_box(work(black_box(item)));
            }
            Ok(())
        })
    }

    /// Told so.
    #[must_use]
    pub fn measure(self, measure: Measure) -> Self {
        Self { measure, ..self }
    }

    /// Held to this; what stands in the way is named if it is not kept.
    #[must_use]
    pub fn budget(self, budget: Budget, in_the_way: &'static str) -> Self {
        Self { budget: Some(budget), in_the_way, ..self }
    }

    /// Counted so often.
    #[must_use]
    pub fn count(self, count: u64) -> Self {
        Self { count, ..self }
    }
}

/// Cases that are measured side by side, a sample of each in turn, and figures that need no clock.
#[derive(Default)]
pub struct Group {
    /// What repeats.
    pub cases: Vec<Case>,
    /// What is known at once, such as memory.
    pub facts: Vec<crate::figures::Row>,
}

/// How large the zones are, in record sets.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Of the three zones that everything is measured on.
    pub zones: [usize; 3],
    /// Of the zone that only loading and one changed check are measured on, if at all.
    pub huge: Option<usize>,
    /// Questions asked in turn.
    pub queries: usize,
}

impl Sizes {
    /// For figures.
    pub const FULL: Self = Self { zones: [100, 10_000, 100_000], huge: Some(1_000_000), queries: 1000 };
    /// To see that everything still runs.
    pub const SMOKE: Self = Self { zones: [50, 100, 200], huge: Some(400), queries: 5 };

    /// The zone that budgets for a single call speak of.
    #[must_use]
    pub fn middle(&self) -> usize {
        self.zones[1]
    }
}

/// 1234567 as `1,234,567`.
#[must_use]
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(["7", "300,000", "1,234,567"], [7, 300_000, 1_234_567].map(thousands)[..]);
    }
}
