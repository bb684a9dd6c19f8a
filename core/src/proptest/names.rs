//! Domain names.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use ::proptest::strategy::{NewTree, Strategy};
use ::proptest::test_runner::TestRunner;

use super::dice::Dice;
use super::shrink::{Shrinking, Simplify, Tree, pieces};
use crate::model::Name;

/// Domain names of every shape that Route 53 takes: deep ones, long labels, escapes, wildcards, Punycode.
///
/// They shrink to fewer, shorter and plainer labels; the smallest is `a.`, below what [`Names::under`] says.
///
/// ```
/// use pointsman_core::model::Name;
/// use pointsman_core::proptest::names;
/// use proptest::prelude::*;
///
/// proptest!(|(name in names().under("example.com"))| {
///     let apex = Name::parse("example.com").unwrap();
///     prop_assert!(name.as_ref().is_within(apex.as_ref()));
///     prop_assert_eq!(Name::parse(&name.to_string()), Ok(name)); // what is printed can be read
/// });
/// ```
#[must_use]
pub fn names() -> Names {
    Names { under: String::new(), labels: 6, wildcards: true }
}

/// Strategy of [`names`].
#[derive(Debug, Clone)]
pub struct Names {
    under: String,
    labels: usize,
    wildcards: bool,
}

impl Names {
    /// Only names below this one; the default is the root.
    pub fn under(mut self, name: &str) -> Self {
        self.under = name.trim_end_matches('.').into();
        self
    }

    /// At most so many labels besides those of [`under`](Self::under), and at least one; the default is 6.
    pub fn max_labels(mut self, labels: usize) -> Self {
        self.labels = labels.max(1);
        self
    }

    /// Whether the first label may be `*`; the default is yes.
    pub fn wildcards(mut self, wildcards: bool) -> Self {
        self.wildcards = wildcards;
        self
    }
}

impl Strategy for Names {
    type Tree = Tree<Name>;
    type Value = Name;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut dice = Dice::new(runner)?;
        let count = dice.below(self.labels).saturating_add(1);
        let mut labels: Vec<Vec<u8>> = (0..count).map(|_| label(&mut dice)).collect();
        if let Some(first) = labels.first_mut().filter(|_| self.wildcards && dice.one_in(6)) {
            *first = vec![b'*'];
        }
        let mut draft = Draft { labels, under: self.under.clone() };
        // Long labels may add up to more than a name holds.
        while Name::parse(&draft.text()).is_err() && draft.labels.len() > 1 {
            draft.labels.pop();
        }
        Ok(Shrinking::tree(draft))
    }
}

fn label(dice: &mut Dice) -> Vec<u8> {
    const PLAIN: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-_";
    match dice.below(12) {
        0 => (0..63).filter_map(|_| dice.choose(PLAIN)).collect(),
        1 => (0..=dice.below(4)).map(|_| dice.below(256) as u8).collect(),
        2 => b"xn--bcher-kva".to_vec(),
        3 => b"_tcp".to_vec(),
        _ => (0..=dice.below(8)).filter_map(|_| dice.choose(PLAIN)).collect(),
    }
}

/// A name while it is made: its labels as bytes.
#[derive(Debug, Clone, PartialEq)]
struct Draft {
    labels: Vec<Vec<u8>>,
    under: String,
}

impl Draft {
    fn text(&self) -> String {
        let mut text = String::new();
        for label in &self.labels {
            for byte in label {
                match byte {
                    b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'*' => text.push(char::from(*byte)),
                    _ => text.push_str(&format!("\\{byte:03o}")),
                }
            }
            text.push('.');
        }
        text.push_str(&self.under);
        text
    }
}

enum Step {
    /// Leave labels out.
    Labels(core::ops::Range<usize>),
    /// The whole label is `a`.
    Plain(usize),
    /// Leave bytes of a label out.
    Bytes(usize, core::ops::Range<usize>),
    /// The byte is `a`.
    Byte(usize, usize),
}

impl Simplify for Draft {
    type Value = Name;
    type Step = Step;

    fn value(&self) -> Name {
        Name::parse(&self.text()).unwrap_or_else(|_| crate::model::NameRef::ROOT.to_name())
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = pieces(self.labels.len()).into_iter().map(Step::Labels).collect();
        for (at, label) in self.labels.iter().enumerate() {
            steps.push(Step::Plain(at));
            steps.extend(pieces(label.len()).into_iter().map(|piece| Step::Bytes(at, piece)));
            steps.extend((0..label.len()).map(|byte| Step::Byte(at, byte)));
        }
        steps
    }

    fn after(&self, step: &Step) -> Option<Self> {
        let mut draft = self.clone();
        match step {
            Step::Labels(piece) => {
                draft.labels.drain(piece.clone());
            }
            Step::Plain(at) => *draft.labels.get_mut(*at)? = vec![b'a'],
            Step::Bytes(at, piece) => {
                draft.labels.get_mut(*at)?.drain(piece.clone());
            }
            Step::Byte(at, byte) => *draft.labels.get_mut(*at)?.get_mut(*byte)? = b'a',
        }
        let valid = !draft.labels.is_empty() && draft.labels.iter().all(|label| !label.is_empty());
        (valid && Name::parse(&draft.text()).is_ok()).then_some(draft)
    }
}

/// Other spellings of a name that mean the same (1.1.2, 1.1.3): capitals, escapes, with and without the final dot.
///
/// They shrink to Route 53's own spelling.
///
/// ```
/// use pointsman_core::model::Name;
/// use pointsman_core::proptest::spellings;
/// use proptest::prelude::*;
///
/// let name = Name::parse("www.example.com").unwrap();
/// proptest!(|(text in spellings(&name))| {
///     prop_assert_eq!(&Name::parse(&text).unwrap(), &name);
/// });
/// ```
#[must_use]
pub fn spellings(name: &Name) -> Spellings {
    Spellings { name: name.clone() }
}

/// Strategy of [`spellings`].
#[derive(Debug, Clone)]
pub struct Spellings {
    name: Name,
}

impl Strategy for Spellings {
    type Tree = Tree<String>;
    type Value = String;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut dice = Dice::new(runner)?;
        let bytes = self.name.as_ref().labels().map(<[u8]>::len).sum::<usize>();
        let ways = (0..bytes).map(|_| dice.below(4) as u8).collect();
        Ok(Shrinking::tree(Spelling { name: self.name.clone(), ways, final_dot: dice.one_in(2) }))
    }
}

/// How each byte of a name is written: 1 as a capital, 2 as an escape, else plainly.
#[derive(Debug, Clone, PartialEq)]
struct Spelling {
    name: Name,
    ways: Vec<u8>,
    final_dot: bool,
}

impl Simplify for Spelling {
    type Value = String;
    type Step = core::ops::Range<usize>;

    fn value(&self) -> String {
        let mut ways = self.ways.iter();
        let mut text = String::new();
        for label in self.name.as_ref().labels() {
            for byte in label {
                let plain = matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'*');
                match ways.next() {
                    Some(1) if plain => text.push(char::from(byte.to_ascii_uppercase())),
                    Some(2) => text.push_str(&format!("\\{byte:03o}")),
                    _ if plain => text.push(char::from(*byte)),
                    _ => text.push_str(&format!("\\{byte:03o}")),
                }
            }
            text.push('.');
        }
        match text.len() {
            0 => ".".to_string(),
            _ if self.final_dot => text,
            _ => text.trim_end_matches('.').to_string(),
        }
    }

    fn steps(&self) -> Vec<Self::Step> {
        // One more than there are bytes: the final dot.
        let mut steps = pieces(self.ways.len());
        steps.push(self.ways.len()..self.ways.len().saturating_add(1));
        steps
    }

    fn after(&self, step: &Self::Step) -> Option<Self> {
        let mut spelling = self.clone();
        if step.start == self.ways.len() {
            spelling.final_dot = true;
        }
        spelling.ways.get_mut(step.clone()).unwrap_or_default().fill(0);
        Some(spelling)
    }
}
